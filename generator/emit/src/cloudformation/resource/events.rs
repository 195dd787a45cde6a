//! `AWS::Scheduler` and `AWS::Events`: schedules, and rules over EC2's events.

use jit_runners_model::resource::{Attribute, EventPattern, EventRule, Schedule};

use super::{Attributes, Emit};
use crate::cloudformation::tree::{Map, Value};

impl Emit for Schedule {
    const TYPE: &'static str = "AWS::Scheduler::Schedule";

    fn properties(&self) -> Map {
        let Self {
            name,
            description,
            // In the expression.
            rate_minutes: _,
            target,
            role,
            maximum_event_age,
            maximum_retry_attempts,
        } = self;
        let retry = Map::new()
            .with("MaximumEventAgeInSeconds", maximum_event_age.get())
            .with("MaximumRetryAttempts", *maximum_retry_attempts);
        Map::new()
            .with("Name", name)
            .with("Description", *description)
            .with("ScheduleExpression", self.expression())
            .with("FlexibleTimeWindow", Map::new().with("Mode", "OFF"))
            .with(
                "Target",
                Map::new().with("Arn", target.arn()).with("RoleArn", role.arn()).with("RetryPolicy", retry),
            )
    }
}

impl Emit for EventRule {
    const TYPE: &'static str = "AWS::Events::Rule";
    const ATTRIBUTES: Attributes = &[(Attribute::Arn, "Arn")];

    fn properties(&self) -> Map {
        let Self { name, description, pattern, target_id, target } = self;
        Map::new()
            .with("Name", name)
            .with("Description", *description)
            .with("EventPattern", event_pattern(pattern))
            .with("Targets", Value::list([Map::new().with("Id", *target_id).with("Arn", target.arn())]))
    }
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
