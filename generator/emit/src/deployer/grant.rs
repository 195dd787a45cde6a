//! What each kind of resource takes of whoever creates it, reads it, changes it and removes it.
//!
//! The actions are those of `CloudFormation`'s resource handlers, as far as the deployment uses what they are for, and those
//! that Terraform's provider calls besides. A test holds them against the schemas that ship with cfn-lint, and says of each
//! action that is left out why.

mod iam;
mod observability;
mod stack;

use jit_runners_model::{
    Choices, Deployment, Expr, Ref, Text,
    contract::{arn, tag},
    policy::{Operator, PolicyCondition, Statement},
    resource::{Function, Resource, SecurityGroup},
    text,
};

use super::PolicyArea;

/// A statement, and the policy that it belongs to.
type Grant = (PolicyArea, Statement);

/// Everything that the deployment takes, resource by resource.
pub(super) fn grants(deployment: &Deployment) -> Vec<Grant> {
    let choices = deployment.choices();
    let of_resources = deployment.resources().iter().flat_map(|node| of_resource(choices, &node.resource));
    of_resources.chain(key(choices)).chain(stack::grants(deployment)).collect()
}

fn of_resource(choices: &Choices, resource: &Resource) -> Vec<Grant> {
    match resource {
        Resource::Api(_) | Resource::Integration(_) | Resource::Route(_) => vec![apis()],
        Resource::Stage(_) => vec![apis(), observability::access_log()],
        Resource::Queue(queue) => vec![queues(arn("sqs", &queue.queue_name))],
        // An attribute of the queue, which has its own statement.
        Resource::QueuePolicy(_) => Vec::new(),
        Resource::Table(table) => vec![services(
            "Table",
            "the table, its backups and its expiry",
            TABLE,
            arn("dynamodb", &text!["table/"].join(&table.table_name)),
        )],
        Resource::Function(function) => function_and_package(function),
        Resource::Permission(permission) => vec![functions(
            "FunctionAccess",
            "who may invoke a function",
            &["lambda:AddPermission", "lambda:RemovePermission", "lambda:GetPolicy"],
            permission.function.arn().into(),
        )],
        Resource::EventSourceMapping(mapping) => event_sources(&mapping.function),
        Resource::EventInvokeConfig(config) => vec![functions(
            "FunctionRetries",
            "how often a scheduled run is tried again",
            &[
                "lambda:PutFunctionEventInvokeConfig",
                "lambda:UpdateFunctionEventInvokeConfig",
                "lambda:GetFunctionEventInvokeConfig",
                "lambda:DeleteFunctionEventInvokeConfig",
            ],
            config.function.arn().into(),
        )],
        Resource::Role(role) => iam::role(choices, role),
        Resource::InstanceProfile(profile) => vec![iam::instance_profile(profile)],
        Resource::SecurityGroup(group) => security_group(group),
        Resource::Schedule(schedule) => vec![functions(
            "Schedules",
            "the functions' clocks",
            &[
                "scheduler:CreateSchedule",
                "scheduler:GetSchedule",
                "scheduler:UpdateSchedule",
                "scheduler:DeleteSchedule",
            ],
            arn("scheduler", &text!["schedule/default/"].join(&schedule.name)),
        )],
        Resource::EventRule(rule) => {
            vec![functions(
                "Rules",
                "which of EC2's events are listened to",
                RULE,
                arn("events", &text!["rule/"].join(&rule.name)),
            )]
        }
        Resource::CustomResource(custom) => vec![call(&custom.function)],
        Resource::LogGroup(group) => observability::log_group(choices, group),
        Resource::MetricFilter(filter) => vec![observability::metric_filter(filter)],
        Resource::Alarm(alarm) => observability::alarm(alarm),
        Resource::Dashboard(dashboard) => vec![observability::dashboard(dashboard)],
    }
}

/// The ids in their addresses are only known once they are there.
fn apis() -> Grant {
    let at = |path: &'static str| text!["arn:", Expr::Partition, ":apigateway:", Expr::Region, "::", path];
    let statement = allow(
        "Apis",
        "the HTTP API with its route and its stage; their ids are not known before, so this is for all HTTP APIs",
        &[
            "apigateway:DELETE",
            "apigateway:GET",
            "apigateway:PATCH",
            "apigateway:POST",
            "apigateway:PUT",
            "apigateway:TagResource",
            "apigateway:UntagResource",
        ],
        at("/apis"),
    );
    (
        PolicyArea::Services,
        Statement { resources: vec![at("/apis"), at("/apis/*"), at("/tags/*")], ..statement },
    )
}

fn queues(queue: Text) -> Grant {
    services(
        "Queues",
        "the queues, and who may send to them",
        &[
            "sqs:CreateQueue",
            "sqs:GetQueueUrl",
            "sqs:GetQueueAttributes",
            "sqs:SetQueueAttributes",
            "sqs:DeleteQueue",
            "sqs:ListQueueTags",
            "sqs:TagQueue",
            "sqs:UntagQueue",
        ],
        queue,
    )
}

const TABLE: &[&str] = &[
    "dynamodb:CreateTable",
    "dynamodb:DescribeTable",
    "dynamodb:UpdateTable",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:UpdateTimeToLive",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:DescribeContributorInsights",
    "dynamodb:DescribeKinesisStreamingDestination",
    "dynamodb:GetResourcePolicy",
    "dynamodb:ListTagsOfResource",
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
];

