//! `AWS::SNS`.

use super::{Arn, ArnPart, ArnScope, Facts, Name, Shape, field, flag, iam, number, tags, text};
use crate::graph::ResourceAttribute;

/// A template's `Subscription` is taken apart: each is a node of its own.
pub(super) const TOPIC: Facts = Facts {
    cloudformation_type: "AWS::SNS::Topic",
    identity: &["TopicName"],
    reference: Some(ResourceAttribute::Arn),
    attributes: &[("TopicArn", ResourceAttribute::Arn), ("TopicName", ResourceAttribute::Name)],
    // The id is the ARN.
    name: Some(Name { property: "TopicName", is_id: false }),
    arn: Some(Arn { service: "sns", scope: ArnScope::Region, name: &[ArnPart::Property("TopicName")] }),
    attaches: false,
    off: &[],
    fields: &[
        text("TopicName"),
        text("DisplayName"),
        flag("FifoTopic"),
        flag("ContentBasedDeduplication"),
        text("FifoThroughputScope"),
        text("KmsMasterKeyId"),
        text("SignatureVersion"),
        text("TracingConfig"),
        field("ArchivePolicy", Shape::Document(&Shape::Json)),
        field(
            "DeliveryStatusLogging",
            Shape::Keyed {
                key: "Protocol",
                value: None,
                item: &Shape::Object(&[
                    text("Protocol"),
                    text("SuccessFeedbackRoleArn"),
                    number("SuccessFeedbackSampleRate"),
                    text("FailureFeedbackRoleArn"),
                ]),
            },
        ),
        text("DeletionPolicy"),
        tags(),
    ],
};

pub(super) const SUBSCRIPTION: Facts = Facts {
    cloudformation_type: "AWS::SNS::Subscription",
    identity: &["TopicArn", "Protocol", "Endpoint"],
    reference: Some(ResourceAttribute::Arn),
    attributes: &[("Arn", ResourceAttribute::Arn)],
    name: None,
    // It ends in an id that the service makes.
    arn: None,
    attaches: true,
    off: &[],
    fields: &[
        text("TopicArn"),
        text("Protocol"),
        text("Endpoint"),
        flag("RawMessageDelivery"),
        // https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html: the language of event patterns
        field("FilterPolicy", Shape::Document(&Shape::Pattern)),
        text("FilterPolicyScope"),
        field("DeliveryPolicy", Shape::Document(&Shape::Json)),
        field("RedrivePolicy", Shape::Document(&Shape::Object(&[text("deadLetterTargetArn")]))),
        field("ReplayPolicy", Shape::Document(&Shape::Json)),
        text("SubscriptionRoleArn"),
        text("DeletionPolicy"),
    ],
};

/// One node for each topic: a template's `Topics` is taken apart.
pub(super) const TOPIC_POLICY: Facts = Facts {
    cloudformation_type: "AWS::SNS::TopicPolicy",
    identity: &["Topic"],
    reference: None,
    attributes: &[],
    name: None,
    arn: None,
    attaches: true,
    off: &[],
    fields: &[text("Topic"), field("PolicyDocument", iam::POLICY), text("DeletionPolicy")],
};
