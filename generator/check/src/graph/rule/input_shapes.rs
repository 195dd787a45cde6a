//! Inputs say numbers, lists and flags in the type that the input has.

use super::Rule;
use crate::graph::{Graph, Held, Number, Properties, SymbolicText, Value};

pub(super) const RULE: Rule = Rule {
    name: "types of inputs",
    says: "A default, a bound or a list of an input is read in the input's type, quoted or not.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
    apply,
};

const NUMBERS: &[&str] = &["MinValue", "MaxValue", "MinLength", "MaxLength", "MinItems", "MaxItems"];
const FLAGS: &[&str] = &["Whole", "NoEcho", "Nullable"];
const SETS: &[&str] = &["AllowedValues", "OtherChecks"];

fn apply(graph: &mut Graph) {
    for node in graph.inputs.iter_mut().chain(&mut graph.outputs) {
        node.properties.retain(|name, held| says_something(name, held));
    }
    for node in &mut graph.inputs {
        let kind = node.properties.get("Type").and_then(Held::as_literal).map(str::to_owned);
        shape(&mut node.properties, kind.as_deref());
    }
}

/// `NoEcho: false`, an empty description and `null` say nothing. An empty default says something.
fn says_something(name: &str, held: &Held) -> bool {
    match &held.value {
        Value::Absent => false,
        Value::Flag(false) => name != "NoEcho",
        Value::Text(text) => name == "Default" || name == "Value" || !matches!(text.as_literal(), Some("")),
        Value::List(items) | Value::Set(items) => name == "Default" || name == "Value" || !items.is_empty(),
        Value::Flag(true) | Value::Number(_) | Value::Map(_) | Value::Json(_) | Value::Choice(_) => true,
    }
}

fn shape(properties: &mut Properties, kind: Option<&str>) {
    for (name, held) in properties {
        let name = name.as_str();
        let wanted = match name {
            "Default" => kind,
            _ if NUMBERS.contains(&name) => Some("number"),
            _ if FLAGS.contains(&name) => Some("flag"),
            _ if SETS.contains(&name) => Some("set"),
            _ => None,
        };
        match wanted {
            Some("number") => number(held),
            Some("flag") => flag(held),
            Some("list") => list(held),
            Some("set") => set(held),
            Some("text") => text(held),
            _ => {}
        }
    }
}

fn number(held: &mut Held) {
    if let Some(number) = held.as_literal().and_then(Number::parse) {
        held.value = Value::Number(number);
    }
}

fn flag(held: &mut Held) {
    match held.as_literal() {
        Some("true") => held.value = Value::Flag(true),
        Some("false") => held.value = Value::Flag(false),
        _ => {}
    }
}

fn text(held: &mut Held) {
    match &held.value {
        Value::Number(number) => held.value = Value::Text(SymbolicText::literal(number.as_str())),
        Value::Flag(flag) => held.value = Value::Text(SymbolicText::literal(flag.to_string())),
        _ => {}
    }
}

/// Values of a list stand in one text, with commas between.
fn list(held: &mut Held) {
    let Some(literal) = held.as_literal() else { return };
    let items = literal.split(',').map(|item| Held::new(item.trim(), held.place.clone())).collect();
    held.value = Value::List(items);
}

fn set(held: &mut Held) {
    if let Value::List(items) | Value::Set(items) = &mut held.value {
        let mut items = std::mem::take(items);
        items.iter_mut().for_each(text);
        held.value = Value::set(items);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held, list_of};
    use super::*;

    #[test]
    fn values_take_the_type_of_their_input() {
        let mut sketch = Sketch::cloudformation();
        sketch.input("Count", [("Type", held("number")), ("Default", held("10")), ("MinValue", held("1"))]);
        sketch.input("Names", [("Type", held("list")), ("Default", held("a, b"))]);
        sketch.input("Switch", [("Type", held("flag")), ("Default", held("true"))]);
        sketch.input("Text", [("Type", held("text")), ("Default", held(5_u32)), ("NoEcho", held(false))]);
        sketch.input("Empty", [("Default", held("")), ("Description", held(""))]);
        sketch.input("One", [("AllowedValues", list_of(["b", "a", "b"]))]);
        sketch.apply(&RULE);
        assert_eq!(sketch.inputs("Count"), r#"{Default: 10, MinValue: 1, Type: "number"}"#);
        assert_eq!(sketch.inputs("Names"), r#"{Default: ["a", "b"], Type: "list"}"#);
        assert_eq!(sketch.inputs("Switch"), r#"{Default: true, Type: "flag"}"#);
        assert_eq!(sketch.inputs("Text"), r#"{Default: "5", Type: "text"}"#);
        assert_eq!(sketch.inputs("Empty"), r#"{Default: ""}"#);
        assert_eq!(sketch.inputs("One"), r#"{AllowedValues: ["a", "b"]}"#);
    }
}
