//! `AWS::Scheduler` and `AWS::Events`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html>,
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html>).

use jit_runners_model::resource::{EventPattern, EventRule, Schedule};

use super::converter::{Converter, entries};
use crate::graph::{Held, Properties, ResourceAttribute};

impl Converter {
    pub(super) fn schedule(&self, schedule: &Schedule) -> Properties {
        let Schedule {
            name,
            description,
            rate_minutes,
            target,
            role,
            maximum_event_age,
            maximum_retry_attempts,
        } = schedule;
        // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
        let rate = match rate_minutes {
            1 => "rate(1 minute)".to_owned(),
            minutes => format!("rate({minutes} minutes)"),
        };
        let retries = self.map([
            ("MaximumEventAgeInSeconds", self.held(maximum_event_age.get())),
            ("MaximumRetryAttempts", self.held(*maximum_retry_attempts)),
        ]);
        entries([
            ("Name", self.text(name)),
            ("Description", self.held(*description)),
            ("ScheduleExpression", self.held(rate.as_str())),
            ("FlexibleTimeWindow", self.map([("Mode", self.held("OFF"))])),
            (
                "Target",
                self.map([
                    ("Arn", self.attribute(target, ResourceAttribute::Arn)),
                    ("RoleArn", self.attribute(role, ResourceAttribute::Arn)),
                    ("RetryPolicy", retries),
                ]),
            ),
            ("DependsOn", self.literals([role.id().logical_id])),
        ])
    }

    pub(super) fn event_rule(&self, rule: &EventRule) -> Properties {
        let EventRule { name, description, pattern, target_id, target } = rule;
        let target = self
            .map([("Id", self.held(*target_id)), ("Arn", self.attribute(target, ResourceAttribute::Arn))]);
        entries([
            ("Name", self.text(name)),
            ("Description", self.held(*description)),
            ("EventPattern", self.event_pattern(pattern)),
            ("Targets", self.list([target])),
        ])
    }

    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
    fn event_pattern(&self, pattern: &EventPattern) -> Held {
        let EventPattern { source, detail_type, detail } = pattern;
        let mut pattern =
            entries([("source", self.literals([*source])), ("detail-type", self.literals([*detail_type]))]);
        if let Some((field, accepted)) = detail {
            let accepted = self.literals(accepted.iter().copied());
            pattern.insert("detail".to_owned(), self.map([(*field, accepted)]));
        }
        self.held(pattern)
    }
}
