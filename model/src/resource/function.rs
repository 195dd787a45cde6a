//! `AWS::Lambda::Function` and how it is reached: permission, event source mapping, asynchronous invocation.

use super::{Api, LogGroup, Queue, Role};
use crate::{
    choices::Architecture,
    contract::Handler,
    parameter::ParameterId,
    policy::Service,
    reference::Ref,
    unit::{Mebibytes, Seconds, Timeout},
    value::Text,
};

/// A function on `provided.al2023`: the zip holds an executable `bootstrap`
/// (<https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Which of the five it is.
    pub handler: Handler,
    /// Its name, at most 64 characters.
    pub function_name: Text,
    /// What it does, at most 256 characters.
    pub description: &'static str,
    /// Its role.
    pub role: Ref<Role>,
    /// What it is compiled for.
    pub architecture: Architecture,
    /// Its memory, and with it its share of a processor.
    pub memory_size: Mebibytes,
    /// When an invocation is cut off.
    pub timeout: Timeout,
    /// The bucket that holds its package.
    pub s3_bucket: ParameterId,
    /// The package's key in the bucket.
    pub s3_key: ParameterId,
    /// Its environment, sorted by name.
    pub environment: Vec<(&'static str, Text)>,
    /// The key that encrypts the environment, where it is not AWS's own.
    pub kms_key_arn: Option<Text>,
    /// Where it logs, as JSON.
    pub log_group: Ref<LogGroup>,
    /// What Lambda itself writes there.
    pub system_log_level: SystemLogLevel,
}

/// What Lambda writes to a function's log
/// (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemLogLevel {
    /// The start and the end of each invocation, with its duration and memory.
    Info,
    /// Invocations that failed or ran out of time.
    Warn,
}

impl SystemLogLevel {
    /// Lambda's name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
        }
    }
}

/// Lets a service invoke a function (`AWS::Lambda::Permission`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The function.
    pub function: Ref<Function>,
    /// The service.
    pub service: Service,
    /// On whose behalf the service calls.
    pub source_arn: Text,
}

/// Feeds a queue's messages to a function, with partial batch responses (`AWS::Lambda::EventSourceMapping`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSourceMapping {
    /// The queue.
    pub event_source: Ref<Queue>,
    /// The function.
    pub function: Ref<Function>,
    /// Messages in a batch, at most: 1 to 10 without a batching window.
    pub batch_size: u32,
    /// Invocations at the same time, at most: 2 to 1,000.
    pub maximum_concurrency: u32,
}

/// How often an asynchronous invocation is tried again (`AWS::Lambda::EventInvokeConfig`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventInvokeConfig {
    /// The function.
    pub function: Ref<Function>,
    /// An event older than this is dropped: 60 s to 6 hours.
    pub maximum_event_age: Seconds,
    /// Tries after the first one: 0 to 2.
    pub maximum_retry_attempts: u32,
}

/// An HTTP API's call of a function with payload format 2.0 (`AWS::ApiGatewayV2::Integration`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// The API.
    pub api: Ref<Api>,
    /// The function.
    pub function: Ref<Function>,
    /// When the caller is told that the function did not answer: 50 ms to 30 s.
    pub timeout: Seconds,
}
