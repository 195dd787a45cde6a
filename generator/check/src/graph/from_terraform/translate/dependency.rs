//! `depends_on`: what waits for what.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use super::super::problem::TranslationProblem;
use crate::{
    graph::{Address, GraphProblem, Held, Kind, Node, ResourceAttribute, Symbol, SymbolicText, Value},
    read::Place,
};

/// States what a function, a schedule or a custom resource waits for. The order in which other resources are made is not part of what
/// exists, so that theirs is only looked up.
pub(super) fn depend(
    node: Option<&mut Node<Kind>>,
    dependencies: Vec<(Address, Place)>,
    addresses: &BTreeSet<Address>,
    owners: &BTreeMap<Address, BTreeSet<Address>>,
    problems: &mut Vec<GraphProblem>,
) {
    let mut items = Vec::new();
    for (address, place) in dependencies {
        let mut is_known = false;
        for found in instances(&address, addresses) {
            is_known = true;
            let owned;
            let targets = if let Some(owners) = owners.get(found) {
                owners
            } else {
                owned = BTreeSet::from([Address::clone(found)]);
                &owned
            };
            items.extend(targets.iter().map(|of| {
                Held::new(
                    SymbolicText::from(Symbol::attribute(Address::clone(of), ResourceAttribute::Id)),
                    place.clone(),
                )
            }));
        }
        if !is_known {
            let kind = TranslationProblem::UnknownDependency { address };
            problems.push(GraphProblem { place, kind: kind.into() });
        }
    }
    let stated =
        node.filter(|node| matches!(node.kind, Kind::Function | Kind::Schedule | Kind::CustomResource));
    if let (Some(node), Some(first)) = (stated, items.first()) {
        let place = first.place.clone();
        node.properties.insert("DependsOn".to_owned(), Held::new(Value::set(items), place));
    }
}

/// The resource at `address`, and the instances of it that `count` and `for_each` made.
fn instances<'a>(
    address: &'a Address,
    addresses: &'a BTreeSet<Address>,
) -> impl Iterator<Item = &'a Address> {
    let instance = format!("{address}[");
    let below = (Bound::Included(Address::from(instance.as_str())), Bound::Unbounded);
    let several = addresses.range(below).take_while(move |found| found.starts_with(&instance));
    addresses.get(address).into_iter().chain(several)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::graph::from_terraform::example::check;

    #[test]
    fn functions_wait_for_what_they_depend_on() {
        check(
            &[
                (
                    "aws_lambda_function.f",
                    json!({"depends_on": ["aws_iam_role_policy.p", "aws_cloudwatch_log_group.l"]}),
                ),
                ("aws_iam_role.r", json!({"name": "r"})),
                ("aws_iam_role_policy.p", json!({"role": "r", "name": "p", "policy": "{}"})),
                ("aws_cloudwatch_log_group.l[\"a\"]", json!({})),
                ("aws_cloudwatch_log_group.l[\"b\"]", json!({})),
            ],
            "aws_lambda_function.f",
            r#"{DependsOn: ["<aws_cloudwatch_log_group.l[\"a\"].id>", "<aws_cloudwatch_log_group.l[\"b\"].id>", "<aws_iam_role.r.id>"]}"#,
        );
        check(
            &[
                ("aws_sqs_queue.a", json!({"depends_on": ["aws_sqs_queue.b"]})),
                (
                    "aws_sqs_queue.b",
                    json!({"lifecycle": {"prevent_destroy": true, "ignore_changes": ["tags"]}}),
                ),
            ],
            "aws_sqs_queue.a",
            "{}",
        );
    }
}
