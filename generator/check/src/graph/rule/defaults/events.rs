//! `EventBridge` and its Scheduler.

use super::{
    super::Rule,
    Default,
    Literal::{Number, Text},
    fill_in, service,
};
use crate::graph::{Graph, Kind};

pub(in super::super) const RULE: Rule = Rule {
    name: "defaults of EventBridge",
    says: "A schedule, or a rule, has what EventBridge gives it when nobody says.",
    source: SCHEDULE,
    apply,
};

const SCHEDULE: &str = "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html";
const SCHEDULE_RETRIES: &str =
    "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html";
const RULES: &str = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html";
const RULE_RETRIES: &str =
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html";

pub(super) const DEFAULTS: &[Default] = &[
    service(Kind::Schedule, "GroupName", Text("default"), SCHEDULE),
    service(Kind::Schedule, "ScheduleExpressionTimezone", Text("UTC"), SCHEDULE),
    service(Kind::Schedule, "State", Text("ENABLED"), SCHEDULE),
    service(Kind::Schedule, "ActionAfterCompletion", Text("NONE"), SCHEDULE),
    service(Kind::Schedule, "Target?.RetryPolicy.MaximumEventAgeInSeconds", Number(86_400), SCHEDULE_RETRIES),
    service(Kind::Schedule, "Target?.RetryPolicy.MaximumRetryAttempts", Number(185), SCHEDULE_RETRIES),
    service(Kind::EventRule, "EventBusName", Text("default"), RULES),
    service(Kind::EventRule, "State", Text("ENABLED"), RULES),
    service(Kind::EventRule, "Targets?.*.RetryPolicy.MaximumEventAgeInSeconds", Number(86_400), RULE_RETRIES),
    service(Kind::EventRule, "Targets?.*.RetryPolicy.MaximumRetryAttempts", Number(185), RULE_RETRIES),
];

fn apply(graph: &mut Graph) {
    fill_in(graph, DEFAULTS, RULE.name);
}
