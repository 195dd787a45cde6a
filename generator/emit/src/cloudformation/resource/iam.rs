//! `AWS::IAM`: roles with their one policy, the instance profile, and policy documents.

use jit_runners_model::{
    policy::{Policy, PolicyCondition, Service, Statement},
    resource::{Attribute, InstanceProfile, Role},
};

use super::{Attributes, Emit};
use crate::cloudformation::tree::{Item, Map, Value};

impl Emit for Role {
    const TYPE: &'static str = "AWS::IAM::Role";
    const ATTRIBUTES: Attributes = &[(Attribute::Arn, "Arn"), (Attribute::UniqueId, "RoleId")];

    fn properties(&self) -> Map {
        let Self { role_name, description, trusted, trust_conditions, policy, permissions_boundary } = self;
        // Inside the role, so that whatever waits for the role waits for its permissions too.
        let inline =
            Map::new().with("PolicyName", Role::POLICY_NAME).with("PolicyDocument", policy_document(policy));
        Map::new()
            .with("RoleName", role_name)
            .with("Description", *description)
            .with("AssumeRolePolicyDocument", trust_policy(*trusted, trust_conditions))
            .with_some("PermissionsBoundary", permissions_boundary.as_ref())
            .with("Policies", Value::list([inline]))
    }
}

impl Emit for InstanceProfile {
    const TYPE: &'static str = "AWS::IAM::InstanceProfile";
    const ATTRIBUTES: Attributes = &[(Attribute::Arn, "Arn")];

    fn properties(&self) -> Map {
        let Self { instance_profile_name, role } = self;
        Map::new().with("InstanceProfileName", instance_profile_name).with("Roles", Value::list([*role]))
    }
}

/// A policy document. A single action, resource or value stands without a list.
pub(super) fn policy_document(policy: &Policy) -> Value {
    let statements = policy
        .statements
        .iter()
        .map(|statement| Item { comment: Some(statement.reason), value: self::statement(statement).into() });
    version(Value::List(statements.collect()))
}

/// The document that says who may take on a role.
fn trust_policy(service: Service, conditions: &[PolicyCondition]) -> Value {
    let statement = Map::new()
        .with("Effect", "Allow")
        .with("Principal", principal(service))
        .with("Action", "sts:AssumeRole")
        .with_some("Condition", self::conditions(conditions));
    version(Value::list([statement]))
}

fn version(statements: Value) -> Value {
    Map::new().with("Version", "2012-10-17").with("Statement", statements).into()
}

fn statement(statement: &Statement) -> Map {
    // The reason is a comment, which IAM would not take.
    let Statement { sid, reason: _, service, actions, resources, conditions } = statement;
    Map::new()
        .with("Sid", *sid)
        .with("Effect", "Allow")
        .with_some("Principal", service.map(principal))
        .with("Action", one_or_more(actions.iter().copied()))
        .with("Resource", one_or_more(resources))
        .with_some("Condition", self::conditions(conditions))
}

fn principal(service: Service) -> Map {
    Map::new().with("Service", service.principal())
}

/// Conditions by their operator, in the order in which operators first appear.
fn conditions(conditions: &[PolicyCondition]) -> Option<Map> {
    let mut operators: Vec<_> = Vec::new();
    for condition in conditions {
        if !operators.contains(&condition.operator) {
            operators.push(condition.operator);
        }
    }
    let of = |operator| {
        conditions
            .iter()
            .filter(|condition| condition.operator == operator)
            .map(|condition| (condition.key.clone(), one_or_more(&condition.values)))
            .collect::<Map>()
    };
    (!operators.is_empty()).then(|| {
        operators.into_iter().map(|operator| (operator.as_str().to_owned(), of(operator).into())).collect()
    })
}

fn one_or_more<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Value {
    let mut values: Vec<_> = values.into_iter().map(Into::into).collect();
    if values.len() == 1 { values.remove(0) } else { Value::list(values) }
}
