//! `aws_sns_*`.

use super::{
    super::{
        argument::{
            Argument, Becomes, ResourceSchema, arn, as_is, id, ignored, name_prefix, outside, property,
            provided, read, region, tags, tags_all,
        },
        body::Body,
    },
    sqs::OWN_POLICY,
};
use crate::graph::{Held, Kind, Properties, ResourceAttribute, Symbol, Value};

pub(super) const TYPES: &[ResourceSchema] = &[
    ResourceSchema {
        name: "aws_sns_topic",
        becomes: Becomes::Node(Kind::Topic),
        arguments: TOPIC,
        finish: delivery_status,
    },
    ResourceSchema {
        name: "aws_sns_topic_policy",
        becomes: Becomes::Node(Kind::TopicPolicy),
        arguments: &[
            property("arn", "Topic"),
            property("policy", "PolicyDocument"),
            region(),
            // The topic's ARN, for which there is a reference to the topic itself.
            provided("id"),
            provided("owner").or_text(|_| Symbol::AccountId.into()),
        ],
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_sns_topic_subscription",
        becomes: Becomes::Node(Kind::Subscription),
        arguments: SUBSCRIPTION,
        finish: as_is,
    },
];

const TOPIC: &[Argument] = &[
    property("name", "TopicName").or(ResourceAttribute::Name),
    name_prefix(),
    property("display_name", "DisplayName"),
    property("fifo_topic", "FifoTopic"),
    property("content_based_deduplication", "ContentBasedDeduplication"),
    property("fifo_throughput_scope", "FifoThroughputScope"),
    property("kms_master_key_id", "KmsMasterKeyId"),
    property("signature_version", "SignatureVersion"),
    property("tracing_config", "TracingConfig"),
    property("archive_policy", "ArchivePolicy"),
    property("policy", OWN_POLICY),
    // `delivery_status` puts them together.
    read("application_success_feedback_role_arn", later),
    read("application_success_feedback_sample_rate", later),
    read("application_failure_feedback_role_arn", later),
    read("firehose_success_feedback_role_arn", later),
    read("firehose_success_feedback_sample_rate", later),
    read("firehose_failure_feedback_role_arn", later),
    read("http_success_feedback_role_arn", later),
    read("http_success_feedback_sample_rate", later),
    read("http_failure_feedback_role_arn", later),
    read("lambda_success_feedback_role_arn", later),
    read("lambda_success_feedback_sample_rate", later),
    read("lambda_failure_feedback_role_arn", later),
    read("sqs_success_feedback_role_arn", later),
    read("sqs_success_feedback_sample_rate", later),
    read("sqs_failure_feedback_role_arn", later),
    tags(),
    tags_all(),
    region(),
    arn(),
    id(ResourceAttribute::Arn),
    provided("owner").or_text(|_| Symbol::AccountId.into()),
    provided("beginning_archive_time"),
    // A template has no word for it.
    outside("delivery_policy"),
];

const HOW: &str = "how Terraform waits until somebody confirms";

const SUBSCRIPTION: &[Argument] = &[
    property("topic_arn", "TopicArn"),
    property("protocol", "Protocol"),
    property("endpoint", "Endpoint"),
    property("raw_message_delivery", "RawMessageDelivery"),
    property("filter_policy", "FilterPolicy"),
    property("filter_policy_scope", "FilterPolicyScope"),
    property("delivery_policy", "DeliveryPolicy"),
    property("redrive_policy", "RedrivePolicy"),
    property("replay_policy", "ReplayPolicy"),
    property("subscription_role_arn", "SubscriptionRoleArn"),
    ignored("confirmation_timeout_in_minutes", HOW),
    ignored("endpoint_auto_confirms", HOW),
    region(),
    arn(),
    id(ResourceAttribute::Arn),
    provided("owner_id").or_text(|_| Symbol::AccountId.into()),
    provided("confirmation_was_authenticated"),
    provided("pending_confirmation"),
];

/// How arguments about a protocol begin, and what a template calls it
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-sns-topic-loggingconfig.html>).
const PROTOCOLS: &[(&str, &str)] = &[
    ("application", "application"),
    ("firehose", "firehose"),
    ("http", "http/s"),
    ("lambda", "lambda"),
    ("sqs", "sqs"),
];
const FEEDBACK: &[(&str, &str)] = &[
    ("success_feedback_role_arn", "SuccessFeedbackRoleArn"),
    ("success_feedback_sample_rate", "SuccessFeedbackSampleRate"),
    ("failure_feedback_role_arn", "FailureFeedbackRoleArn"),
];

/// Read by `delivery_status`.
fn later(_: &mut Body<'_>, _: Held) {}

/// Three arguments for each protocol, of which a template makes an item of a list.
fn delivery_status(topic: &mut Body<'_>, arguments: &Properties) {
    for (start, protocol) in PROTOCOLS {
        let mut item = Properties::new();
        for (end, property) in FEEDBACK {
            let stated = arguments.get(&format!("{start}_{end}"));
            let stated = stated.filter(|held| held.value != Value::Absent);
            item.extend(stated.map(|held| ((*property).to_owned(), held.clone())));
        }
        let Some(place) = item.values().map(|held| held.place.clone()).min() else { continue };
        item.insert("Protocol".to_owned(), Held::new(*protocol, place.clone()));
        topic.push("DeliveryStatusLogging", Held::new(item, place));
    }
}
