//! `CloudWatch` and its logs.

use super::{
    super::Rule,
    Default,
    Literal::{Flag, SameAs, Text},
    When, fill_in, provider, service,
};
use crate::graph::{Graph, Kind};

pub(in super::super) const RULE: Rule = Rule {
    name: "defaults of CloudWatch",
    says: "An alarm, a log group or a metric filter has what CloudWatch gives it when nobody says.",
    source: ALARM,
    apply,
};

const ALARM: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html";
const QUERY: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html";
const QUERY_PROVIDER: &str = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/cloudwatch_metric_alarm.html.markdown";
const GROUP: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html";
const FILTER: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html";
const TRANSFORMATION: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html";

pub(super) const DEFAULTS: &[Default] = &[
    service(Kind::Alarm, "ActionsEnabled", Flag(true), ALARM),
    service(Kind::Alarm, "TreatMissingData", Text("missing"), ALARM),
    service(Kind::Alarm, "DatapointsToAlarm", SameAs("EvaluationPeriods"), ALARM),
    service(Kind::Alarm, "EvaluateLowSampleCountPercentile", Text("evaluate"), ALARM)
        .when(When::Stated("ExtendedStatistic")),
    provider(Kind::Alarm, "Metrics?.*.ReturnData", Flag(false), QUERY_PROVIDER),
    service(Kind::Alarm, "Metrics?.*.ReturnData", Flag(true), QUERY),
    service(Kind::LogGroup, "LogGroupClass", Text("STANDARD"), GROUP),
    service(Kind::LogGroup, "DeletionProtectionEnabled", Flag(false), GROUP),
    service(Kind::MetricFilter, "ApplyOnTransformedLogs", Flag(false), FILTER),
    // The provider sends it.
    service(Kind::MetricFilter, "MetricTransformations?.*.Unit", Text("None"), TRANSFORMATION),
];

fn apply(graph: &mut Graph) {
    fill_in(graph, DEFAULTS, RULE.name);
}
