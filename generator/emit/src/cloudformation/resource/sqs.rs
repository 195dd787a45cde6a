//! `AWS::SQS`: queues, and who else may use them.

use jit_runners_model::resource::{Attribute, Encryption, Queue, QueuePolicy, Redrive};

use super::{Attributes, Emit, iam::policy_document};
use crate::cloudformation::tree::{Map, Value};

impl Emit for Queue {
    const TYPE: &'static str = "AWS::SQS::Queue";
    const ATTRIBUTES: Attributes = &[(Attribute::Arn, "Arn"), (Attribute::Name, "QueueName")];

    fn properties(&self) -> Map {
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
        Map::new()
            .with("QueueName", queue_name)
            .with("VisibilityTimeout", visibility_timeout.get())
            .with("MessageRetentionPeriod", message_retention_period.get())
            .with("MaximumMessageSize", *maximum_message_size)
            .with("ReceiveMessageWaitTimeSeconds", receive_message_wait_time.get())
            .with_some("RedrivePolicy", redrive.as_ref().map(redrive_policy))
            .with_some(
                "RedriveAllowPolicy",
                redrive_allow.as_ref().map(|sources| {
                    Map::new()
                        .with("redrivePermission", "byQueue")
                        .with("sourceQueueArns", Value::list(sources))
                }),
            )
            .join(match encryption {
                Encryption::ServiceOwned => Map::new().with("SqsManagedSseEnabled", true),
                Encryption::CustomerManaged(key) => Map::new().with("KmsMasterKeyId", key),
            })
    }
}

fn redrive_policy(redrive: &Redrive) -> Map {
    let Redrive { dead_letter_target, max_receive_count } = redrive;
    Map::new()
        .with("deadLetterTargetArn", dead_letter_target.arn())
        .with("maxReceiveCount", *max_receive_count)
}

impl Emit for QueuePolicy {
    const TYPE: &'static str = "AWS::SQS::QueuePolicy";

    fn properties(&self) -> Map {
        let Self { queue, policy } = self;
        Map::new().with("Queues", Value::list([*queue])).with("PolicyDocument", policy_document(policy))
    }
}
