//! `variable` and `output` blocks.

use std::sync::Arc;

use super::body::{alike, words};
use crate::{
    graph::{Condition, Held, Node, Properties, Value},
    problem::{Problem, TranslationProblem},
    read::Place,
    terraform::NamedBlock,
};

/// Arguments that are no part of what the input is.
pub(super) const IGNORED_OF_VARIABLE: &[(&str, &str)] =
    &[("ephemeral", "whether Terraform keeps the value in its state, where nothing of it is compared")];
const KNOWN: [&str; 6] = ["type", "default", "description", "nullable", "sensitive", "validation"];

/// The input that `block` declares.
pub(super) fn input(block: NamedBlock, problems: &mut Vec<Problem>) -> Node<()> {
    let NamedBlock { name: address, place, mut arguments } = block;
    let mut properties = Properties::new();
    let before = problems.len();
    let kind = kind(arguments.remove("type").as_ref(), arguments.get("default"), &place, problems);
    let is_list = kind.as_literal() == Some("list");
    properties.insert("Type".to_owned(), kind);
    for (name, held) in arguments {
        let property = match name.as_str() {
            "default" => "Default",
            "description" => "Description",
            "nullable" => "Nullable",
            "sensitive" => "NoEcho",
            "validation" => {
                validations(held, is_list, &mut properties, problems);
                continue;
            }
            _ if IGNORED_OF_VARIABLE.iter().any(|(ignored, _)| *ignored == name) => continue,
            _ => {
                let known = IGNORED_OF_VARIABLE.iter().map(|(name, _)| *name).chain(KNOWN);
                let suggestion = alike(&name, known);
                let kind = TranslationProblem::UnknownSetting { of: "a variable", name, suggestion };
                problems.push(Problem { place: held.place, kind: kind.into() });
                continue;
            }
        };
        properties.insert(property.to_owned(), held);
    }
    if problems.len() > before {
        return unread(&address, &place);
    }
    Node { kind: (), address, place, condition: Condition::Always, properties }
}

/// A variable that could not be read.
pub(super) fn unread(name: &Arc<str>, place: &Place) -> Node<()> {
    let (address, place) = (Arc::clone(name), place.clone());
    let mut node =
        Node { kind: (), address, place, condition: Condition::Always, properties: Properties::new() };
    let place = node.place.clone();
    node.mark(&["Type"], &place);
    node
}

/// The type: what the constraint says, else what the default is.
fn kind(
    constraint: Option<&Held>,
    default: Option<&Held>,
    place: &Place,
    problems: &mut Vec<Problem>,
) -> Held {
    let place = constraint.map_or(place, |held| &held.place).clone();
    let written = constraint.map_or("any".to_owned(), |held| {
        let text = held.as_literal().map_or_else(|| words(&held.value), str::to_owned);
        text.chars().filter(|c| !c.is_whitespace()).collect()
    });
    let kind = match written.as_str() {
        "string" => "text",
        "number" => "number",
        "bool" => "flag",
        "list(string)" | "set(string)" => "list",
        "any" => match default.map(|held| &held.value) {
            Some(Value::Flag(_)) => "flag",
            Some(Value::Number(_)) => "number",
            Some(Value::List(_) | Value::Set(_)) => "list",
            None
            | Some(
                Value::Absent
                | Value::Null
                | Value::Text(_)
                | Value::Json(_)
                | Value::Map(_)
                | Value::Choice(_),
            ) => "text",
        },
        _ => {
            let problem = TranslationProblem::VariableType { found: written.clone() };
            problems.push(Problem { place: place.clone(), kind: problem.into() });
            "text"
        }
    };
    Held::new(kind, place)
}

/// What the evaluator understood of the validations, as the properties of the input.
fn validations(held: Held, is_list: bool, properties: &mut Properties, problems: &mut Vec<Problem>) {
    let blocks = match held.value {
        Value::List(items) | Value::Set(items) => items,
        value => vec![Held { value, ..held }],
    };
    let mut messages: Option<Held> = None;
    let mut other = Vec::new();
    for block in blocks {
        let Value::Map(mut entries) = block.value else {
            let kind = TranslationProblem::NotUnderstood {
                of: "a variable".to_owned(),
                path: "validation".to_owned(),
                expected: "a block",
                found: words(&block.value),
            };
            problems.push(Problem { place: block.place, kind: kind.into() });
            continue;
        };
        let source = entries.remove("source");
        if let Some(message) = entries.remove("error_message") {
            messages = Some(match messages {
                None => message,
                Some(first) => several(first, &message),
            });
        }
        // A pattern of each item is what a pattern means for a list; elsewhere it cannot stand.
        let is_each = entries.remove("each").is_some_and(|held| held.value == Value::Flag(true));
        for (name, held) in entries {
            let property = match name.as_str() {
                "pattern" if is_each == is_list => Some("AllowedPattern"),
                "min_length" if is_list => Some("MinItems"),
                "max_length" if is_list => Some("MaxItems"),
                "min_length" => Some("MinLength"),
                "max_length" => Some("MaxLength"),
                "min" => Some("MinValue"),
                "max" => Some("MaxValue"),
                "whole" => Some("Whole"),
                "values" => Some("AllowedValues"),
                "other" => {
                    match held.value {
                        Value::List(items) | Value::Set(items) => other.extend(items),
                        value => other.push(Held { value, ..held }),
                    }
                    continue;
                }
                _ => None,
            };
            match property {
                Some(property) if !properties.contains_key(property) => {
                    let held = if property == "AllowedValues" { as_set(held) } else { held };
                    properties.insert(property.to_owned(), held);
                }
                // A second bound of one kind is kept as it is written.
                Some(_) | None => other.push(source.clone().unwrap_or(held)),
            }
        }
    }
    if let Some(messages) = messages {
        properties.insert("ConstraintDescription".to_owned(), messages);
    }
    if let Some(first) = other.first() {
        let place = first.place.clone();
        properties.insert("OtherChecks".to_owned(), Held::new(Value::set(other), place));
    }
}

