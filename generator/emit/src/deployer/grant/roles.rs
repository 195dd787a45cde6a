//! `roles.json`: IAM's roles, handing them on, and the instance profile.

use jit_runners_model::{
    Choices, Expr, Text,
    policy::{Operator, PolicyCondition, Service, Statement},
    resource::{InstanceProfile, Role},
    text,
};

use super::{Grant, Grants, allow};
use crate::deployer::PolicyArea;

/// Where a boundary is chosen, rights are given only to roles that have it
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate>).
impl Grants for Role {
    fn grants(&self, choices: &Choices) -> Vec<Grant> {
        let name = of_account(&text!["role/"].join(&self.role_name));
        let giving = |reason, more: &[&'static str]| {
            allow("GiveRights", reason, &[&["iam:CreateRole"], RIGHTS, more].concat(), name.clone())
        };
        let giving = match &choices.permissions_boundary {
            None => {
                giving("create the roles, and set what they may do", &["iam:DeleteRolePermissionsBoundary"])
            }
            Some(boundary) => Statement {
                conditions: vec![PolicyCondition::new(
                    Operator::StringEquals,
                    "iam:PermissionsBoundary",
                    boundary.as_str(),
                )],
                ..giving(
                    "create the roles, and set what they may do: within the boundary that is chosen",
                    &["iam:PutRolePermissionsBoundary"],
                )
            },
        };
        let rest = allow("Roles", "read the roles, set who may assume them, delete them", ROLE, name.clone());
        vec![
            (PolicyArea::Roles, giving),
            (PolicyArea::Roles, rest),
            (PolicyArea::Roles, pass(self.trusted, name)),
        ]
    }
}

/// What changes what a role may do.
const RIGHTS: &[&str] = &["iam:PutRolePolicy", "iam:DeleteRolePolicy"];

const ROLE: &[&str] = &[
    "iam:GetRole",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
    "iam:UpdateAssumeRolePolicy",
    "iam:DeleteRole",
    "iam:GetRolePolicy",
    "iam:ListRolePolicies",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRoleTags",
    "iam:TagRole",
    "iam:UntagRole",
];

/// A role goes to the service that trusts it, and to no other.
fn pass(trusted: Service, role: Text) -> Statement {
    let sid = match trusted {
        Service::ApiGateway => "PassToApiGateway",
        Service::Ec2 => "PassToEc2",
        Service::Ec2Spot => "PassToEc2Spot",
        Service::Events => "PassToEvents",
        Service::Lambda => "PassToLambda",
        Service::Scheduler => "PassToScheduler",
    };
    Statement {
        conditions: vec![PolicyCondition::new(
            Operator::StringEquals,
            "iam:PassedToService",
            trusted.principal(),
        )],
        ..allow(sid, "pass the role to the service that assumes it", &["iam:PassRole"], role)
    }
}

impl Grants for InstanceProfile {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        let statement = allow(
            "InstanceProfile",
            "the instance profile, which gives instances the runners' role",
            &[
                "iam:CreateInstanceProfile",
                "iam:GetInstanceProfile",
                "iam:AddRoleToInstanceProfile",
                "iam:RemoveRoleFromInstanceProfile",
                "iam:DeleteInstanceProfile",
            ],
            of_account(&text!["instance-profile/"].join(&self.instance_profile_name)),
        );
        vec![(PolicyArea::Roles, statement)]
    }
}

/// What an account has once over all regions.
fn of_account(resource: &Text) -> Text {
    text!["arn:", Expr::Partition, ":iam::", Expr::AccountId, ":"].join(resource)
}
