//! An IAM policy evaluator
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>) for what the emulator
//! does not check: calls of the stand-in for EC2, conditions that the emulator does not know, and what services do with
//! a role. It knows only what our policies use. Anything else is an error, not a guess.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// One request, as policies see it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) action: &'static str,
    pub(crate) resource: String,
    /// Values of condition keys. A key that is missing here is absent in the request.
    pub(crate) context: BTreeMap<String, String>,
}

impl Asked {
    pub(crate) fn new(action: &'static str, resource: impl Into<String>) -> Self {
        Self { action, resource: resource.into(), context: BTreeMap::new() }
    }

    pub(crate) fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.context.insert(key.into(), value.into());
        self
    }
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy(Value);

impl Policy {
    pub(crate) fn new(document: Value) -> Self {
        Self(document)
    }

    pub(crate) fn document(&self) -> &Value {
        &self.0
    }

    /// The statements' names, in their order.
    pub(crate) fn statements(&self) -> Result<Vec<String>> {
        let named = |statement: &Value| {
            statement["Sid"].as_str().map(str::to_owned).context("a statement without a name")
        };
        self.list()?.iter().map(named).collect()
    }

    /// The actions of a statement.
    pub(crate) fn actions(&self, name: &str) -> Result<Vec<String>> {
        let statement =
            self.list()?.iter().find(|statement| statement["Sid"] == name).context("no such statement")?;
        Ok(texts(&statement["Action"])?.into_iter().map(str::to_owned).collect())
    }

    /// The policy without one of its statements.
    pub(crate) fn without(&self, name: &str) -> Result<Self> {
        let mut rest = self.list()?.clone();
        rest.retain(|statement| statement["Sid"] != name);
        let mut document = self.0.clone();
        document["Statement"] = Value::Array(rest);
        Ok(Self(document))
    }

    /// The policy in the form that the emulator needs: the emulator checks an action `sqs:SendMessageBatch`, which AWS
    /// does not have. AWS checks `sqs:SendMessage` for a batch
    /// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html>).
    pub(crate) fn for_emulator(&self) -> Result<Self> {
        let mut document = self.0.clone();
        for statement in document["Statement"].as_array_mut().context("a policy without statements")? {
            let actions = texts(&statement["Action"])?;
            if actions.contains(&"sqs:SendMessage") {
                statement["Action"] = [actions, vec!["sqs:SendMessageBatch"]].concat().into();
            }
        }
        Ok(Self(document))
    }

    /// Whether a statement allows the request. Our policies have no denials.
    pub(crate) fn allows(&self, asked: &Asked) -> Result<bool> {
        for statement in self.list()? {
            if statement["Effect"] != "Allow" {
                bail!("the effect {} is not known here", statement["Effect"]);
            }
            let action = texts(&statement["Action"])?.contains(&asked.action);
            let resource = texts(&statement["Resource"])?
                .iter()
                .any(|pattern| matches(&filled(pattern, &asked.context), &asked.resource));
            if action && resource && holds(&statement["Condition"], &asked.context)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn list(&self) -> Result<&Vec<Value>> {
        self.0["Statement"].as_array().context("a policy without statements")
    }
}

/// A text, or a list of them.
fn texts(value: &Value) -> Result<Vec<&str>> {
    match value {
        Value::String(text) => Ok(vec![text]),
        Value::Array(list) => list.iter().map(|text| text.as_str().context("not a text")).collect(),
        other => bail!("{other} is no text"),
    }
}

fn holds(conditions: &Value, context: &BTreeMap<String, String>) -> Result<bool> {
    let Some(conditions) = conditions.as_object() else { return Ok(true) };
    for (operator, keys) in conditions {
        for (key, expected) in keys.as_object().context("conditions of an operator")? {
            let expected = texts(expected)?.into_iter().map(|text| filled(text, context)).collect::<Vec<_>>();
            let found = context.get(key);
            let holds = match operator.as_str() {
                "StringEquals" => found.is_some_and(|found| expected.contains(found)),
                "ArnEquals" | "ArnLike" => {
                    found.is_some_and(|found| expected.iter().any(|it| matches(it, found)))
                }
                // One value is a set of one. No value is the empty set, for which the condition always holds.
                "ForAllValues:StringEquals" => found.is_none_or(|found| expected.contains(found)),
                other => bail!("the operator {other} is not known here"),
            };
            if !holds {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// A text with its policy variables replaced.
fn filled(text: &str, context: &BTreeMap<String, String>) -> String {
    context.iter().fold(text.to_owned(), |text, (key, value)| text.replace(&format!("${{{key}}}"), value))
}

/// Whether a pattern with `*` matches a text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    if rest.is_empty() {
        return true;
    }
    loop {
        if matches(rest, text) {
            return true;
        }
        let Some(next) = text.chars().next() else { return false };
        text = &text[next.len_utf8()..];
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy() -> Policy {
        Policy::new(json!({ "Statement": [
            { "Sid": "Own", "Effect": "Allow", "Action": "dynamodb:DeleteItem", "Resource": "arn:t",
              "Condition": { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "${aws:userid}" } } },
            { "Sid": "End", "Effect": "Allow", "Action": ["ec2:TerminateInstances"], "Resource": "arn:aws:ec2:r:1:instance/*",
              "Condition": { "StringEquals": { "ec2:ResourceTag/d": "ours" } } },
        ] }))
    }

    #[test]
    fn a_request_needs_action_resource_and_every_condition() {
        let end = Asked::new("ec2:TerminateInstances", "arn:aws:ec2:r:1:instance/i-1")
            .with("ec2:ResourceTag/d", "ours");
        assert!(policy().allows(&end).unwrap());
        for other in [
            Asked { action: "ec2:StopInstances", ..end.clone() },
            Asked { resource: "arn:aws:ec2:r:1:volume/v-1".to_owned(), ..end.clone() },
            Asked { context: BTreeMap::new(), ..end.clone() },
            end.clone().with("ec2:ResourceTag/d", "theirs"),
        ] {
            assert!(!policy().allows(&other).unwrap(), "{other:?}");
        }
        assert!(!policy().without("End").unwrap().allows(&end).unwrap());
    }

    #[test]
    fn variables_stand_for_the_caller() {
        let own = |key: &str| {
            Asked::new("dynamodb:DeleteItem", "arn:t")
                .with("dynamodb:LeadingKeys", key)
                .with("aws:userid", "AROA:i-1")
        };
        assert!(policy().allows(&own("AROA:i-1")).unwrap());
        assert!(!policy().allows(&own("AROA:i-2")).unwrap());
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        let odd = Policy::new(
            json!({ "Statement": [{ "Sid": "Odd", "Effect": "Allow", "Action": "a:B", "Resource": "*",
            "Condition": { "NumericLessThan": { "k": "1" } } }] }),
        );
        assert!(odd.allows(&Asked::new("a:B", "x")).is_err());
        assert!(
            Policy::new(json!({ "Statement": [{ "Effect": "Deny" }] }))
                .allows(&Asked::new("a:B", "x"))
                .is_err()
        );
    }

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, fits) in [
            ("arn:*:x", "arn:a:b:x", true),
            ("arn:*:x", "arn:a:b:y", false),
            ("*", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
