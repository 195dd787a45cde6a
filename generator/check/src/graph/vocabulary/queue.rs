//! `AWS::SQS`.

use super::{Field, Shape, field, flag, identity, number, tags, text, texts};

pub(super) const QUEUE: &[Field] = &[
    text("QueueName"),
    number("DelaySeconds"),
    number("VisibilityTimeout"),
    number("MessageRetentionPeriod"),
    number("MaximumMessageSize"),
    number("ReceiveMessageWaitTimeSeconds"),
    field(
        "RedrivePolicy",
        Shape::Document(&Shape::Object(&[text("deadLetterTargetArn"), number("maxReceiveCount")])),
    ),
    field(
        "RedriveAllowPolicy",
        Shape::Document(&Shape::Object(&[text("redrivePermission"), texts("sourceQueueArns")])),
    ),
    flag("SqsManagedSseEnabled"),
    text("KmsMasterKeyId"),
    number("KmsDataKeyReusePeriodSeconds"),
    flag("FifoQueue"),
    flag("ContentBasedDeduplication"),
    text("DeduplicationScope"),
    text("FifoThroughputLimit"),
    text("DeletionPolicy"),
    tags(),
];

/// One node for each queue: a template's `Queues` is taken apart.
pub(super) const QUEUE_POLICY: &[Field] =
    &[text("Queue"), field("PolicyDocument", identity::POLICY), text("DeletionPolicy")];
