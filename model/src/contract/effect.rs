//! What a handler, or an instance, may do to the world outside, and the IAM statements that it takes.
//!
//! Roles are derived from lists of effects ([`super::Handler::effects`], [`InstanceEffect::ALL`]); nobody writes
//! a role by hand.
//!
//! ```
//! use jit_runners_model::contract::{Effect, Handler};
//!
//! let launching: Vec<_> =
//!     Handler::ALL.into_iter().filter(|handler| handler.effects().contains(&Effect::LaunchInstances)).collect();
//! assert_eq!(launching, [Handler::ScaleUp]);
//! ```

use std::collections::BTreeSet;

use super::{Handler, tag};
use crate::{
    policy::{Operator, Policy, PolicyCondition, Service, Statement},
    text,
    value::{Expr, Text},
};

/// What a handler may do. Calls to GitHub need no IAM permission beyond the key that signs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Writes to the function's own log group; metrics travel in the log.
    WriteLog,
    /// Reads the webhook secret.
    ReadWebhookSecret,
    /// Reads the GitHub App's private key.
    ReadPrivateKey,
    /// Sends a job to the scale-up queue.
    PublishJob,
    /// Receives jobs from the scale-up queue, through the event source mapping.
    ConsumeJob,
    /// Sends an event to the lifecycle queue.
    PublishEvent,
    /// Receives events from the lifecycle queue, through the event source mapping.
    ConsumeEvent,
    /// Reads items and indexes of the table.
    ReadLedger,
    /// Writes items of the table, each under a condition.
    WriteLedger,
    /// Launches instances that carry the deployment's tag, with the runner's role.
    LaunchInstances,
    /// Looks at images.
    DescribeImages,
    /// Looks at instances.
    DescribeInstances,
    /// Terminates instances that carry the deployment's tag.
    TerminateInstances,
    /// Makes sure that the account has EC2 Spot's own role.
    CreateSpotRole,
    /// Looks at the deployment's own stack, where CloudFormation deployed it.
    DescribeOwnStack,
}

/// What a runner's instance may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceEffect {
    /// Takes the one item whose key is the instance's own user id: one call reads and deletes it.
    TakeOwnConfiguration,
    /// Terminates the instance itself. It ends by shutting down, which takes no permission; this is for images on
    /// which shutting down only stops it.
    TerminateItself,
}

impl InstanceEffect {
    /// Everything that an instance may do.
    pub const ALL: &'static [Self] = &[Self::TakeOwnConfiguration, Self::TerminateItself];
}

/// The resources that handlers' effects are about, as ARNs.
#[derive(Debug, Clone)]
pub struct Targets {
    /// The secret that signs webhooks.
    pub webhook_secret: Text,
    /// The secret that holds the GitHub App's private key.
    pub private_key: Text,
    /// The scale-up queue.
    pub scale_up_queue: Text,
    /// The lifecycle queue.
    pub lifecycle_queue: Text,
    /// The table.
    pub table: Text,
    /// The runner's role.
    pub runner_role: Text,
    /// The runner's instance profile.
    pub runner_instance_profile: Text,
    /// The runners' security group.
    pub runner_security_group: Text,
    /// The VPC in which runners launch.
    pub vpc: Text,
    /// The customer-managed key, if there is one.
    pub kms_key: Option<Text>,
}

/// The policy of `handler`'s role; `log_group` is the ARN of the log group that is its own.
pub fn handler_policy(handler: Handler, log_group: &Text, targets: &Targets) -> Policy {
    let effects = handler.effects();
    let mut statements: Vec<_> =
        effects.iter().flat_map(|effect| handler_statements(*effect, log_group, targets)).collect();
    let services = effects.iter().filter_map(|effect| encrypting_service(*effect)).collect();
    statements.extend(targets.kms_key.as_ref().map(|key| use_key(key, &services)));
    Policy { statements }
}

/// The policy of the role that runners' instances have.
pub fn instance_policy(table: &Text, kms_key: Option<&Text>) -> Policy {
    let mut statements: Vec<_> = InstanceEffect::ALL
        .iter()
        .map(|effect| match effect {
            InstanceEffect::TakeOwnConfiguration => take_own_configuration(table),
            InstanceEffect::TerminateItself => terminate_itself(),
        })
        .collect();
    statements.extend(kms_key.map(|key| use_key(key, &["dynamodb"].into())));
    Policy { statements }
}

/// An ARN of a resource in this account and region.
pub fn arn(service: &'static str, resource: &Text) -> Text {
    text!["arn:", Expr::Partition, ":", service, ":", Expr::Region, ":", Expr::AccountId, ":"].join(resource)
}

