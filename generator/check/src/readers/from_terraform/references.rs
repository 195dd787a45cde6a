//! References to what is no node of its own.

use std::collections::BTreeMap;

use super::copies::{Copies, weight_of};
use crate::{
    graph::{Address, Graph, Kind, Node, ResourceAttribute, Symbol, SymbolicText, Value, symbolic_text},
    problem::{Problem, TranslationProblem},
    read::Place,
};

/// What is known of a resource to which references lead.
enum Target {
    /// It is a node, and its attributes are followed later.
    Node,
    /// A stage: the API that it belongs to, and its name.
    Stage { api: SymbolicText, name: SymbolicText },
    /// A policy: its name, if it states one.
    Policy { name: Option<SymbolicText> },
}

/// Replaces the references to stages and policies, which other dialects write with what they are made of, and refuses
/// those that lead nowhere.
pub(super) fn resolve(
    graph: &mut Graph,
    policies: &BTreeMap<Address, Option<SymbolicText>>,
    copies: &mut Copies,
    problems: &mut Vec<Problem>,
) {
    let mut targets: BTreeMap<Address, Target> =
        graph.resources.iter().map(|node| (Address::clone(&node.address), target(node))).collect();
    targets.extend(
        policies
            .iter()
            .map(|(address, name)| (Address::clone(address), Target::Policy { name: name.clone() })),
    );
    for node in &mut graph.resources {
        let place = node.place.clone();
        node.rewrite(&mut |symbol: &Symbol| follow(symbol, &targets, &place, copies, problems));
    }
    for output in &mut graph.outputs {
        let place = output.place.clone();
        output.rewrite(&mut |symbol: &Symbol| follow(symbol, &targets, &place, copies, problems));
    }
}

fn target(node: &Node<Kind>) -> Target {
    let text = |property: &str| match node.properties.get(property).map(|held| &held.value) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    match (node.kind, text("ApiId"), text("StageName")) {
        (Kind::Stage, Some(api), Some(name)) => Target::Stage { api, name },
        _ => Target::Node,
    }
}

fn follow(
    symbol: &Symbol,
    targets: &BTreeMap<Address, Target>,
    place: &Place,
    copies: &mut Copies,
    problems: &mut Vec<Problem>,
) -> Option<SymbolicText> {
    let Symbol::Attribute { of, attribute } = symbol else { return None };
    let target = targets.get(of);
    let weight = match target {
        Some(Target::Stage { api, name }) => weight_of(api) + weight_of(name),
        Some(Target::Policy { name: Some(name) }) => weight_of(name),
        Some(Target::Node | Target::Policy { name: None }) | None => 0,
    };
    if !copies.allow(weight, place, problems) {
        return None;
    }
    let found = match (target, attribute) {
        (Some(Target::Node), _) | (Some(Target::Stage { .. }), ResourceAttribute::Name) => return None,
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-publish.html
        (Some(Target::Stage { api, name }), ResourceAttribute::Endpoint) => invoke_url(api, name),
        // Where an ARN has the id of a stage.
        (Some(Target::Stage { api, name }), ResourceAttribute::Id) => {
            Some(symbolic_text![api.clone(), "/", name.clone()])
        }
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
        (Some(Target::Policy { name: Some(name) }), ResourceAttribute::Arn) => Some(symbolic_text![
            "arn:",
            Symbol::Partition,
            ":iam::",
            Symbol::AccountId,
            ":policy/",
            name.clone(),
        ]),
        (None | Some(Target::Stage { .. } | Target::Policy { .. }), _) => None,
    };
    if found.is_none() {
        let kind = TranslationProblem::DanglingReference {
            of: Address::clone(of),
            attribute: attribute.to_string(),
        };
        problems.push(Problem { place: place.clone(), kind: kind.into() });
    }
    found
}

/// The address of a stage: that of its API, a slash, and its name unless it is the default one.
fn invoke_url(api: &SymbolicText, name: &SymbolicText) -> Option<SymbolicText> {
    let Some(Symbol::Attribute { of, attribute: ResourceAttribute::Id }) = api.as_symbol() else {
        return None;
    };
    let endpoint = SymbolicText::from(Symbol::attribute(Address::clone(of), ResourceAttribute::Endpoint));
    let name = if name.as_literal() == Some("$default") { SymbolicText::new() } else { name.clone() };
    Some(symbolic_text![endpoint, "/", name])
}
