//! `AWS::IAM`: roles with one inline policy, and the instance profile.

use crate::{
    policy::{Policy, PolicyCondition, Service},
    reference::Ref,
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
