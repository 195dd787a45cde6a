//! Resources that wait for each other, which Terraform cannot make.

use std::collections::BTreeMap;

use super::super::problem::TranslationProblem;
use crate::{
    graph::{
        Address, Call, Choice, Condition, GraphProblem, Held, Properties, Segment, Symbol, SymbolicText,
        Value,
    },
    read::Place,
    terraform::{
        ResourceBlock,
        circle::{Edges, circles, told},
    },
};

/// Refuses resources that refer to each other in a circle: a problem for each circle, at the first of its resources.
///
/// Of a module, the evaluator has refused all of them: it follows each reference of a block, whichever instance it
/// leads to. A plan has not been evaluated, and not every file that says it is one was made by Terraform.
///
/// This is asked before parts go into what they belong to: a role whose policy names a function that has the role is no
/// circle as long as the policy is a resource of its own.
pub(super) fn refuse(resources: &[ResourceBlock], problems: &mut Vec<GraphProblem>) {
    let indexes: BTreeMap<&Address, usize> =
        resources.iter().enumerate().map(|(index, block)| (&block.address, index)).collect();
    let edges: Edges<usize, &Place> = resources
        .iter()
        .map(|block| {
            let mut found = Vec::new();
            referred(&block.arguments, &mut found);
            asked(&block.condition, &mut found);
            found.extend(block.depends_on.iter().map(|(address, _)| address));
            found.into_iter().filter_map(|address| Some((*indexes.get(address)?, &block.place))).collect()
        })
        .enumerate()
        .collect();
    for circle in circles(&edges) {
        let Some((_, place)) = circle.first() else { continue };
        let blocks: Vec<_> = circle.iter().filter_map(|(index, _)| resources.get(*index)).collect();
        let kind = TranslationProblem::Circle { names: told(blocks.iter().map(|block| &*block.address)) };
        problems.push(GraphProblem { place: Place::clone(place), kind: kind.into() });
    }
}

fn referred<'v>(properties: &'v Properties, found: &mut Vec<&'v Address>) {
    for held in properties.values() {
        held_in(held, found);
    }
}

fn held_in<'v>(held: &'v Held, found: &mut Vec<&'v Address>) {
    match &held.value {
        Value::Absent | Value::Flag(_) | Value::Number(_) => {}
        Value::Text(text) => text_in(text, found),
        Value::List(items) | Value::Set(items) => {
            for item in items {
                held_in(item, found);
            }
        }
        Value::Map(entries) => referred(entries, found),
        Value::Json(held) => held_in(held, found),
        Value::Choice(choice) => {
            let Choice { condition, then, otherwise } = choice.as_ref();
            asked(condition, found);
            held_in(then, found);
            held_in(otherwise, found);
        }
    }
}

fn text_in<'v>(text: &'v SymbolicText, found: &mut Vec<&'v Address>) {
    for segment in text.segments() {
        match segment {
            Segment::Symbol(Symbol::Attribute { of, .. }) => found.push(of),
            Segment::Symbol(Symbol::Call(Call { arguments, .. })) => {
                for argument in arguments {
                    held_in(argument, found);
                }
            }
            Segment::Literal(_) | Segment::Symbol(_) => {}
        }
    }
}

fn asked<'v>(condition: &'v Condition, found: &mut Vec<&'v Address>) {
    match condition {
        Condition::Always | Condition::Never => {}
        Condition::Equals(left, right) => {
            for side in [left, right] {
                if let Value::Text(text) = side.as_ref() {
                    text_in(text, found);
                }
            }
        }
        Condition::Not(condition) => asked(condition, found),
        Condition::All(several) | Condition::Any(several) => {
            for condition in several {
                asked(condition, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graph::from_terraform::{
        example::{messages, module, shaped},
        plan::from_plan,
    };

    #[track_caller]
    fn check(references: &[(&str, &str)], expected: &[&str]) {
        let resources: Vec<_> = references
            .iter()
            .map(|(name, to)| {
                let to: Vec<_> =
                    to.split_whitespace().map(|to| format!("${{aws_sqs_queue.{to}.arn}}")).collect();
                (format!("aws_sqs_queue.{name}"), json!({"redrive_policy": to}))
            })
            .collect();
        let resources: Vec<_> =
            resources.iter().map(|(address, json)| (address.as_str(), json.clone())).collect();
        let mut problems = Vec::new();
        refuse(&module(&resources).resources, &mut problems);
        let words: Vec<_> =
            problems.iter().map(|problem| format!("{}: {}", problem.place, problem.kind)).collect();
        assert_eq!(words, expected);
    }

    #[test]
    fn circles_are_refused_once_each() {
        check(&[("a", "b c"), ("b", "c"), ("c", "")], &[]);
        check(
            &[("a", "b"), ("b", "a"), ("c", "b"), ("d", "d")],
            &[
                "main.tf:1:1: aws_sqs_queue.a -> aws_sqs_queue.b -> aws_sqs_queue.a is a circle of references; break it",
                "main.tf:4:1: aws_sqs_queue.d -> aws_sqs_queue.d is a circle of references; break it",
            ],
        );
        check(
            &[("a", "b"), ("b", "c"), ("c", "b")],
            &[
                "main.tf:2:1: aws_sqs_queue.b -> aws_sqs_queue.c -> aws_sqs_queue.b is a circle of references; break it",
            ],
        );
    }

    #[test]
    fn a_plan_is_refused_that_terraform_cannot_have_made() {
        let resource = |name: &str| json!({"address": format!("aws_sqs_queue.{name}"), "mode": "managed", "type": "aws_sqs_queue", "name": name});
        let waits = |name: &str, on: &str| json!({"address": format!("aws_sqs_queue.{name}"), "depends_on": [format!("aws_sqs_queue.{on}")]});
        let plan = json!({
            "format_version": "1.2",
            "planned_values": {"root_module": {"resources": [resource("a"), resource("b")]}},
            "configuration": {"root_module": {"resources": [waits("a", "b"), waits("b", "a")]}},
        });
        let graph = from_plan(&"plan.json".into(), plan.to_string().as_bytes()).map(|plan| plan.graph);
        assert_eq!(
            messages(graph),
            [
                "plan.json: aws_sqs_queue.a -> aws_sqs_queue.b -> aws_sqs_queue.a is a circle of references; break it"
            ]
        );
    }

    #[test]
    fn a_role_and_a_function_that_its_policy_names_are_no_circle() {
        let graph = shaped(module(&[
            ("aws_iam_role.r", json!({"name": "r"})),
            (
                "aws_iam_role_policy.p",
                json!({"name": "p", "role": "${aws_iam_role.r.id}", "policy": "{\"Statement\": [{\"Resource\": \"${aws_lambda_function.f.arn}\"}]}"}),
            ),
            ("aws_lambda_function.f", json!({"function_name": "f", "role": "${aws_iam_role.r.arn}"})),
        ]));
        assert_eq!(graph.resources.len(), 2);
    }
}
