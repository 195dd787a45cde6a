//! Roles, each with its one policy, and what hands them out.

use hcl_edit::expr::Expression;
use jit_runners_model::{
    Ref,
    resource::{Attribute, InstanceProfile, Kind, ResourceId, Role},
};

use super::Emitted;
use crate::terraform::{
    policy::{document, trust},
    tree::{Contents, literal, path},
    value::{attribute_of, text},
};

pub(super) const ROLE_POLICY: &str = "aws_iam_role_policy";

/// A link to the policy of `role`, for whatever must find it in place.
pub(super) fn role_policy(role: &Ref<Role>) -> Expression {
    path(&[ROLE_POLICY, role.id().label])
}

pub(super) fn role(id: ResourceId, role: &Role) -> Emitted {
    let Role { role_name, description, trusted, trust_conditions, policy, permissions_boundary } = role;
    let contents = Contents::new()
        .set("name", text(role_name))
        .set_literal("description", description)
        .set_some("permissions_boundary", permissions_boundary.as_ref().map(text))
        .set("assume_role_policy", trust(*trusted, trust_conditions));
    let policy = Contents::new()
        .set("name", literal(Role::POLICY_NAME))
        .set("role", attribute_of(Kind::Role, id, Attribute::Name))
        .set("policy", document(policy));
    Emitted { companion: Some((ROLE_POLICY, policy)), ..contents.into() }
}

pub(super) fn instance_profile(profile: &InstanceProfile) -> Emitted {
    let InstanceProfile { instance_profile_name, role } = profile;
    Contents::new()
        .set("name", text(instance_profile_name))
        .set("role", attribute_of(Kind::Role, role.id(), Attribute::Name))
        .into()
}
