//! Ways through a graph that rules have in common. The depth of values is bounded by the readers.

use crate::graph::{Choice, Condition, Graph, Held, Kind, Node, Properties, Symbol, SymbolicText, Value};

/// The resources of `kind`.
pub(super) fn resources(graph: &mut Graph, kind: Kind) -> impl Iterator<Item = &mut Node<Kind>> {
    graph.resources.iter_mut().filter(move |node| node.kind == kind)
}

/// Gives each value that `held` can be to `change`: both, where it is one of two.
pub(super) fn alternatives(held: &mut Held, change: &mut impl FnMut(&mut Held)) {
    if !matches!(held.value, Value::Choice(_)) {
        change(held);
        return;
    }
    let Value::Choice(choice) = std::mem::replace(&mut held.value, Value::Absent) else { return };
    let Choice { condition, mut then, mut otherwise } = *choice;
    alternatives(&mut then, change);
    alternatives(&mut otherwise, change);
    held.value = Value::choice(condition, then, otherwise);
}

/// Gives the properties of the object that `held` is, or can be, to `change`.
pub(super) fn objects(held: &mut Held, change: &mut impl FnMut(&mut Properties)) {
    alternatives(held, &mut |held| {
        if let Value::Map(entries) = &mut held.value {
            change(entries);
        }
    });
}

/// Gives the items of the list that `held` is, or can be, to `change`; a set is sorted again afterwards.
pub(super) fn items(held: &mut Held, change: &mut impl FnMut(&mut Vec<Held>)) {
    alternatives(held, &mut |held| match &mut held.value {
        Value::List(items) => change(items),
        Value::Set(items) => {
            let mut items = std::mem::take(items);
            change(&mut items);
            held.value = Value::set(items);
        }
        Value::Absent
        | Value::Flag(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Map(_)
        | Value::Json(_)
        | Value::Choice(_) => {}
    });
}

/// Gives the text that `held` is, or can be, to `change`.
pub(super) fn texts(held: &mut Held, change: &mut impl FnMut(&mut SymbolicText)) {
    alternatives(held, &mut |held| {
        if let Value::Text(text) = &mut held.value {
            change(text);
        }
    });
}

/// Replaces the questions that `graph` asks, wherever they stand.
pub(super) fn questions(graph: &mut Graph, change: &impl Fn(Condition) -> Condition) {
    for node in &mut graph.resources {
        questions_of(node, change);
    }
    for node in graph.inputs.iter_mut().chain(&mut graph.outputs) {
        questions_of(node, change);
    }
}

fn questions_of<K>(node: &mut Node<K>, change: &impl Fn(Condition) -> Condition) {
    let condition = std::mem::replace(&mut node.condition, Condition::Always);
    node.condition = parts(condition, change);
    node.properties.values_mut().for_each(|held| questions_in(held, change));
}

fn questions_in(held: &mut Held, change: &impl Fn(Condition) -> Condition) {
    match &mut held.value {
        Value::Absent | Value::Flag(_) | Value::Number(_) | Value::Text(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| questions_in(item, change)),
        Value::Set(items) => {
            let mut items = std::mem::take(items);
            for item in &mut items {
                questions_in(item, change);
            }
            held.value = Value::set(items);
        }
        Value::Map(entries) => entries.values_mut().for_each(|held| questions_in(held, change)),
        Value::Json(held) => questions_in(held, change),
        Value::Choice(_) => {
            let Value::Choice(choice) = std::mem::replace(&mut held.value, Value::Absent) else { return };
            let Choice { condition, mut then, mut otherwise } = *choice;
            questions_in(&mut then, change);
            questions_in(&mut otherwise, change);
            held.value = Value::choice(parts(condition, change), then, otherwise);
        }
    }
}

/// `condition` with each comparison in it replaced.
fn parts(condition: Condition, change: &impl Fn(Condition) -> Condition) -> Condition {
    match condition {
        Condition::Always | Condition::Never => condition,
        Condition::Equals(..) => change(condition),
        Condition::Not(condition) => Condition::not(parts(*condition, change)),
        Condition::All(all) => {
            let all: Vec<_> = all.into_iter().map(|condition| parts(condition, change)).collect();
            Condition::all(all)
        }
        Condition::Any(any) => {
            let any: Vec<_> = any.into_iter().map(|condition| parts(condition, change)).collect();
            Condition::any(any)
        }
    }
}

/// The expression, if `value` is nothing else.
pub(super) fn as_symbol(value: &Value) -> Option<&Symbol> {
    match value {
        Value::Text(text) => text.as_symbol(),
        _ => None,
    }
}
