//! `aws_sqs_*`: queues and their policies.

use jit_runners_model::resource::{Attribute, Encryption, Queue, QueuePolicy, Redrive, ResourceId};

use super::{Emit, Emitted, Mocked, iam::policy_document};
use crate::terraform::{
    tree::{Contents, list, literal, object},
    value::{expression, jsonencode, text},
};

impl Emit for Queue {
    const TYPE: &'static str = "aws_sqs_queue";
    const NAME_IS_RELIED_ON: bool = true;
    const MOCKED: Mocked = &[
        (Attribute::Arn, "arn:aws:sqs:us-east-1:123456789012:mock"),
        (Attribute::Url, "https://sqs.us-east-1.amazonaws.com/123456789012/mock"),
    ];

    fn emit(&self, _: ResourceId) -> Emitted {
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
}

impl Emit for QueuePolicy {
    const TYPE: &'static str = "aws_sqs_queue_policy";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self { queue, policy } = self;
        Contents::new()
            .set("queue_url", expression(&queue.url()))
            .set("policy", policy_document(policy))
            .into()
    }
}
