//! What is empty says nothing.

use super::Rule;
use crate::graph::{
    Graph, Held, Kind, Properties, Value,
    kind::{Field, Shape},
};

pub(super) const RULE: Rule = Rule {
    name: "empty",
    says: "A property that is an empty list, object or text says as much as one that is left out.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html: one dialect leaves out by `AWS::NoValue`, the other by `null`, `\"\"` or `[]`",
    apply,
};

/// Properties whose empty text says something: the pattern that every log event matches.
const MEANT: &[(Kind, &str)] = &[(Kind::MetricFilter, "FilterPattern")];

fn apply(graph: &mut Graph) {
    for node in &mut graph.resources {
        object(node.kind.facts().fields, &mut node.properties, &|name| !MEANT.contains(&(node.kind, name)));
    }
}

fn object(fields: &[Field], properties: &mut Properties, may_go: &impl Fn(&str) -> bool) {
    properties.retain(|name, held| {
        if let Some(field) = fields.iter().find(|field| field.name == name) {
            inside(&field.shape, held, may_go);
        }
        !(may_go(name) && is_empty(&held.value))
    });
}

/// What is inside `held` where the names are known; names and texts that somebody chose stay as they are.
fn inside(shape: &Shape, held: &mut Held, may_go: &impl Fn(&str) -> bool) {
    match (shape, &mut held.value) {
        (_, Value::Choice(_)) => held.value.change_inside(&mut |side| {
            inside(shape, side, may_go);
            if is_empty(&side.value) {
                side.value = Value::Absent;
            }
        }),
        (Shape::Object(fields), Value::Map(entries)) => object(fields, entries, may_go),
        (Shape::Document(shape), _) => inside(shape, held, may_go),
        (Shape::List(shape) | Shape::OneOrMoreOf(shape), Value::List(_))
        | (Shape::Set(shape), Value::Set(_))
        | (Shape::MapOf(shape) | Shape::Keyed { key: _, value: None, item: shape }, Value::Map(_)) => {
            held.value.change_inside(&mut |held| inside(shape, held, may_go));
        }
        (Shape::Keyed { key: _, value: Some(value), item: Shape::Object(fields) }, Value::Map(_)) => {
            if let Some(field) = fields.iter().find(|field| field.name == *value) {
                held.value.change_inside(&mut |held| inside(&field.shape, held, may_go));
            }
        }
        (
            Shape::Text
            | Shape::Number
            | Shape::Flag
            | Shape::List(_)
            | Shape::Set(_)
            | Shape::OneOrMore
            | Shape::OneOrMoreOf(_)
            | Shape::Object(_)
            | Shape::MapOf(_)
            | Shape::Keyed { .. }
            | Shape::Tags
            | Shape::Principal
            | Shape::MaybeDocument
            | Shape::Json
            | Shape::Pattern,
            _,
        ) => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Absent => true,
        Value::Text(text) => text.as_literal() == Some(""),
        Value::List(items) | Value::Set(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        Value::Flag(_) | Value::Number(_) | Value::Json(_) | Value::Choice(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held, input, list, map, set_of};
    use super::*;
    use crate::graph::Condition;

    #[track_caller]
    fn becomes<const N: usize>(kind: Kind, before: [(&str, Held); N], after: &str) {
        let mut sketch = Sketch::terraform();
        sketch.resource(kind, "it", before);
        sketch.apply(&RULE);
        assert_eq!(sketch.resources("it"), after);
    }

    #[test]
    fn what_is_empty_goes() {
        becomes(
            Kind::Function,
            [
                ("Description", held("")),
                ("Layers", list([])),
                ("VpcConfig", map([("SubnetIds", set_of([])), ("SecurityGroupIds", set_of([]))])),
                ("Handler", held(Value::Absent)),
                ("Runtime", held("provided.al2023")),
            ],
            r#"{Runtime: "provided.al2023"}"#,
        );
    }

    #[test]
    fn what_somebody_chose_stays() {
        let variables = map([("Variables", map([("EMPTY", held(""))]))]);
        becomes(Kind::Function, [("Environment", variables)], r#"{Environment: {Variables: {EMPTY: ""}}}"#);
        becomes(Kind::Queue, [("Tags", map([("Team", held(""))]))], r#"{Tags: {Team: ""}}"#);
        becomes(Kind::MetricFilter, [("FilterPattern", held(""))], r#"{FilterPattern: ""}"#);
    }

    #[test]
    fn one_of_two_may_be_nothing() {
        let is_set = Condition::equals(input("On"), Value::Flag(true));
        let choice = held(Value::choice(is_set, set_of(["topic"]), set_of([])));
        becomes(
            Kind::Alarm,
            [("AlarmActions", choice)],
            r#"{AlarmActions: ["topic"] if "true" = "<On>", else nothing}"#,
        );
    }
}
