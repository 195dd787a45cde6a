//! Inputs: what says the same about a parameter and a variable.
//!
//! Either dialect has types that the other one spells by a pattern or a list of values.

use std::{collections::BTreeSet, sync::Arc};

use super::Rule;
use crate::graph::{
    Changer, Condition, Dialect, Graph, Held, Node, Number, Properties, Symbol, SymbolicText, Value,
};

/// Inputs say numbers, lists and flags in the type that the input has.
pub(super) const TYPES: Rule = Rule {
    name: "types of inputs",
    says: "A default, a bound or a list of an input is read in the input's type, quoted or not.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
    apply: types,
};

const NUMBER_PROPERTIES: &[&str] =
    &["MinValue", "MaxValue", "MinLength", "MaxLength", "MinItems", "MaxItems"];
const FLAG_PROPERTIES: &[&str] = &["Whole", "NoEcho", "Nullable"];
const SET_PROPERTIES: &[&str] = &["AllowedValues", "OtherChecks"];

fn types(graph: &mut Graph) {
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
        Value::Null
        | Value::Flag(true)
        | Value::Number(_)
        | Value::Map(_)
        | Value::Json(_)
        | Value::Choice(_) => true,
    }
}

fn shape(properties: &mut Properties, kind: Option<&str>) {
    for (name, held) in properties {
        let name = name.as_str();
        let wanted = match name {
            "Default" => kind,
            _ if NUMBER_PROPERTIES.contains(&name) => Some("number"),
            _ if FLAG_PROPERTIES.contains(&name) => Some("flag"),
            _ if SET_PROPERTIES.contains(&name) => Some("set"),
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

/// Patterns: a template's describes the whole value, Terraform's a part of it.
pub(super) const PATTERNS: Rule = Rule {
    name: "patterns of inputs",
    says: "A template's pattern must match the whole value, as if `^` and `$` stood around it.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
    apply: patterns,
};

fn patterns(graph: &mut Graph) {
    if graph.dialect == Dialect::Terraform {
        return;
    }
    for node in &mut graph.inputs {
        let Some(held) = node.properties.get_mut("AllowedPattern") else { continue };
        if let Some(whole) = held.as_literal().map(whole) {
            held.value = whole.as_str().into();
        }
    }
}

fn whole(pattern: &str) -> String {
    if has_alternatives(pattern) {
        return format!("^({pattern})$");
    }
    let start = if pattern.starts_with('^') { "" } else { "^" };
    let escaped = pattern.chars().rev().skip(1).take_while(|c| *c == '\\').count() % 2 == 1;
    let end = if pattern.ends_with('$') && !escaped { "" } else { "$" };
    format!("{start}{pattern}{end}")
}

/// Whether a `|` stands outside of all brackets.
fn has_alternatives(pattern: &str) -> bool {
    let (mut depth, mut in_class, mut escaped) = (0_usize, false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth = depth.saturating_sub(1),
            '|' if !in_class && depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// Ids of AWS resources: a type in one dialect, a pattern in the other.
pub(super) const AWS_IDS: Rule = Rule {
    name: "ids as inputs",
    says: "An input that takes the id of a VPC, a subnet, an image and the like says so by its type or by the beginning of its pattern.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html",
    apply: aws_ids,
};

/// How ids begin (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html>).
const IDS: &[(&str, &str)] = &[
    ("^vpc-", "AWS::EC2::VPC::Id"),
    ("^subnet-", "AWS::EC2::Subnet::Id"),
    ("^ami-", "AWS::EC2::Image::Id"),
    ("^sg-", "AWS::EC2::SecurityGroup::Id"),
    ("^i-", "AWS::EC2::Instance::Id"),
    ("^vol-", "AWS::EC2::Volume::Id"),
];

fn aws_ids(graph: &mut Graph) {
    for node in &mut graph.inputs {
        let place = node.place.clone();
        let properties = &mut node.properties;
        if let Some(stated) = properties.get_mut("AwsType") {
            let Some(written) = stated.as_literal().map(str::to_owned) else { continue };
            let item = written
                .strip_prefix("List<")
                .and_then(|rest| rest.strip_suffix('>'))
                .filter(|item| item.starts_with("AWS::"));
            if let Some(item) = item {
                *stated = Held { value: item.into(), ..stated.clone() };
            }
            // The service refuses an empty list of ids, because no such id exists.
            if item.is_some() && !properties.contains_key("Default") {
                let least = Held { value: 1_u32.into(), place, rule: Some(AWS_IDS.name) };
                properties.entry("MinItems".to_owned()).or_insert(least);
            }
        } else if let Some((kind, pattern)) = by_pattern(properties) {
            let pattern = Held { value: kind.into(), ..pattern };
            properties.insert("AwsType".to_owned(), pattern);
        }
    }
}

/// The type that the pattern stands for, and the pattern, taken out.
fn by_pattern(properties: &mut Properties) -> Option<(&'static str, Held)> {
    let pattern = properties.get("AllowedPattern")?.as_literal()?;
    // Anything else may stand behind an alternative.
    let (_, kind) = IDS.iter().find(|(start, _)| pattern.starts_with(start) && !pattern.contains('|'))?;
    if !pattern.ends_with('$') {
        return None;
    }
    Some((kind, properties.remove("AllowedPattern")?))
}

/// Flags: a type in Terraform, one of two texts in a template.
pub(super) const FLAGS: Rule = Rule {
    name: "flags",
    says: "An input that takes `true` or `false` as text is a flag, and what is not true is false.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html: templates have no type for it",
    apply: flags,
};

fn flags(graph: &mut Graph) {
    let mut flags = BTreeSet::new();
    for node in &mut graph.inputs {
        if takes_true_or_false(node) {
            become_flag(node);
        }
        if node.properties.get("Type").and_then(Held::as_literal) == Some("flag") {
            flags.insert(Arc::clone(&node.address));
        }
    }
    if flags.is_empty() {
        return;
    }
    let mut spelling = Spelling { flags };
    graph.resources.iter_mut().for_each(|node| node.change(&mut spelling));
    graph.inputs.iter_mut().chain(&mut graph.outputs).for_each(|node| node.change(&mut spelling));
}

/// Says of flags whether they are true, and never whether they are false.
struct Spelling {
    flags: BTreeSet<Arc<str>>,
}

impl Changer for Spelling {
    fn comparison(&mut self, comparison: Condition) -> Condition {
        match is_false(&comparison, &self.flags) {
            Some(input) => Condition::not(Condition::equals(input, Value::Flag(true))),
            None => comparison,
        }
    }
}

fn takes_true_or_false(node: &Node<()>) -> bool {
    let is_text = node.properties.get("Type").and_then(Held::as_literal) == Some("text");
    let Some(Value::Set(values) | Value::List(values)) =
        node.properties.get("AllowedValues").map(|held| &held.value)
    else {
        return false;
    };
    let values: BTreeSet<_> = values.iter().map(Held::as_literal).collect();
    is_text && values == BTreeSet::from([Some("false"), Some("true")])
}

fn become_flag(node: &mut Node<()>) {
    node.properties.remove("AllowedValues");
    if let Some(kind) = node.properties.get_mut("Type") {
        kind.value = "flag".into();
    }
    if let Some(default) = node.properties.get_mut("Default") {
        match default.as_literal() {
            Some("true") => default.value = Value::Flag(true),
            Some("false") => default.value = Value::Flag(false),
            _ => {}
        }
    }
}

/// The flag that is false where `condition` holds.
fn is_false(condition: &Condition, flags: &BTreeSet<Arc<str>>) -> Option<Value> {
    let Condition::Equals(left, right) = condition else { return None };
    let flag = |value: &Value| match value.as_symbol() {
        Some(Symbol::Input(name)) => flags.contains(name),
        _ => false,
    };
    let says_false = |value: &Value| match value {
        Value::Text(text) => text.as_literal() == Some("false"),
        _ => false,
    };
    match (left.as_ref(), right.as_ref()) {
        (input, other) | (other, input) if flag(input) && says_false(other) => Some(input.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{Sketch, held, input, list_of},
        *,
    };
    use crate::graph::Kind;

    #[test]
    fn values_take_the_type_of_their_input() {
        let mut sketch = Sketch::cloudformation();
        sketch.input("Count", [("Type", held("number")), ("Default", held("10")), ("MinValue", held("1"))]);
        sketch.input("Names", [("Type", held("list")), ("Default", held("a, b"))]);
        sketch.input("Switch", [("Type", held("flag")), ("Default", held("true"))]);
        sketch.input("Text", [("Type", held("text")), ("Default", held(5_u32)), ("NoEcho", held(false))]);
        sketch.input("Empty", [("Default", held("")), ("Description", held(""))]);
        sketch.input("One", [("AllowedValues", list_of(["b", "a", "b"]))]);
        sketch.apply(&TYPES);
        assert_eq!(sketch.inputs("Count"), r#"{Default: 10, MinValue: 1, Type: "number"}"#);
        assert_eq!(sketch.inputs("Names"), r#"{Default: ["a", "b"], Type: "list"}"#);
        assert_eq!(sketch.inputs("Switch"), r#"{Default: true, Type: "flag"}"#);
        assert_eq!(sketch.inputs("Text"), r#"{Default: "5", Type: "text"}"#);
        assert_eq!(sketch.inputs("Empty"), r#"{Default: ""}"#);
        assert_eq!(sketch.inputs("One"), r#"{AllowedValues: ["a", "b"]}"#);
    }

    #[track_caller]
    fn pattern_becomes(mut sketch: Sketch, pattern: &str, expected: &str) {
        sketch.input("I", [("AllowedPattern", held(pattern))]);
        sketch.apply(&PATTERNS);
        assert_eq!(sketch.inputs("I"), format!("{{AllowedPattern: {expected:?}}}"));
    }

    #[test]
    fn a_template_matches_the_whole_value() {
        for (pattern, whole) in [
            ("[a-z]+", "^[a-z]+$"),
            ("^[a-z]+$", "^[a-z]+$"),
            ("^[a-z]+", "^[a-z]+$"),
            (r"5\$", r"^5\$$"),
            ("a|b", "^(a|b)$"),
            ("^(a|b)?$", "^(a|b)?$"),
            (r"[|]\|", r"^[|]\|$"),
        ] {
            pattern_becomes(Sketch::cloudformation(), pattern, whole);
        }
    }

    #[test]
    fn terraform_matches_a_part() {
        pattern_becomes(Sketch::terraform(), "[a-z]+", "[a-z]+");
    }

    #[test]
    fn a_type_and_a_pattern_say_the_same() {
        let mut template = Sketch::cloudformation();
        template.input("Vpc", [("AwsType", held("AWS::EC2::VPC::Id"))]);
        template.input("Nets", [("AwsType", held("List<AWS::EC2::Subnet::Id>"))]);
        template.input("Numbers", [("AwsType", held("List<Number>"))]);
        template.apply(&AWS_IDS);
        assert_eq!(template.inputs("Numbers"), r#"{AwsType: "List<Number>"}"#);
        let mut module = Sketch::terraform();
        module.input("Vpc", [("AllowedPattern", held("^vpc-[0-9a-z]+$"))]);
        module.input("Nets", [("AllowedPattern", held("^subnet-[0-9a-f]+$")), ("MinItems", held(1_u32))]);
        module.apply(&AWS_IDS);
        for name in ["Vpc", "Nets"] {
            assert_eq!(template.inputs(name), module.inputs(name));
        }
        assert_eq!(module.inputs("Nets"), r#"{AwsType: "AWS::EC2::Subnet::Id", MinItems: 1}"#);
    }

    #[test]
    fn another_pattern_stays() {
        for pattern in ["^vpc-[0-9a-z]+$|^$", "^vpc-", "vpc-[a-z]+$", "^[a-z]+$"] {
            let mut module = Sketch::terraform();
            module.input("Vpc", [("AllowedPattern", held(pattern))]);
            module.apply(&AWS_IDS);
            assert_eq!(module.inputs("Vpc"), format!("{{AllowedPattern: {pattern:?}}}"));
        }
    }

    #[test]
    fn one_of_two_texts_is_a_flag() {
        let mut sketch = Sketch::cloudformation();
        let values = list_of(["true", "false"]);
        sketch.input("On", [("Type", held("text")), ("Default", held("true")), ("AllowedValues", values)]);
        let is_false = || Condition::equals(input("On"), "false".into());
        let choice = held(Value::choice(is_false(), held("off"), held("on")));
        sketch.resource(Kind::Queue, "Queue", [("QueueName", choice)]);
        sketch.condition("Queue", is_false());
        sketch.apply(&FLAGS);
        assert_eq!(sketch.inputs("On"), r#"{Default: true, Type: "flag"}"#);
        assert_eq!(sketch.resources("Queue"), r#"{QueueName: "on" if "true" = "<On>", else "off"}"#);
        assert_eq!(sketch.find("Queue").condition.to_string(), r#""true" != "<On>""#);
    }

    #[test]
    fn a_text_of_other_values_stays_one() {
        let mut sketch = Sketch::cloudformation();
        sketch.input("On", [("Type", held("text")), ("AllowedValues", list_of(["true", "false", "maybe"]))]);
        sketch.resource(Kind::Queue, "Queue", []);
        sketch.condition("Queue", Condition::equals(input("On"), "false".into()));
        sketch.apply(&FLAGS);
        assert_eq!(sketch.find("Queue").condition.to_string(), r#""false" = "<On>""#);
        assert!(sketch.inputs("On").contains("AllowedValues"));
    }
}
