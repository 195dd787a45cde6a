//! Schedules, and rules over EC2's events.

use jit_runners_model::resource::{EventPattern, EventRule, Schedule};

use crate::cloudformation::tree::{Map, Value};

pub(super) fn schedule(schedule: &Schedule) -> Map {
    let Schedule {
        name,
        description,
        // In the expression.
        rate_minutes: _,
        target,
        role,
        maximum_event_age,
        maximum_retry_attempts,
    } = schedule;
    let retry = Map::new()
        .with("MaximumEventAgeInSeconds", maximum_event_age.get())
        .with("MaximumRetryAttempts", *maximum_retry_attempts);
    Map::new()
        .with("Name", name)
        .with("Description", *description)
        .with("ScheduleExpression", schedule.expression())
        .with("FlexibleTimeWindow", Map::new().with("Mode", "OFF"))
        .with(
            "Target",
            Map::new().with("Arn", target.arn()).with("RoleArn", role.arn()).with("RetryPolicy", retry),
        )
}

pub(super) fn event_rule(rule: &EventRule) -> Map {
    let EventRule { name, description, pattern, target_id, target } = rule;
    Map::new()
        .with("Name", name)
        .with("Description", *description)
        .with("EventPattern", event_pattern(pattern))
        .with("Targets", Value::list([Map::new().with("Id", *target_id).with("Arn", target.arn())]))
}

fn event_pattern(pattern: &EventPattern) -> Map {
    let EventPattern { source, detail_type, detail } = pattern;
    Map::new()
        .with("source", Value::list([*source]))
        .with("detail-type", Value::list([*detail_type]))
        .with_some(
            "detail",
            detail.map(|(field, values)| Map::new().with(field, Value::list(values.iter().copied()))),
        )
}
