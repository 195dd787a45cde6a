//! Roles with their one policy, and the instance profile.

use jit_runners_model::resource::{InstanceProfile, Role};

use crate::cloudformation::{
    policy,
    tree::{Map, Value},
};

pub(super) fn role(role: &Role) -> Map {
    let Role { role_name, description, trusted, trust_conditions, policy, permissions_boundary } = role;
    // Inside the role, so that whatever waits for the role waits for its permissions too.
    let inline =
        Map::new().with("PolicyName", Role::POLICY_NAME).with("PolicyDocument", policy::document(policy));
    Map::new()
        .with("RoleName", role_name)
        .with("Description", *description)
        .with("AssumeRolePolicyDocument", policy::trust(*trusted, trust_conditions))
        .with_some("PermissionsBoundary", permissions_boundary.as_ref())
        .with("Policies", Value::list([inline]))
}

pub(super) fn instance_profile(profile: &InstanceProfile) -> Map {
    let InstanceProfile { instance_profile_name, role } = profile;
    Map::new().with("InstanceProfileName", instance_profile_name).with("Roles", Value::list([*role]))
}
