//! `functions.json`: Lambda's functions and how they are invoked, and EventBridge's schedules and rules.

use jit_runners_model::{
    Choices, Expr, Text,
    contract::arn,
    policy::{Operator, PolicyCondition, Statement},
    resource::{
        CustomResource, EventInvokeConfig, EventRule, EventSourceMapping, Function, Permission, Schedule,
    },
    text,
};

use super::{Grant, Grants, allow, anything};
use crate::deployer::PolicyArea;

impl Grants for Function {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![
            functions(
                "Functions",
                "create, configure, update and delete the functions",
                &[
                    "lambda:CreateFunction",
                    "lambda:GetFunction",
                    "lambda:GetFunctionConfiguration",
                    "lambda:UpdateFunctionCode",
                    "lambda:UpdateFunctionConfiguration",
                    "lambda:DeleteFunction",
                    "lambda:GetFunctionCodeSigningConfig",
                    "lambda:GetFunctionRecursionConfig",
                    "lambda:GetFunctionScalingConfig",
                    "lambda:GetRuntimeManagementConfig",
                    "lambda:ListVersionsByFunction",
                    "lambda:ListTags",
                    "lambda:TagResource",
                    "lambda:UntagResource",
                ],
                arn("lambda", &text!["function:"].join(&self.function_name)),
            ),
            functions(
                "ReadPackages",
                "Lambda fetches the packages with the deployer's permissions",
                &["s3:GetObject"],
                text!["arn:", Expr::Partition, ":s3:::", Expr::Parameter(self.s3_bucket), "/*"],
            ),
        ]
    }
}

impl Grants for Permission {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![functions(
            "FunctionAccess",
            "who may invoke a function",
            &["lambda:AddPermission", "lambda:RemovePermission", "lambda:GetPolicy"],
            self.function.arn().into(),
        )]
    }
}

/// A mapping has an id that is only known once it is there; the function that it feeds is known before.
impl Grants for EventSourceMapping {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        let any = || arn("lambda", &text!["event-source-mapping:*"]);
        let of_function = |sid, reason, actions: &[&'static str], resource| {
            let condition =
                PolicyCondition::new(Operator::ArnEquals, "lambda:FunctionArn", self.function.arn());
            (
                PolicyArea::Functions,
                Statement { conditions: vec![condition], ..allow(sid, reason, actions, resource) },
            )
        };
        vec![
            of_function(
                "CreateEventSource",
                "connect a queue to a function; the action has no resource-level permissions",
                &["lambda:CreateEventSourceMapping"],
                anything(),
            ),
            of_function(
                "EventSources",
                "which queue feeds which function",
                &[
                    "lambda:GetEventSourceMapping",
                    "lambda:UpdateEventSourceMapping",
                    "lambda:DeleteEventSourceMapping",
                ],
                any(),
            ),
            functions(
                "EventSourceTags",
                "CloudFormation tags what it creates, and Terraform reads tags; the ids are not known in advance",
                &["lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"],
                any(),
            ),
        ]
    }
}

impl Grants for EventInvokeConfig {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![functions(
            "FunctionRetries",
            "how often a scheduled run is tried again",
            &[
                "lambda:PutFunctionEventInvokeConfig",
                "lambda:UpdateFunctionEventInvokeConfig",
                "lambda:GetFunctionEventInvokeConfig",
                "lambda:DeleteFunctionEventInvokeConfig",
            ],
            self.function.arn().into(),
        )]
    }
}

/// Terraform names the version that it calls
/// (<https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html>).
impl Grants for CustomResource {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        let function = Text::from(self.function.arn());
        let statement = allow(
            "CallFunction",
            "have scale-down prepare the account for runners, and end them when the deployment is removed",
            &["lambda:InvokeFunction"],
            function.clone(),
        );
        let latest = function.clone().then(":$LATEST");
        vec![(PolicyArea::Functions, Statement { resources: vec![function, latest], ..statement })]
    }
}

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

fn functions(sid: &'static str, reason: &'static str, actions: &[&'static str], resource: Text) -> Grant {
    (PolicyArea::Functions, allow(sid, reason, actions, resource))
}
