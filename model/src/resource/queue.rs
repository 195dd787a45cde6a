//! `AWS::SQS::Queue` and its access policy.

use super::Encryption;
use crate::{policy::Policy, reference::Ref, unit::Seconds, value::Text};

/// A standard queue (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its name, at most 80 characters.
    pub queue_name: Text,
    /// How long a received message stays hidden: 0 to 12 hours.
    pub visibility_timeout: Seconds,
    /// How long a message is kept: 60 s to 14 days.
    pub message_retention_period: Seconds,
    /// How large a message may be, in bytes: 1,024 to 1,048,576. Stated, because the default of the service and that
    /// of the Terraform provider differ (<https://github.com/hashicorp/terraform-provider-aws/issues/43718>).
    pub maximum_message_size: u32,
    /// How long a receive waits for a message: 0 to 20 s.
    pub receive_message_wait_time: Seconds,
    /// Where a message goes that is received too often.
    pub redrive: Option<Redrive>,
    /// Which queues may use this one as their dead-letter queue: their ARNs.
    pub redrive_allow: Option<Vec<Text>>,
    /// How messages are encrypted at rest.
    pub encryption: Encryption,
}

/// The dead-letter rule of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// The dead-letter queue.
    pub dead_letter_target: Ref<Queue>,
    /// After so many receives: 1 to 1,000. A receive may be counted although nobody got the message, so 1 loses work.
    pub max_receive_count: u32,
}

/// Who else may use a queue (`AWS::SQS::QueuePolicy`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuePolicy {
    /// The queue.
    pub queue: Ref<Queue>,
    /// The policy; every statement names a service.
    pub policy: Policy,
}