fn as_set(held: Held) -> Held {
    match held.value {
        Value::List(items) => Held { value: Value::set(items), ..held },
        _ => held,
    }
}

/// Two messages one after the other.
fn several(first: Held, second: &Held) -> Held {
    match (first.value, &second.value) {
        (Value::Text(mut text), Value::Text(more)) => {
            text.push_str(" ");
            text.append(more);
            Held { value: Value::Text(text), place: first.place, rule: first.rule }
        }
        (value, _) => Held { value, place: first.place, rule: first.rule },
    }
}

/// Arguments that are no part of what the output says.
pub(super) const IGNORED_OF_OUTPUT: &[(&str, &str)] = &[
    ("depends_on", "the order in which Terraform works"),
    ("ephemeral", "whether Terraform keeps the value in its state"),
];

/// The output that `block` declares.
pub(super) fn output(block: NamedBlock, problems: &mut Vec<Problem>) -> Node<()> {
    let NamedBlock { name: address, place, arguments } = block;
    let mut properties = Properties::new();
    for (name, held) in arguments {
        let property = match name.as_str() {
            "value" => "Value",
            "description" => "Description",
            "sensitive" => "NoEcho",
            _ if IGNORED_OF_OUTPUT.iter().any(|(ignored, _)| *ignored == name) => continue,
            _ => {
                let known = IGNORED_OF_OUTPUT.iter().map(|(name, _)| *name).chain([
                    "value",
                    "description",
                    "sensitive",
                ]);
                let suggestion = alike(&name, known);
                let kind = TranslationProblem::UnknownSetting { of: "an output", name, suggestion };
                problems.push(Problem { place: held.place, kind: kind.into() });
                continue;
            }
        };
        properties.insert(property.to_owned(), held);
    }
    Node { kind: (), address, place, condition: Condition::Always, properties }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{super::example::named, *};

    #[track_caller]
    fn check(arguments: &Json, expected: &str) {
        let mut problems = Vec::new();
        let node = input(named("x", arguments), &mut problems);
        assert_eq!(problems, []);
        assert_eq!(Value::Map(node.properties).to_string(), expected);
    }

    #[test]
    fn types_are_those_that_both_dialects_have() {
        check(&json!({"type": "string", "sensitive": true}), r#"{NoEcho: true, Type: "text"}"#);
        check(&json!({"type": "list( string )"}), r#"{Type: "list"}"#);
        check(&json!({"type": "set(string)", "nullable": false}), r#"{Nullable: false, Type: "list"}"#);
        check(&json!({"default": 3}), r#"{Default: 3, Type: "number"}"#);
        check(&json!({"type": "any", "default": true}), r#"{Default: true, Type: "flag"}"#);
        let mut problems = Vec::new();
        input(named("x", &json!({"type": "map(string)", "deprecated": "x"})), &mut problems);
        let words: Vec<_> = problems.iter().map(|problem| problem.kind.to_string()).collect();
        assert_eq!(
            words,
            [
                "the type `map(string)` is outside the subset that the check understands; variables are string, \
                 number, bool, list(string) or set(string)",
                "`deprecated` of a variable is nothing that the check knows",
            ]
        );
    }

    #[test]
    fn validations_are_bounds() {
        check(
            &json!({
                "type": "string",
                "validation": [
                    {"source": "a", "error_message": "must be short.", "pattern": "^x$", "max_length": 3},
                    {"source": "b", "error_message": "And not y.", "other": ["x != y"]},
                    {"source": "c", "pattern": "^z$"},
                ],
            }),
            r#"{AllowedPattern: "^x$", ConstraintDescription: "must be short. And not y.", MaxLength: 3, OtherChecks: ["c", "x != y"], Type: "text"}"#,
        );
        check(
            &json!({"type": "number", "validation": [{"source": "a", "min": 1, "max": 9, "whole": true}]}),
            r#"{MaxValue: 9, MinValue: 1, Type: "number", Whole: true}"#,
        );
        check(
            &json!({"type": "string", "validation": [{"source": "a", "values": ["b", "a"]}]}),
            r#"{AllowedValues: ["a", "b"], Type: "text"}"#,
        );
    }

    #[test]
    fn bounds_of_a_list_are_of_its_items() {
        check(
            &json!({
                "type": "list(string)",
                "validation": [
                    {"source": "a", "min_length": 1},
                    {"source": "b", "pattern": "^s", "each": true},
                    {"source": "c", "pattern": "^t"},
                ],
            }),
            r#"{AllowedPattern: "^s", MinItems: 1, OtherChecks: ["c"], Type: "list"}"#,
        );
    }
}
