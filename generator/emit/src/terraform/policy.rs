//! IAM policy documents.

use hcl_edit::expr::Expression;
use jit_runners_model::{
    Text,
    policy::{Operator, Policy, PolicyCondition, Service, Statement},
};

use super::{
    tree::{explained, list, literal, object},
    value::{jsonencode, text},
};

/// The language's version, not the policy's.
const VERSION: &str = "2012-10-17";

/// A policy that allows.
pub(super) fn document(policy: &Policy) -> Expression {
    encoded(policy.statements.iter().map(statement))
}

/// The policy that says who may take a role on.
pub(super) fn trust(service: Service, conditions: &[PolicyCondition]) -> Expression {
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
