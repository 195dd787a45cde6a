//! Queues and who else may use them.

use jit_runners_model::resource::{Encryption, Queue, QueuePolicy, Redrive};

use crate::cloudformation::{
    policy,
    tree::{Map, Value},
};

pub(super) fn queue(queue: &Queue) -> Map {
    let Queue {
        queue_name,
        visibility_timeout,
        message_retention_period,
        maximum_message_size,
        receive_message_wait_time,
        redrive,
        redrive_allow,
        encryption,
    } = queue;
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
                Map::new().with("redrivePermission", "byQueue").with("sourceQueueArns", Value::list(sources))
            }),
        )
        .join(match encryption {
            Encryption::ServiceOwned => Map::new().with("SqsManagedSseEnabled", true),
            Encryption::CustomerManaged(key) => Map::new().with("KmsMasterKeyId", key),
        })
}

fn redrive_policy(redrive: &Redrive) -> Map {
    let Redrive { dead_letter_target, max_receive_count } = redrive;
    Map::new()
        .with("deadLetterTargetArn", dead_letter_target.arn())
        .with("maxReceiveCount", *max_receive_count)
}

pub(super) fn queue_policy(queue_policy: &QueuePolicy) -> Map {
    let QueuePolicy { queue, policy } = queue_policy;
    Map::new().with("Queues", Value::list([*queue])).with("PolicyDocument", policy::document(policy))
}
