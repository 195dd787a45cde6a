//! `AWS::Scheduler::Schedule` and `AWS::Events::Rule`: what happens without a webhook.

use super::{Describe, FieldValue, Fields, Function, Queue, Ref, Role, attributes};
use crate::{unit::Seconds, value::Text};

/// Invokes a function at a steady rate
/// (<https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its name, at most 64 characters.
    pub name: Text,
    /// What it is for.
    pub description: &'static str,
    /// Every so many minutes: one or more. The service knows no seconds.
    pub rate_minutes: u32,
    /// The function.
    pub target: Ref<Function>,
    /// The role that may invoke it.
    pub role: Ref<Role>,
    /// An invocation that could not be handed over for so long is dropped: 60 s to one day.
    pub maximum_event_age: Seconds,
    /// Tries to hand an invocation over, after the first one: 0 to 185.
    pub maximum_retry_attempts: u32,
}

impl Describe for Schedule {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.name, 64))
    }

    fn purpose(&self) -> &'static str {
        self.description
    }

    fn fields(&self) -> Fields<'_> {
        let Self { name, description, rate_minutes, target, role, maximum_event_age, maximum_retry_attempts } =
            self;
        vec![
            ("name", name.into()),
            ("description", (*description).into()),
            ("rate_minutes", (*rate_minutes).into()),
            ("target", target.into()),
            ("role", role.into()),
            ("maximum_event_age_seconds", maximum_event_age.get().into()),
            ("maximum_retry_attempts", (*maximum_retry_attempts).into()),
        ]
    }
}

impl Schedule {
    /// The rate as the service spells it.
    pub fn expression(&self) -> String {
        let unit = if self.rate_minutes == 1 { "minute" } else { "minutes" };
        format!("rate({} {unit})", self.rate_minutes)
    }
}

/// Sends events of the account's default bus to a queue
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRule {
    /// Its name, at most 64 characters.
    pub name: Text,
    /// What it is for.
    pub description: &'static str,
    /// Which events.
    pub pattern: EventPattern,
    /// The target's id within the rule.
    pub target_id: &'static str,
    /// Where they go.
    pub target: Ref<Queue>,
}

impl Describe for EventRule {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.name, 64))
    }

    fn purpose(&self) -> &'static str {
        self.description
    }

    fn fields(&self) -> Fields<'_> {
        let Self { name, description, pattern, target_id, target } = self;
        let EventPattern { source, detail_type, detail } = pattern;
        let detail =
            detail.map(|(field, values)| FieldValue::Object(vec![(field, FieldValue::list(values))]));
        let pattern = FieldValue::Object(vec![
            ("source", (*source).into()),
            ("detail_type", (*detail_type).into()),
            ("detail", detail.unwrap_or(FieldValue::Nothing)),
        ]);
        vec![
            ("name", name.into()),
            ("description", (*description).into()),
            ("pattern", pattern),
            ("target_id", (*target_id).into()),
            ("target", target.into()),
        ]
    }
}

attributes! {
    EventRule {
        /// The rule's ARN.
        arn: Arn,
    }
}

/// Events of one source and type, narrowed by their details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPattern {
    /// For example `aws.ec2`.
    pub source: &'static str,
    /// For example `EC2 Spot Instance Interruption Warning`.
    pub detail_type: &'static str,
    /// A field of the detail and its accepted values.
    pub detail: Option<(&'static str, &'static [&'static str])>,
}
