//! `aws_scheduler_schedule` and `aws_cloudwatch_event_rule`: schedules, and rules over EC2's events.

use hcl_edit::expr::Expression;
use jit_runners_model::resource::{Attribute, EventPattern, EventRule, Kind, ResourceId, Schedule};

use super::{Companion, Emit, Emitted, iam::role_policy};
use crate::terraform::{
    tree::{Contents, list, literal, object},
    value::{attribute_of, expression, jsonencode, text},
};

impl Emit for Schedule {
    const TYPE: &'static str = "aws_scheduler_schedule";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self {
            name,
            description,
            // Part of the expression.
            rate_minutes: _,
            target,
            role,
            maximum_event_age,
            maximum_retry_attempts,
        } = self;
        let contents = Contents::new()
            .set("name", text(name))
            .set_literal("description", description)
            .set("schedule_expression", literal(&self.expression()))
            .block("flexible_time_window", Contents::new().set_literal("mode", "OFF"))
            .block(
                "target",
                Contents::new()
                    .set("arn", expression(&target.arn()))
                    .set("role_arn", expression(&role.arn()))
                    .block(
                        "retry_policy",
                        Contents::new()
                            .set("maximum_event_age_in_seconds", maximum_event_age.get())
                            .set("maximum_retry_attempts", *maximum_retry_attempts),
                    ),
            );
        // The first run must find the policy in place.
        Emitted { depends_on: vec![role_policy(role)], ..contents.into() }
    }
}

impl Emit for EventRule {
    const TYPE: &'static str = "aws_cloudwatch_event_rule";
    const COMPANION: Option<Companion> =
        Some(Companion { block_type: "aws_cloudwatch_event_target", purpose: "Where the rule's events go" });

    fn emit(&self, id: ResourceId) -> Emitted {
        let Self { name, description, pattern, target_id, target } = self;
        let contents = Contents::new()
            .set("name", text(name))
            .set_literal("description", description)
            .set("event_pattern", jsonencode(event_pattern(pattern)));
        let target = Contents::new()
            .set("rule", attribute_of(Kind::EventRule, id, Attribute::Name))
            .set_literal("target_id", target_id)
            .set("arn", expression(&target.arn()));
        Emitted { companion: Some(target), ..contents.into() }
    }
}

fn event_pattern(pattern: &EventPattern) -> Expression {
    let EventPattern { source, detail_type, detail } = pattern;
    let mut entries =
        vec![("source", list([literal(source)])), ("detail-type", list([literal(detail_type)]))];
    entries.extend(detail.map(|(field, values)| {
        ("detail", object([(field, list(values.iter().map(|value| literal(value))))]))
    }));
    object(entries)
}
