//! `AWS::SQS::Queue` and its access policy.

use super::{Describe, Encryption, FieldValue, Fields, Ref, attributes};
use crate::{policy::Policy, unit::Seconds, value::Text};

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

impl Describe for Queue {
    const IS_TAGGED: bool = true;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.queue_name, 80))
    }

    fn purpose(&self) -> &'static str {
        if self.redrive.is_none() {
            "What could not be processed, for people to look at"
        } else {
            "Work that waits for its function"
        }
    }

    fn fields(&self) -> Fields<'_> {
        let Self {
            queue_name,
            visibility_timeout,
            message_retention_period,
            maximum_message_size,
            receive_message_wait_time,
            redrive,
            redrive_allow,
            encryption,
        } = self;
        let redrive = redrive.as_ref().map(|Redrive { dead_letter_target, max_receive_count }| {
            FieldValue::Object(vec![
                ("dead_letter_target", dead_letter_target.into()),
                ("max_receive_count", (*max_receive_count).into()),
            ])
        });
        vec![
            ("queue_name", queue_name.into()),
            ("visibility_timeout_seconds", visibility_timeout.get().into()),
            ("message_retention_period_seconds", message_retention_period.get().into()),
            ("maximum_message_size_bytes", (*maximum_message_size).into()),
            ("receive_message_wait_time_seconds", receive_message_wait_time.get().into()),
            ("redrive", redrive.unwrap_or(FieldValue::Nothing)),
            ("redrive_allow", redrive_allow.as_ref().map_or(FieldValue::Nothing, FieldValue::list)),
            ("encryption", encryption.into()),
        ]
    }
}

attributes! {
    Queue {
        /// The queue's ARN.
        arn: Arn,
        /// The queue's URL.
        url: Url,
        /// The queue's name.
        name: Name,
    }
}

/// The dead-letter rule of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// The dead-letter queue.
    pub dead_letter_target: Ref<Queue>,
    /// The number of receives after which a message goes there: 1 to 1,000. A receive may be counted although no function got
    /// the message, so 1 loses work.
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

impl Describe for QueuePolicy {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        None
    }

    fn purpose(&self) -> &'static str {
        "Who else may send to the queue"
    }

    fn fields(&self) -> Fields<'_> {
        let Self { queue, policy } = self;
        vec![("queue", queue.into()), ("policy", policy.into())]
    }
}
