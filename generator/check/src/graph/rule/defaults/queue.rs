//! SQS.

use super::{
    super::Rule,
    Default, Filling,
    Literal::{Flag, Number, Object, Text},
    When, fill_in, provider, service,
};
use crate::graph::{Graph, Kind, Node, Value};

pub(in super::super) const RULE: Rule = Rule {
    name: "defaults of SQS",
    says: "A queue has what SQS, or the Terraform provider, gives it when nobody says.",
    source: SERVICE,
    apply,
};

const SERVICE: &str =
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html";
/// Its own default, sent to the service, is the one that the service had until August 2025
/// (<https://aws.amazon.com/about-aws/whats-new/2025/08/amazon-sqs-max-payload-size-1mib/>).
const PROVIDER: &str = "https://github.com/hashicorp/terraform-provider-aws/pull/43718";
const API: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html";

pub(super) const DEFAULTS: &[Default] = &[
    service(Kind::Queue, "DelaySeconds", Number(0), SERVICE),
    service(Kind::Queue, "VisibilityTimeout", Number(30), SERVICE),
    service(Kind::Queue, "MessageRetentionPeriod", Number(345_600), SERVICE),
    provider(Kind::Queue, "MaximumMessageSize", Number(262_144), PROVIDER),
    service(Kind::Queue, "MaximumMessageSize", Number(1_048_576), API),
    service(Kind::Queue, "ReceiveMessageWaitTimeSeconds", Number(0), SERVICE),
    service(Kind::Queue, "FifoQueue", Flag(false), SERVICE),
    service(Kind::Queue, "ContentBasedDeduplication", Flag(false), SERVICE),
    service(Kind::Queue, "RedriveAllowPolicy", Object("redrivePermission", "allowAll"), API),
    service(Kind::Queue, "DeduplicationScope", Text("queue"), API).when(When::IsTrue("FifoQueue")),
    service(Kind::Queue, "FifoThroughputLimit", Text("perQueue"), API).when(When::IsTrue("FifoQueue")),
];

fn apply(graph: &mut Graph) {
    fill_in(graph, DEFAULTS, RULE.name);
    for node in graph.resources_of(Kind::Queue) {
        encryption(node);
    }
}

/// SQS encrypts with a key of its own where there is no other, and keeps a data key of another for five minutes
/// ([`SERVICE`]).
fn encryption(queue: &mut Node<Kind>) {
    let filling = Filling { place: &queue.place, rule: RULE.name };
    let key = queue.properties.get("KmsMasterKeyId").map_or(Value::Absent, |key| key.value.clone());
    let by_key = |with: Value, without: Value| {
        let mut held = filling.held(key.clone());
        held.each_alternative(&mut |held| {
            held.value = if held.value == Value::Absent { without.clone() } else { with.clone() };
        });
        held
    };
    let (managed, reuse) = (by_key(false.into(), true.into()), by_key(300_u32.into(), Value::Absent));
    filling.fill(&mut queue.properties, &["SqsManagedSseEnabled"], &managed);
    if reuse.value != Value::Absent {
        filling.fill(&mut queue.properties, &["KmsDataKeyReusePeriodSeconds"], &reuse);
    }
}
