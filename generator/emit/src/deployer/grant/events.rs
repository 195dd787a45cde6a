//! EventBridge: schedules and rules.

use jit_runners_model::{
    Choices,
    contract::arn,
    resource::{EventRule, Schedule},
    text,
};

use super::{Grant, Grants, functions};

impl Grants for Schedule {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![functions(
            "Schedules",
            "the schedules of the functions",
            &[
                "scheduler:CreateSchedule",
                "scheduler:GetSchedule",
                "scheduler:UpdateSchedule",
                "scheduler:DeleteSchedule",
            ],
            arn("scheduler", &text!["schedule/default/"].join(&self.name)),
        )]
    }
}

impl Grants for EventRule {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![functions(
            "Rules",
            "the rules for EC2's events",
            RULE,
            arn("events", &text!["rule/"].join(&self.name)),
        )]
    }
}

const RULE: &[&str] = &[
    "events:PutRule",
    "events:DescribeRule",
    "events:DeleteRule",
    "events:PutTargets",
    "events:ListTargetsByRule",
    "events:RemoveTargets",
    "events:ListTagsForResource",
    "events:TagResource",
    "events:UntagResource",
];
