//! `services.json`: what is beside the functions. API Gateway's API, SQS's queues, DynamoDB's table, EC2's security group, and
//! the key that encrypts them.

use jit_runners_model::{
    Choices, Expr, Text,
    contract::{arn, tag},
    policy::{Operator, PolicyCondition, Statement},
    resource::{Api, Integration, Queue, QueuePolicy, Route, SecurityGroup, Stage, Table},
    text,
};

use super::{Grant, Grants, allow, anything, observability::access_log};
use crate::deployer::PolicyArea;

impl Grants for Api {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![apis()]
    }
}

impl Grants for Integration {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![apis()]
    }
}

impl Grants for Route {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![apis()]
    }
}

impl Grants for Stage {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![apis(), access_log()]
    }
}

/// The ids in their addresses are only known once they are there.
fn apis() -> Grant {
    let at = |path: &'static str| text!["arn:", Expr::Partition, ":apigateway:", Expr::Region, "::", path];
    let statement = allow(
        "Apis",
        "the HTTP API with its route and its stage; their ids are not known in advance, so this is for all HTTP APIs",
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

impl Grants for Queue {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![services(
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
            arn("sqs", &self.queue_name),
        )]
    }
}

impl Grants for QueuePolicy {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        // An attribute of the queue, which has its own statement.
        Vec::new()
    }
}

impl Grants for Table {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![services(
            "Table",
            "the table, its backups and its expiry",
            TABLE,
            arn("dynamodb", &text!["table/"].join(&self.table_name)),
        )]
    }
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

/// A group's id is only known once it is there; the VPC that it is in is known before.
impl Grants for SecurityGroup {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        let any_group = || arn("ec2", &text!["security-group/*"]);
        let vpc = || arn("ec2", &text!["vpc/", Expr::Parameter(self.vpc)]);
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
                "change its rules and tags, and delete it; only for groups of this VPC",
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
                "remove tags that are no longer chosen",
                &["ec2:DeleteTags"],
                any_group(),
            )
        };
        let look = services(
            "LookAtNetwork",
            "find the group, and what still uses it; these actions have no resource-level permissions",
            &["ec2:DescribeSecurityGroups", "ec2:DescribeNetworkInterfaces", "ec2:DescribeInstances"],
            anything(),
        );
        vec![
            (PolicyArea::Services, create),
            (PolicyArea::Services, change),
            (PolicyArea::Services, untag),
            look,
        ]
    }
}

/// Table and functions are encrypted with the permissions of the person who deploys them.
pub(super) fn key(choices: &Choices) -> Option<Grant> {
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

fn services(sid: &'static str, reason: &'static str, actions: &[&'static str], resource: Text) -> Grant {
    (PolicyArea::Services, allow(sid, reason, actions, resource))
}
