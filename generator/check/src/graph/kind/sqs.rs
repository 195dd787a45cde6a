//! `AWS::SQS`.

use super::{Arn, ArnPart, ArnScope, Facts, Name, Shape, field, flag, iam, number, tags, text, texts};
use crate::graph::ResourceAttribute;

pub(super) const QUEUE: Facts = Facts {
    cloudformation_type: "AWS::SQS::Queue",
    identity: &["QueueName"],
    reference: Some(ResourceAttribute::Url),
    attributes: &[
        ("Arn", ResourceAttribute::Arn),
        ("QueueName", ResourceAttribute::Name),
        ("QueueUrl", ResourceAttribute::Url),
    ],
    // The id is the URL.
    name: Some(Name { property: "QueueName", is_id: false }),
    arn: Some(Arn { service: "sqs", scope: ArnScope::Region, name: &[ArnPart::Property("QueueName")] }),
    attaches: false,
    off: &[],
    fields: &[
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
    ],
};

/// One node for each queue: a template's `Queues` is taken apart.
pub(super) const QUEUE_POLICY: Facts = Facts {
    cloudformation_type: "AWS::SQS::QueuePolicy",
    identity: &["Queue"],
    reference: None,
    attributes: &[],
    name: None,
    arn: None,
    attaches: true,
    off: &[],
    fields: &[text("Queue"), field("PolicyDocument", iam::POLICY), text("DeletionPolicy")],
};
