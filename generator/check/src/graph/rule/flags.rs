//! Flags: a type in Terraform, one of two texts in a template.

use std::{collections::BTreeSet, sync::Arc};

use super::Rule;
use crate::graph::{Changer, Condition, Graph, Held, Node, Symbol, Value};

pub(super) const RULE: Rule = Rule {
    name: "flags",
    says: "An input that takes `true` or `false` as text is a flag, and what is not true is false.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html: templates have no type for it",
    apply,
};

fn apply(graph: &mut Graph) {
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

/// The flag of which `condition` asks whether it is false.
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
    use super::super::tests::{Sketch, held, input, list_of};
    use super::*;
    use crate::graph::Kind;

    #[test]
    fn one_of_two_texts_is_a_flag() {
        let mut sketch = Sketch::cloudformation();
        let values = list_of(["true", "false"]);
        sketch.input("On", [("Type", held("text")), ("Default", held("true")), ("AllowedValues", values)]);
        let is_false = || Condition::equals(input("On"), "false".into());
        let choice = held(Value::choice(is_false(), held("off"), held("on")));
        sketch.resource(Kind::Queue, "Queue", [("QueueName", choice)]);
        sketch.condition("Queue", is_false());
        sketch.apply(&RULE);
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
        sketch.apply(&RULE);
        assert_eq!(sketch.find("Queue").condition.to_string(), r#""false" = "<On>""#);
        assert!(sketch.inputs("On").contains("AllowedValues"));
    }
}
