//! How much may be copied: a short module can say the same thing in very many places.

use super::problem::TranslationProblem;
use crate::{
    graph::{Choice, Condition, GraphProblem, Held, Properties, Segment, Symbol, SymbolicText, Value},
    read::Place,
};

/// Bytes of copies, at most: many times what a real module needs.
const MOST: usize = 16 * 1024 * 1024;
/// Bytes of a value, whatever it holds.
const VALUE: usize = 64;

/// What is left for copies.
#[derive(Debug)]
pub(super) struct Room {
    left: usize,
    is_told: bool,
}

impl Room {
    /// Everything is left.
    pub(super) const fn new() -> Self {
        Self { left: MOST, is_told: false }
    }

    /// Whether a copy of `weight` has room. The first that has not is a problem at `place`.
    pub(super) fn has(&mut self, weight: usize, place: &Place, problems: &mut Vec<GraphProblem>) -> bool {
        if let Some(left) = self.left.checked_sub(weight) {
            self.left = left;
            return true;
        }
        if !self.is_told {
            self.is_told = true;
            let kind = TranslationProblem::TooMuch.into();
            problems.push(GraphProblem { place: place.clone(), kind });
        }
        false
    }
}

/// What `properties` weigh.
pub(super) fn weight_of_all(properties: &Properties) -> usize {
    properties.iter().map(|(name, held)| name.len() + weight_of(held)).sum()
}

/// What `held` weighs.
pub(super) fn weight_of(held: &Held) -> usize {
    VALUE
        + match &held.value {
            Value::Absent | Value::Flag(_) | Value::Number(_) => 0,
            Value::Text(text) => weight_of_text(text),
            Value::List(items) | Value::Set(items) => items.iter().map(weight_of).sum(),
            Value::Map(entries) => weight_of_all(entries),
            Value::Json(held) => weight_of(held),
            Value::Choice(choice) => {
                let Choice { condition, then, otherwise } = choice.as_ref();
                weight_of_condition(condition) + weight_of(then) + weight_of(otherwise)
            }
        }
}

/// What `text` weighs.
pub(super) fn weight_of_text(text: &SymbolicText) -> usize {
    text.segments()
        .iter()
        .map(|segment| match segment {
            Segment::Literal(literal) => literal.len(),
            Segment::Symbol(Symbol::Call(call)) => {
                VALUE + call.arguments.iter().map(weight_of).sum::<usize>()
            }
            Segment::Symbol(_) => VALUE,
        })
        .sum()
}

fn weight_of_condition(condition: &Condition) -> usize {
    let weight_of_value = |value: &Value| match value {
        Value::Text(text) => weight_of_text(text),
        _ => VALUE,
    };
    VALUE
        + match condition {
            Condition::Always | Condition::Never => 0,
            Condition::Equals(left, right) => weight_of_value(left) + weight_of_value(right),
            Condition::Not(condition) => weight_of_condition(condition),
            Condition::All(several) | Condition::Any(several) => {
                several.iter().map(weight_of_condition).sum()
            }
        }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::super::example::{check_refused, messages, module, named};
    use crate::graph::from_terraform::{body::View, translate::translate};

    const TOLD: &str =
        "the module says so much in so many places that the check gives up here; is it the right one?";

    #[test]
    fn policies_are_not_copied_without_end() {
        let long = "x".repeat(1024 * 1024);
        let names: Vec<_> = (0..20).map(|index| format!("aws_iam_role_policy_attachment.a{index}")).collect();
        let attachment = json!({"role": "r", "policy_arn": "${aws_iam_policy.p.arn}"});
        let mut resources = vec![
            ("aws_iam_role.r", json!({"name": "r"})),
            ("aws_iam_policy.p", json!({"name": "p", "policy": long})),
        ];
        resources.extend(names.iter().map(|name| (name.as_str(), attachment.clone())));
        check_refused(&resources, &[&format!("main.tf:2:1: {TOLD}")]);
    }

    #[test]
    fn rules_are_not_copied_without_end() {
        let ends: Vec<_> = (0..20).map(|index| format!("10.0.0.{index}/32")).collect();
        let rule = json!({"description": "x".repeat(1024 * 1024), "protocol": "tcp", "cidr_blocks": ends});
        check_refused(
            &[("aws_security_group.g", json!({"ingress": [rule]}))],
            &[&format!("main.tf:1:5: {TOLD}")],
        );
    }

    #[test]
    fn tags_are_not_copied_without_end() {
        let names: Vec<_> = (0..20).map(|index| format!("aws_sqs_queue.q{index}")).collect();
        let resources: Vec<_> = names.iter().map(|name| (name.as_str(), json!({}))).collect();
        let mut module = module(&resources);
        let tags = json!({"default_tags": [{"tags": {"a": "x".repeat(1024 * 1024)}}]});
        module.provider = Some(named("aws", &tags));
        assert_eq!(
            messages(translate(module, View::Written, &BTreeSet::new())),
            [format!("main.tf:16:1: {TOLD}")]
        );
    }

    #[test]
    fn names_are_not_copied_without_end() {
        let mut module = module(&[
            ("aws_apigatewayv2_api.a", json!({})),
            (
                "aws_apigatewayv2_stage.s",
                json!({"api_id": "${aws_apigatewayv2_api.a.id}", "name": "x".repeat(1024 * 1024)}),
            ),
        ]);
        let value = "${aws_apigatewayv2_stage.s.invoke_url}".repeat(20);
        module.outputs = vec![named("url", &json!({"value": value}))];
        assert_eq!(
            messages(translate(module, View::Written, &BTreeSet::new())),
            [format!("main.tf:1:1: {TOLD}")]
        );
    }
}
