//! `AWS::IAM`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html>).

use jit_runners_model::resource::{InstanceProfile, Role};

use super::converter::{Converter, entries};
use crate::graph::{Properties, ResourceAttribute};

impl Converter {
    pub(super) fn role(&self, role: &Role) -> Properties {
        let Role { role_name, description, trusted, trust_conditions, policy, permissions_boundary } = role;
        let permissions =
            self.map([("PolicyName", self.held(Role::POLICY_NAME)), ("PolicyDocument", self.policy(policy))]);
        entries([
            ("RoleName", self.text(role_name)),
            ("Description", self.held(*description)),
            ("AssumeRolePolicyDocument", self.trust(*trusted, trust_conditions)),
            (
                "PermissionsBoundary",
                permissions_boundary.as_ref().map_or(self.absent(), |boundary| self.text(boundary)),
            ),
            ("Policies", self.list([permissions])),
        ])
    }

    pub(super) fn instance_profile(&self, profile: &InstanceProfile) -> Properties {
        let InstanceProfile { instance_profile_name, role } = profile;
        entries([
            ("InstanceProfileName", self.text(instance_profile_name)),
            ("Roles", self.list([self.attribute(role, ResourceAttribute::Name)])),
        ])
    }
}
