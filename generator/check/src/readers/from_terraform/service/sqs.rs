//! `aws_sqs_*`.

use super::super::argument::{
    Argument, Becomes, Companion, ResourceSchema, arn, as_is, id, name_prefix, property, provided, region,
    tags, tags_all, timeouts,
};
use crate::graph::{Kind, ResourceAttribute};

/// The policy that a queue, a topic or a bucket states itself, before it becomes a node of its own.
pub(in crate::readers::from_terraform) const OWN_POLICY: &str = "policy";

pub(super) const TYPES: &[ResourceSchema] = &[
    ResourceSchema {
        name: "aws_sqs_queue",
        becomes: Becomes::Node(Kind::Queue),
        arguments: QUEUE,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_sqs_queue_policy",
        becomes: Becomes::Node(Kind::QueuePolicy),
        arguments: &[
            property("queue_url", "Queue"),
            property("policy", "PolicyDocument"),
            region(),
            // The queue's URL, for which there is a reference to the queue itself.
            provided("id"),
        ],
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_sqs_queue_redrive_policy",
        becomes: Becomes::Companion(Companion::QueueProperty),
        arguments: &[
            property("queue_url", "Queue"),
            property("redrive_policy", "RedrivePolicy"),
            region(),
            provided("id"),
        ],
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_sqs_queue_redrive_allow_policy",
        becomes: Becomes::Companion(Companion::QueueProperty),
        arguments: &[
            property("queue_url", "Queue"),
            property("redrive_allow_policy", "RedriveAllowPolicy"),
            region(),
            provided("id"),
        ],
        finish: as_is,
    },
];

const QUEUE: &[Argument] = &[
    property("name", "QueueName").or(ResourceAttribute::Name),
    name_prefix(),
    property("delay_seconds", "DelaySeconds"),
    property("visibility_timeout_seconds", "VisibilityTimeout"),
    property("message_retention_seconds", "MessageRetentionPeriod"),
    property("max_message_size", "MaximumMessageSize"),
    property("receive_wait_time_seconds", "ReceiveMessageWaitTimeSeconds"),
    property("redrive_policy", "RedrivePolicy"),
    property("redrive_allow_policy", "RedriveAllowPolicy"),
    property("policy", OWN_POLICY),
    property("sqs_managed_sse_enabled", "SqsManagedSseEnabled"),
    property("kms_master_key_id", "KmsMasterKeyId"),
    property("kms_data_key_reuse_period_seconds", "KmsDataKeyReusePeriodSeconds"),
    property("fifo_queue", "FifoQueue"),
    property("content_based_deduplication", "ContentBasedDeduplication"),
    property("deduplication_scope", "DeduplicationScope"),
    property("fifo_throughput_limit", "FifoThroughputLimit"),
    tags(),
    tags_all(),
    region(),
    timeouts(),
    arn(),
    id(ResourceAttribute::Url),
    provided("url").or(ResourceAttribute::Url),
];
