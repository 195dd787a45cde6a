//! Values of fields as JSON.

use jit_runners_model::{
    Expr, LabelMappings, Piece, Text,
    choices::EgressRule,
    parameter::{DefaultValue, ParameterType},
    policy::{Policy, PolicyCondition, Service, Statement},
    requirement::{Demand, Fact},
    resource::Encryption,
};
use serde_json::{Value, json};

/// Literal text is a string; what depends on the deployment is an object: `{"join": [...]}` of strings and
/// expressions, or one expression. So a string never means anything but itself.
pub(super) fn text(text: &Text) -> Value {
    match text.pieces() {
        [] => json!(""),
        [one] => piece(one),
        several => json!({ "join": several.iter().map(piece).collect::<Vec<_>>() }),
    }
}

fn piece(piece: &Piece) -> Value {
    match piece {
        Piece::Literal(text) => json!(text),
        Piece::Expr(expr) => match expr {
            Expr::DeploymentName => json!({ "expression": "deployment name" }),
            Expr::Region => json!({ "expression": "region" }),
            Expr::AccountId => json!({ "expression": "account id" }),
            Expr::Partition => json!({ "expression": "partition" }),
            Expr::Parameter(id) => json!({ "input": id.cloudformation }),
            Expr::JoinedParameter(id) => json!({ "input": id.cloudformation, "joined": "," }),
            Expr::Attribute { kind, of, attribute } => json!({
                "resource": of.logical_id,
                "kind": kind.as_str(),
                "attribute": format!("{attribute:?}"),
            }),
        },
    }
}

fn texts<'a>(values: impl IntoIterator<Item = &'a Text>) -> Value {
    values.into_iter().map(text).collect()
}

pub(super) fn encryption(encryption: &Encryption) -> Value {
    match encryption {
        Encryption::ServiceOwned => json!("with a key that the service owns"),
        Encryption::CustomerManaged(key) => json!({ "key": text(key) }),
    }
}

pub(super) fn egress_rule(rule: &EgressRule) -> Value {
    let EgressRule { protocol, port, cidr, description } = rule;
    json!({
        "protocol": protocol.as_str(),
        "port": port,
        "cidr": cidr.as_str(),
        "description": description,
    })
}

pub(super) fn policy(policy: &Policy) -> Value {
    let Policy { statements } = policy;
    statements.iter().map(statement).collect()
}

fn statement(statement: &Statement) -> Value {
    let Statement { sid, reason, service, actions, resources, conditions } = statement;
    json!({
        "sid": sid,
        "reason": reason,
        "service": service.map(Service::principal),
        "actions": actions,
        "resources": texts(resources),
        "conditions": self::conditions(conditions),
    })
}

pub(super) fn conditions(conditions: &[PolicyCondition]) -> Value {
    conditions
        .iter()
        .map(|PolicyCondition { operator, key, values }| {
            json!({ "operator": operator.as_str(), "key": key, "values": texts(values) })
        })
        .collect()
}

pub(super) fn parameter_type(kind: &ParameterType) -> Value {
    match kind {
        ParameterType::Text { pattern, longest } => json!({ "text": pattern.as_str(), "longest": longest }),
        ParameterType::LabelMappings => json!({
            "label mappings": LabelMappings::PATTERN.as_str(),
            "longest": LabelMappings::MOST_BYTES,
        }),
        ParameterType::Integer { min, max } => json!({ "integer": { "min": min, "max": max } }),
        ParameterType::VpcId => json!("VPC id"),
        ParameterType::SubnetIds => json!("subnet ids"),
        ParameterType::ImageId => json!("image id"),
    }
}

/// What must hold of inputs.
pub(super) fn demand(demand: &Demand) -> Value {
    match demand {
        Demand::AnyOf(facts) => json!({ "any of": facts.iter().map(fact).collect::<Vec<_>>() }),
        Demand::OneArchitecture { default, mappings } => {
            json!({ "one architecture": [default.cloudformation, mappings.cloudformation] })
        }
    }
}

fn fact(fact: &Fact) -> Value {
    match fact {
        Fact::OneOf(input, values) => json!({ "input": input.cloudformation, "one of": values }),
        Fact::IsSet(input) => json!({ "input": input.cloudformation, "is": "set" }),
    }
}

pub(super) fn default_value(value: &DefaultValue) -> Value {
    match value {
        DefaultValue::Text(text) => json!(text),
        DefaultValue::Integer(number) => json!(number),
    }
}
