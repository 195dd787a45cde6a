//! `AWS::IAM`: roles with one inline policy, and the instance profile.

use super::{Describe, FieldValue, Fields, Ref, attributes};
use crate::{
    policy::{Policy, PolicyCondition, Service},
    value::Text,
};

/// A role that one service may take on
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name, at most 64 characters, unique in the account over all regions.
    pub role_name: Text,
    /// What it is for.
    pub description: &'static str,
    /// Who may take it on.
    pub trusted: Service,
    /// What else must hold when it is taken on.
    pub trust_conditions: Vec<PolicyCondition>,
    /// What it may do, as the inline policy `permissions`.
    pub policy: Policy,
    /// The ARN of the policy that bounds whatever the role is given.
    pub permissions_boundary: Option<Text>,
}

impl Describe for Role {
    const IS_TAGGED: bool = true;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.role_name, 64))
    }

    fn purpose(&self) -> &'static str {
        self.description
    }

    fn fields(&self) -> Fields<'_> {
        let Self { role_name, description, trusted, trust_conditions, policy, permissions_boundary } = self;
        vec![
            ("role_name", role_name.into()),
            ("description", (*description).into()),
            ("trusted", trusted.principal().into()),
            ("trust_conditions", FieldValue::Conditions(trust_conditions)),
            ("policy", policy.into()),
            ("permissions_boundary", permissions_boundary.into()),
        ]
    }
}

attributes! {
    Role {
        /// The role's ARN.
        arn: Arn,
        /// The role's stable unique id (`AROA...`), the first part of `aws:userid`.
        unique_id: UniqueId,
    }
}

impl Role {
    /// The name of the one inline policy.
    pub const POLICY_NAME: &'static str = "permissions";
}

/// What hands a role to an EC2 instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceProfile {
    /// Its name, at most 128 characters, unique in the account over all regions.
    pub instance_profile_name: Text,
    /// The role.
    pub role: Ref<Role>,
}

impl Describe for InstanceProfile {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.instance_profile_name, 128))
    }

    fn purpose(&self) -> &'static str {
        "Hands the runner's role to instances"
    }

    fn fields(&self) -> Fields<'_> {
        let Self { instance_profile_name, role } = self;
        vec![("instance_profile_name", instance_profile_name.into()), ("role", role.into())]
    }
}

attributes! {
    InstanceProfile {
        /// The profile's ARN.
        arn: Arn,
        /// The profile's name.
        name: Name,
    }
}
