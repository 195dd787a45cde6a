//! `aws_iam_*`: roles, each with its one policy, what hands them out, and policy documents.

use hcl_edit::expr::Expression;
use jit_runners_model::{
    Ref, Text,
    policy::{Operator, Policy, PolicyCondition, Service, Statement},
    resource::{Attribute, InstanceProfile, Kind, ResourceId, Role},
};

use super::{Companion, Emit, Emitted, Mocked};
use crate::terraform::{
    tree::{Contents, explained, list, literal, object, path},
    value::{attribute_of, jsonencode, text},
};

const ROLE_POLICY: &str = "aws_iam_role_policy";

/// A link to the policy of `role`, for whatever must find it in place.
pub(super) fn role_policy(role: &Ref<Role>) -> Expression {
    path(&[ROLE_POLICY, role.id().label])
}

impl Emit for Role {
    const TYPE: &'static str = "aws_iam_role";
    const COMPANION: Option<Companion> =
        Some(Companion { block_type: ROLE_POLICY, purpose: "What the role permits" });
    const MOCKED: Mocked = &[(Attribute::Arn, "arn:aws:iam::123456789012:role/mock")];

    fn emit(&self, id: ResourceId) -> Emitted {
        let Self { role_name, description, trusted, trust_conditions, policy, permissions_boundary } = self;
        let contents = Contents::new()
            .set("name", text(role_name))
            .set_literal("description", description)
            .set_some("permissions_boundary", permissions_boundary.as_ref().map(text))
            .set("assume_role_policy", trust_policy(*trusted, trust_conditions));
        let policy = Contents::new()
            .set("name", literal(Role::POLICY_NAME))
            .set("role", attribute_of(Kind::Role, id, Attribute::Name))
            .set("policy", policy_document(policy));
        Emitted { companion: Some(policy), ..contents.into() }
    }
}

impl Emit for InstanceProfile {
    const TYPE: &'static str = "aws_iam_instance_profile";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self { instance_profile_name, role } = self;
        Contents::new()
            .set("name", text(instance_profile_name))
            .set("role", attribute_of(Kind::Role, role.id(), Attribute::Name))
            .into()
    }
}

/// The language's version, not the policy's.
const VERSION: &str = "2012-10-17";

/// A policy that allows.
pub(super) fn policy_document(policy: &Policy) -> Expression {
    encoded(policy.statements.iter().map(statement))
}

/// The policy that says who may take a role on.
fn trust_policy(service: Service, conditions: &[PolicyCondition]) -> Expression {
    let mut entries = vec![
        ("Effect", literal("Allow")),
        ("Principal", principal(service)),
        ("Action", literal("sts:AssumeRole")),
    ];
    entries.extend(condition(conditions));
    encoded([object(entries)])
}

fn encoded(statements: impl IntoIterator<Item = Expression>) -> Expression {
    jsonencode(object([("Version", literal(VERSION)), ("Statement", list(statements))]))
}

fn statement(statement: &Statement) -> Expression {
    let mut entries = vec![("Sid", literal(statement.sid)), ("Effect", literal("Allow"))];
    entries.extend(statement.service.map(|service| ("Principal", principal(service))));
    entries.push(("Action", one_or_more(statement.actions.iter().map(|action| literal(action)))));
    entries.push(("Resource", texts(&statement.resources)));
    entries.extend(condition(&statement.conditions));
    explained(&sentence(statement.reason), entries)
}

/// A phrase with a capital letter in front.
fn sentence(phrase: &str) -> String {
    let mut characters = phrase.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn principal(service: Service) -> Expression {
    object([("Service", literal(service.principal()))])
}

/// Conditions by operator, each operator once, in the order of their first use.
fn condition(conditions: &[PolicyCondition]) -> Option<(&'static str, Expression)> {
    let mut by_operator: Vec<(Operator, Vec<(&str, Expression)>)> = Vec::new();
    for PolicyCondition { operator, key, values } in conditions {
        let entry = (key.as_str(), texts(values));
        match by_operator.iter_mut().find(|(known, _)| known == operator) {
            Some((_, entries)) => entries.push(entry),
            None => by_operator.push((*operator, vec![entry])),
        }
    }
    let operators = by_operator.into_iter().map(|(operator, entries)| (operator.as_str(), object(entries)));
    (!conditions.is_empty()).then(|| ("Condition", object(operators)))
}

fn texts(values: &[Text]) -> Expression {
    one_or_more(values.iter().map(text))
}

/// A single value as itself, several as a list.
fn one_or_more(values: impl IntoIterator<Item = Expression>) -> Expression {
    let mut values: Vec<_> = values.into_iter().collect();
    match values.pop() {
        Some(only) if values.is_empty() => only,
        last => list(values.into_iter().chain(last)),
    }
}