fn function_and_package(function: &Function) -> Vec<Grant> {
    vec![
        functions(
            "Functions",
            "the functions: what they are, and what they run",
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
            arn("lambda", &text!["function:"].join(&function.function_name)),
        ),
        functions(
            "ReadPackages",
            "Lambda fetches the packages in the name of whoever deploys",
            &["s3:GetObject"],
            text!["arn:", Expr::Partition, ":s3:::", Expr::Parameter(function.s3_bucket), "/*"],
        ),
    ]
}

/// A mapping has an id that is only known once it is there; the function that it feeds is known before.
fn event_sources(function: &Ref<Function>) -> Vec<Grant> {
    let any = || arn("lambda", &text!["event-source-mapping:*"]);
    let of_function = |sid, reason, actions: &[&'static str], resource| {
        let condition = PolicyCondition::new(Operator::ArnEquals, "lambda:FunctionArn", function.arn());
        (
            PolicyArea::Functions,
            Statement { conditions: vec![condition], ..allow(sid, reason, actions, resource) },
        )
    };
    vec![
        of_function(
            "CreateEventSource",
            "have a queue feed a function; the action knows no resources",
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
            "CloudFormation tags what it makes, and Terraform reads tags; the ids are not known before",
            &["lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"],
            any(),
        ),
    ]
}

/// Terraform names the version that it calls
/// (<https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html>).
fn call(function: &Ref<Function>) -> Grant {
    let function = Text::from(function.arn());
    let statement = allow(
        "CallFunction",
        "have scale-down prepare the account for runners, and end them when the deployment is removed",
        &["lambda:InvokeFunction"],
        function.clone(),
    );
    let latest = function.clone().then(":$LATEST");
    (PolicyArea::Functions, Statement { resources: vec![function, latest], ..statement })
}

/// A group's id is only known once it is there; the VPC that it is in is known before.
fn security_group(group: &SecurityGroup) -> Vec<Grant> {
    let any_group = || arn("ec2", &text!["security-group/*"]);
    let vpc = || arn("ec2", &text!["vpc/", Expr::Parameter(group.vpc)]);
    let create = Statement {
        resources: vec![any_group(), vpc()],
        ..allow(
            "CreateSecurityGroup",
            "the runners' security group, in the deployment's VPC",
            &["ec2:CreateSecurityGroup"],
            Text::new(),
        )
    };
    let change = Statement {
        conditions: vec![PolicyCondition::new(Operator::ArnEquals, "ec2:Vpc", vpc())],
        ..allow(
            "ChangeSecurityGroup",
            "its rules, its tags, its end; for groups of this VPC only",
            &[
                "ec2:AuthorizeSecurityGroupEgress",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
                "ec2:DeleteSecurityGroup",
                "ec2:CreateTags",
            ],
            any_group(),
        )
    };
    let untag = Statement {
        conditions: vec![PolicyCondition::new(
            Operator::StringEquals,
            format!("ec2:ResourceTag/{}", tag::DEPLOYMENT),
            Expr::DeploymentName,
        )],
        ..allow(
            "UntagSecurityGroup",
            "take tags from it that are chosen no more",
            &["ec2:DeleteTags"],
            any_group(),
        )
    };
    let look = services(
        "LookAtNetwork",
        "find the group again, and what still uses it; these actions know no resources",
        &["ec2:DescribeSecurityGroups", "ec2:DescribeNetworkInterfaces", "ec2:DescribeInstances"],
        anything(),
    );
    vec![(PolicyArea::Services, create), (PolicyArea::Services, change), (PolicyArea::Services, untag), look]
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

/// Table and functions are encrypted in the name of whoever deploys them.
fn key(choices: &Choices) -> Option<Grant> {
    let key = choices.kms_key.as_ref()?;
    let through = |service: &'static str| text![service, ".", Expr::Region, ".amazonaws.com"];
    let statement = Statement {
        conditions: vec![PolicyCondition {
            operator: Operator::StringEquals,
            key: "kms:ViaService".to_owned(),
            values: vec![through("dynamodb"), through("lambda")],
        }],
        ..allow(
            "UseKey",
            "encrypt the table and the functions' environment with the key that is chosen",
            &[
                "kms:CreateGrant",
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:RevokeGrant",
            ],
            Text::literal(key.as_str()),
        )
    };
    Some((PolicyArea::Services, statement))
}

fn functions(sid: &'static str, reason: &'static str, actions: &[&'static str], resource: Text) -> Grant {
    (PolicyArea::Functions, allow(sid, reason, actions, resource))
}

fn services(sid: &'static str, reason: &'static str, actions: &[&'static str], resource: Text) -> Grant {
    (PolicyArea::Services, allow(sid, reason, actions, resource))
}

/// For actions that know no resources, or none by a name.
fn anything() -> Text {
    Text::literal("*")
}

fn allow(sid: &'static str, reason: &'static str, actions: &[&'static str], resource: Text) -> Statement {
    Statement {
        sid,
        reason,
        service: None,
        actions: actions.to_vec(),
        resources: vec![resource],
        conditions: Vec::new(),
    }
}