fn handler_statements(effect: Effect, log_group: &Text, targets: &Targets) -> Vec<Statement> {
    match effect {
        Effect::WriteLog => vec![allow(
            "WriteLog",
            "write its own log",
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            &log_group.clone().then(":*"),
        )],
        Effect::ReadWebhookSecret => vec![allow(
            "ReadWebhookSecret",
            "verify the signature of each webhook",
            &["secretsmanager:GetSecretValue"],
            &targets.webhook_secret,
        )],
        Effect::ReadPrivateKey => vec![allow(
            "ReadPrivateKey",
            "sign in to GitHub as the App",
            &["secretsmanager:GetSecretValue"],
            &targets.private_key,
        )],
        Effect::PublishJob => {
            vec![allow("PublishJob", "hand a job to scale-up", &["sqs:SendMessage"], &targets.scale_up_queue)]
        }
        Effect::ConsumeJob => vec![allow("ConsumeJob", "receive jobs", CONSUME, &targets.scale_up_queue)],
        Effect::PublishEvent => vec![allow(
            "PublishEvent",
            "hand a job's event to lifecycle",
            &["sqs:SendMessage"],
            &targets.lifecycle_queue,
        )],
        Effect::ConsumeEvent => {
            vec![allow(
                "ConsumeEvent",
                "receive events of jobs and instances",
                CONSUME,
                &targets.lifecycle_queue,
            )]
        }
        Effect::ReadLedger => vec![
            allow("ReadItems", "read jobs and runners", &["dynamodb:GetItem"], &targets.table),
            allow(
                "QueryOpenItems",
                "count demand and supply, find what is overdue",
                &["dynamodb:Query"],
                &targets.table.clone().then("/index/*"),
            ),
        ],
        Effect::WriteLedger => vec![allow(
            "WriteItems",
            "move jobs and runners forward, under conditions",
            &["dynamodb:PutItem"],
            &targets.table,
        )],
        Effect::LaunchInstances => launch(targets),
        Effect::DescribeImages => vec![allow(
            "DescribeImages",
            "find out the architecture of an image; the action has no resource-level permissions",
            &["ec2:DescribeImages"],
            &Text::literal("*"),
        )],
        Effect::DescribeInstances => vec![allow(
            "DescribeInstances",
            "find instances that ended unnoticed or have no owner, and why one ended; the action has no resource-level permissions",
            &["ec2:DescribeInstances"],
            &Text::literal("*"),
        )],
        Effect::TerminateInstances => vec![terminate_instances()],
        Effect::CreateSpotRole => vec![create_spot_role()],
        // Of several stacks that had the name one after the other, a request names its own by an id in the ARN.
        Effect::DescribeOwnStack => vec![allow(
            "DescribeOwnStack",
            "tell the removal of this deployment from an update that is rolled back, which ends no instance",
            &["cloudformation:DescribeStacks"],
            &arn("cloudformation", &text!["stack/", Expr::DeploymentName, "/*"]),
        )],
    }
}

fn create_spot_role() -> Statement {
    Statement {
        conditions: vec![PolicyCondition::new(
            Operator::StringEquals,
            "iam:AWSServiceName",
            Service::Ec2Spot.principal(),
        )],
        ..allow(
            "CreateSpotRole",
            "create the service-linked role that spot launches need, once for the account",
            &["iam:CreateServiceLinkedRole"],
            &text![
                "arn:",
                Expr::Partition,
                ":iam::",
                Expr::AccountId,
                ":role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot",
            ],
        )
    }
}

fn terminate_instances() -> Statement {
    Statement {
        conditions: vec![PolicyCondition::new(
            Operator::StringEquals,
            format!("ec2:ResourceTag/{}", tag::DEPLOYMENT),
            Expr::DeploymentName,
        )],
        ..allow(
            "TerminateRunners",
            "end instances of this deployment, and no others",
            &["ec2:TerminateInstances"],
            &arn("ec2", &Text::literal("instance/*")),
        )
    }
}

/// A job can use its runner's role, so the role must not reach other runners.
fn terminate_itself() -> Statement {
    let mut statement = terminate_instances();
    statement.sid = "TerminateItself";
    statement.reason = "end this instance, and no other";
    // The caller is the instance that is to be ended. The id is a policy variable: IAM fills it in for each request.
    statement.conditions.push(PolicyCondition::new(
        Operator::ArnEquals,
        "ec2:SourceInstanceARN",
        arn("ec2", &Text::literal("instance/${ec2:InstanceID}")),
    ));
    statement
}

fn take_own_configuration(table: &Text) -> Statement {
    Statement {
        // A policy variable: IAM fills it in for each request.
        conditions: vec![PolicyCondition::new(
            Operator::ForAllValuesStringEquals,
            "dynamodb:LeadingKeys",
            "${aws:userid}",
        )],
        ..allow(
            "TakeOwnConfiguration",
            "read and delete the one item under this instance's user id",
            &["dynamodb:DeleteItem"],
            table,
        )
    }
}

