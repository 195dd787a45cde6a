//! `AWS::Lambda`: the function and how it is invoked, by services, by a queue and by a deployment.

use super::{AnyRef, Describe, FieldValue, Fields, LogGroup, Queue, Ref, Role, attributes};
use crate::{
    choices::Architecture,
    contract::Handler,
    parameter::ParameterId,
    policy::Service,
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

impl Describe for Function {
    const IS_TAGGED: bool = true;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.function_name, 64))
    }

    fn purpose(&self) -> &'static str {
        self.description
    }

    fn fields(&self) -> Fields<'_> {
        let Self {
            handler,
            function_name,
            description,
            role,
            architecture,
            memory_size,
            timeout,
            s3_bucket,
            s3_key,
            environment,
            kms_key_arn,
            log_group,
            system_log_level,
        } = self;
        vec![
            ("handler", handler.name().into()),
            ("function_name", function_name.into()),
            ("description", (*description).into()),
            ("role", role.into()),
            ("architecture", architecture.as_str().into()),
            ("memory_size_mebibytes", memory_size.get().into()),
            ("timeout_seconds", timeout.seconds().get().into()),
            ("s3_bucket", (*s3_bucket).into()),
            ("s3_key", (*s3_key).into()),
            ("environment", FieldValue::pairs(environment)),
            ("kms_key_arn", kms_key_arn.into()),
            ("log_group", log_group.into()),
            ("system_log_level", system_log_level.as_str().into()),
        ]
    }
}

attributes! {
    Function {
        /// The function's ARN.
        arn: Arn,
        /// The function's name.
        name: Name,
    }
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

impl Describe for Permission {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        None
    }

    fn purpose(&self) -> &'static str {
        "Lets the API invoke the function"
    }

    fn fields(&self) -> Fields<'_> {
        let Self { function, service, source_arn } = self;
        vec![
            ("function", function.into()),
            ("service", service.principal().into()),
            ("source_arn", source_arn.into()),
        ]
    }
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

impl Describe for EventSourceMapping {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        None
    }

    fn purpose(&self) -> &'static str {
        "Feeds the queue to the function"
    }

    fn fields(&self) -> Fields<'_> {
        let Self { event_source, function, batch_size, maximum_concurrency } = self;
        vec![
            ("event_source", event_source.into()),
            ("function", function.into()),
            ("batch_size", (*batch_size).into()),
            ("maximum_concurrency", (*maximum_concurrency).into()),
        ]
    }
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

impl Describe for EventInvokeConfig {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        None
    }

    fn purpose(&self) -> &'static str {
        "How often a scheduled run is tried again"
    }

    fn fields(&self) -> Fields<'_> {
        let Self { function, maximum_event_age, maximum_retry_attempts } = self;
        vec![
            ("function", function.into()),
            ("maximum_event_age_seconds", maximum_event_age.get().into()),
            ("maximum_retry_attempts", (*maximum_retry_attempts).into()),
        ]
    }
}

/// A custom resource (`AWS::CloudFormation::CustomResource`): calls a function when it is created, when what it hands over changes, and when it is deleted; each call has to succeed
/// before anything goes on
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html>).
///
/// In `CloudFormation` it is a custom resource, in Terraform an `aws_lambda_invocation` with the lifecycle scope `CRUD`.
/// Neither has anything that would replace it: a replacement deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomResource {
    /// What `CloudFormation` calls its type after `Custom::`, in the events of a stack.
    pub type_name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// The function. Its name stays the same as long as the deployment does.
    pub function: Ref<Function>,
    /// How long `CloudFormation` waits for the function's answer: 1 s to 1 hour. Terraform waits for the function itself.
    pub service_timeout: Seconds,
    /// What the function is handed, by name. When one of these changes, it is called to update.
    pub properties: Vec<(&'static str, Text)>,
    /// What has to be there whenever the function is called, besides what the function itself refers to: it is made
    /// before this resource, and deleted after it.
    pub depends_on: Vec<AnyRef>,
}

impl Describe for CustomResource {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        None
    }

    fn purpose(&self) -> &'static str {
        self.description
    }

    fn fields(&self) -> Fields<'_> {
        let Self { type_name, description, function, service_timeout, properties, depends_on } = self;
        let depends_on = depends_on.iter().map(|link| FieldValue::Link(link.id()));
        vec![
            ("type_name", (*type_name).into()),
            ("description", (*description).into()),
            ("function", function.into()),
            ("service_timeout_seconds", service_timeout.get().into()),
            ("properties", FieldValue::pairs(properties)),
            ("depends_on", FieldValue::List(depends_on.collect())),
        ]
    }
}
