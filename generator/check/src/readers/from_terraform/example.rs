//! Modules for tests, written as JSON in which `${aws_sqs_queue.jobs.arn}` and `${var.name}` are references.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value as Json;

use super::{argument::computed, body::View, translate::translate};
use crate::{
    graph::{Condition, Graph, Held, Number, Properties, Shaper, Symbol, SymbolicText, Value},
    problem::Problem,
    read::{Place, Position},
    terraform::{Module, NamedBlock, ResourceBlock},
};

/// A resource; `count`, `depends_on` and `lifecycle` are what they are in Terraform, a `count` is a variable's name.
pub(super) fn resource(address: &str, line: usize, arguments: &Json) -> ResourceBlock {
    let mut arguments = properties(arguments, line);
    let condition = match arguments.remove("count") {
        Some(count) => Condition::equals(count.value, Value::Flag(true)),
        None => Condition::Always,
    };
    let depends_on = match arguments.remove("depends_on").map(|held| held.value) {
        Some(Value::List(items)) => {
            items.iter().map(|item| (item.as_literal().unwrap().into(), item.place.clone())).collect()
        }
        _ => Vec::new(),
    };
    let lifecycle = match arguments.remove("lifecycle").map(|held| held.value) {
        Some(Value::Map(lifecycle)) => lifecycle,
        _ => Properties::new(),
    };
    ResourceBlock {
        kind: address.split('.').next().unwrap().into(),
        address: address.into(),
        place: at(line, 1),
        condition,
        arguments,
        depends_on,
        lifecycle,
    }
}

/// A module of resources, one in each line.
pub(super) fn module(resources: &[(&str, Json)]) -> Module {
    Module {
        resources: resources
            .iter()
            .enumerate()
            .map(|(index, (address, arguments))| resource(address, index + 1, arguments))
            .collect(),
        ..Module::default()
    }
}

/// A block with a name.
pub(super) fn named(name: &str, arguments: &Json) -> NamedBlock {
    NamedBlock { name: name.into(), place: at(1, 1), arguments: properties(arguments, 1) }
}

/// What a module says, in the shapes of the vocabulary.
#[track_caller]
pub(super) fn shaped(module: Module) -> Graph {
    let mut graph = translate(module, View::Written, &BTreeSet::new()).unwrap();
    let mut shaper = Shaper::default();
    shaper.graph(&mut graph);
    assert_eq!(shaper.problems, [], "what does not fit the vocabulary");
    graph
}

/// The properties of the resource at `address`.
#[track_caller]
pub(super) fn shown(graph: &Graph, address: &str) -> String {
    let node = graph.resources.iter().find(|node| &*node.address == address).unwrap();
    Value::Map(node.properties.clone()).to_string()
}

/// Asserts what the resource at `address` is.
#[track_caller]
pub(super) fn check(resources: &[(&str, Json)], address: &str, expected: &str) {
    assert_eq!(shown(&shaped(module(resources)), address), expected);
}

/// Asserts what is refused: the places and the messages.
#[track_caller]
pub(super) fn check_refused(resources: &[(&str, Json)], expected: &[&str]) {
    assert_eq!(messages(translate(module(resources), View::Written, &BTreeSet::new())), expected);
}

/// The problems, as people see them.
#[track_caller]
pub(super) fn messages(found: Result<Graph, Vec<Problem>>) -> Vec<String> {
    found.unwrap_err().iter().map(|problem| format!("{}: {}", problem.place, problem.kind)).collect()
}

fn at(line: usize, column: usize) -> Place {
    Place { file: Arc::from("main.tf"), position: Some(Position { line, column }) }
}

fn properties(arguments: &Json, line: usize) -> Properties {
    let entries = arguments.as_object().unwrap();
    entries.iter().map(|(name, json)| (name.clone(), Held::new(value(json, line), at(line, 3)))).collect()
}

fn value(json: &Json, line: usize) -> Value {
    match json {
        Json::Null => Value::Absent,
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => Value::Number(Number::parse(&number.to_string()).unwrap()),
        Json::String(text) => text_of(text),
        Json::Array(items) => {
            Value::List(items.iter().map(|item| Held::new(value(item, line), at(line, 5))).collect())
        }
        Json::Object(entries) => match entries.get("?") {
            // `{"?": "flag", "then": .., "else": ..}`
            Some(condition) => Value::choice(
                Condition::equals(value(condition, line), Value::Flag(true)),
                Held::new(value(&json["then"], line), at(line, 5)),
                Held::new(value(&json["else"], line), at(line, 5)),
            ),
            None => Value::Map(properties(json, line)),
        },
    }
}

fn text_of(source: &str) -> Value {
    let mut text = SymbolicText::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let (reference, after) = after.split_once('}').unwrap();
        let (address, attribute) = reference.rsplit_once('.').unwrap();
        if address == "var" {
            text.push_symbol(Symbol::Input(attribute.into()));
        } else {
            let kind = address.split('.').next().unwrap();
            let Some(Value::Text(found)) = computed(kind, attribute, &address.into()) else {
                unreachable!("{reference} is not computed");
            };
            text.append(&found);
        }
        rest = after;
    }
    text.push_str(rest);
    Value::Text(text)
}