/// What an event source mapping asks of the function's role
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>).
const CONSUME: &[&str] = &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/// `RunInstances` is authorised on each resource that it touches
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances>).
fn launch(targets: &Targets) -> Vec<Statement> {
    let ec2 = |resource: &'static str| arn("ec2", &Text::literal(resource));
    vec![
        Statement {
            conditions: vec![
                PolicyCondition::new(
                    Operator::StringEquals,
                    format!("aws:RequestTag/{}", tag::DEPLOYMENT),
                    Expr::DeploymentName,
                ),
                PolicyCondition::new(Operator::StringEquals, "ec2:MetadataHttpTokens", "required"),
                PolicyCondition::new(
                    Operator::ArnEquals,
                    "ec2:InstanceProfile",
                    targets.runner_instance_profile.clone(),
                ),
            ],
            ..allow(
                "LaunchRunners",
                "launch instances with our tag, the runner's role and IMDSv2 only",
                &["ec2:RunInstances"],
                &ec2("instance/*"),
            )
        },
        Statement {
            resources: vec![
                ec2("subnet/*"),
                ec2("network-interface/*"),
                targets.runner_security_group.clone(),
            ],
            conditions: vec![PolicyCondition::new(Operator::ArnEquals, "ec2:Vpc", targets.vpc.clone())],
            ..allow(
                "LaunchInVpc",
                "launch in its VPC only, behind its security group",
                &["ec2:RunInstances"],
                &Text::new(),
            )
        },
        Statement {
            resources: vec![
                ec2("volume/*"),
                ec2("spot-instances-request/*"),
                // The ARN of an image has no account: Amazon's own images belong to none.
                text!["arn:", Expr::Partition, ":ec2:", Expr::Region, "::image/*"],
            ],
            ..allow(
                "LaunchFromImage",
                "launch from any image, on spot or on demand",
                &["ec2:RunInstances"],
                &Text::new(),
            )
        },
        Statement {
            resources: vec![
                ec2("instance/*"),
                ec2("volume/*"),
                ec2("network-interface/*"),
                ec2("spot-instances-request/*"),
            ],
            conditions: vec![PolicyCondition::new(
                Operator::StringEquals,
                "ec2:CreateAction",
                "RunInstances",
            )],
            ..allow(
                "TagOnLaunch",
                "tag what a launch creates, and nothing that exists",
                &["ec2:CreateTags"],
                &Text::new(),
            )
        },
        Statement {
            conditions: vec![PolicyCondition::new(
                Operator::StringEquals,
                "iam:PassedToService",
                Service::Ec2.principal(),
            )],
            ..allow(
                "PassRunnerRole",
                "give an instance the runner's role",
                &["iam:PassRole"],
                &targets.runner_role,
            )
        },
    ]
}

/// The service through which an effect reaches data that a customer-managed key encrypts.
const fn encrypting_service(effect: Effect) -> Option<&'static str> {
    match effect {
        Effect::ReadWebhookSecret | Effect::ReadPrivateKey => Some("secretsmanager"),
        Effect::PublishJob | Effect::ConsumeJob | Effect::PublishEvent | Effect::ConsumeEvent => Some("sqs"),
        Effect::ReadLedger | Effect::WriteLedger => Some("dynamodb"),
        // Every function logs, and Lambda decrypts each function's environment in the name of its role.
        Effect::WriteLog => Some("lambda"),
        Effect::LaunchInstances
        | Effect::DescribeImages
        | Effect::DescribeInstances
        | Effect::TerminateInstances
        | Effect::CreateSpotRole
        | Effect::DescribeOwnStack => None,
    }
}

fn use_key(key: &Text, services: &BTreeSet<&'static str>) -> Statement {
    Statement {
        conditions: vec![PolicyCondition {
            operator: Operator::StringEquals,
            key: "kms:ViaService".to_owned(),
            values: services
                .iter()
                .map(|service| text![*service, ".", Expr::Region, ".amazonaws.com"])
                .collect(),
        }],
        ..allow(
            "UseKey",
            "read and write what the customer-managed key encrypts, through the services that hold it",
            &["kms:Decrypt", "kms:GenerateDataKey"],
            key,
        )
    }
}

fn allow(sid: &'static str, reason: &'static str, actions: &[&'static str], resource: &Text) -> Statement {
    Statement {
        sid,
        reason,
        service: None,
        actions: actions.to_vec(),
        resources: vec![resource.clone()],
        conditions: Vec::new(),
    }
}
