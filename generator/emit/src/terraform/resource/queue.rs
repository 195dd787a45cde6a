//! Queues and their policies.

use jit_runners_model::resource::{Encryption, Queue, QueuePolicy, Redrive};

use super::Emitted;
use crate::terraform::{
    policy::document,
    tree::{Contents, list, literal, object},
    value::{expression, jsonencode, text},
};

pub(super) fn queue(queue: &Queue) -> Emitted {
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
    let contents = Contents::new()
        .set("name", text(queue_name))
        .set("visibility_timeout_seconds", visibility_timeout.get())
        .set("message_retention_seconds", message_retention_period.get())
        .set("max_message_size", *maximum_message_size)
        .set("receive_wait_time_seconds", receive_message_wait_time.get());
    let contents = match encryption {
        Encryption::ServiceOwned => contents.set("sqs_managed_sse_enabled", true),
        Encryption::CustomerManaged(key) => contents.set("kms_master_key_id", text(key)),
    };
    let redrive = redrive.as_ref().map(|Redrive { dead_letter_target, max_receive_count }| {
        jsonencode(object([
            ("deadLetterTargetArn", expression(&dead_letter_target.arn())),
            ("maxReceiveCount", (*max_receive_count).into()),
        ]))
    });
    let allow = redrive_allow.as_ref().map(|sources| {
        jsonencode(object([
            ("redrivePermission", literal("byQueue")),
            ("sourceQueueArns", list(sources.iter().map(text))),
        ]))
    });
    contents.set_some("redrive_policy", redrive).set_some("redrive_allow_policy", allow).into()
}

pub(super) fn queue_policy(policy: &QueuePolicy) -> Emitted {
    let QueuePolicy { queue, policy } = policy;
    Contents::new().set("queue_url", expression(&queue.url())).set("policy", document(policy)).into()
}
