//! EC2: the security group.

use jit_runners_model::{
    Choices, Expr, Text,
    contract::{arn, tag},
    policy::{Operator, PolicyCondition, Statement},
    resource::SecurityGroup,
    text,
};

use super::{Grant, Grants, allow, anything, services};
use crate::deployer::PolicyArea;

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
            "find the group, and what still uses it; these actions support no resources",
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
