//! Functions of sets, and of what makes one: items of one type, each of them once.

use std::collections::BTreeSet;

use super::list::{items, list, only};
use crate::{
    graph::{Held, SymbolicText, Value},
    read::Place,
    terraform::evaluator::{Evaluator, Outcome},
};

pub(super) fn tolist(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let held = only(arguments)?;
    if evaluator.is_unknown_list(&held.value) {
        return Ok(held);
    }
    Ok(list(alike(items(evaluator, name, held)?), place))
}

pub(super) fn toset(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let held = only(arguments)?;
    if evaluator.is_unknown_list(&held.value) {
        return Ok(held);
    }
    let items = alike(items(evaluator, name, held)?);
    Ok(Held::new(Value::set(items), place.clone()))
}

pub(super) fn distinct(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let items = items(evaluator, name, only(arguments)?)?;
    known_items(evaluator, name, &items, place)?;
    let mut seen = BTreeSet::new();
    Ok(list(items.into_iter().filter(|item| seen.insert(item.clone())).collect(), place))
}

pub(super) fn sets(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let mut sets = Vec::new();
    for argument in arguments {
        let items = items(evaluator, name, argument)?;
        if name != "setunion" {
            known_items(evaluator, name, &items, place)?;
        }
        sets.push(items.into_iter().collect::<BTreeSet<_>>());
    }
    let combine = |left: BTreeSet<Held>, right: BTreeSet<Held>| -> BTreeSet<Held> {
        match name {
            "setunion" => left.into_iter().chain(right).collect(),
            "setintersection" => left.into_iter().filter(|item| right.contains(item)).collect(),
            _ => left.into_iter().filter(|item| !right.contains(item)).collect(),
        }
    };
    let set = sets.into_iter().reduce(combine).unwrap_or_default();
    Ok(Held::new(Value::set(set.into_iter().collect()), place.clone()))
}

/// Items of one type, as all of a list or a set are: beside text, numbers and flags are text.
fn alike(mut items: Vec<Held>) -> Vec<Held> {
    if items.iter().any(|item| matches!(item.value, Value::Text(_))) {
        for item in &mut items {
            let text = match &item.value {
                Value::Number(number) => number.to_string(),
                Value::Flag(flag) => flag.to_string(),
                _ => continue,
            };
            item.value = Value::Text(SymbolicText::literal(text));
        }
    }
    items
}

/// Refuses items of which nobody knows whether they are the same.
fn known_items(evaluator: &mut Evaluator<'_>, name: &str, items: &[Held], place: &Place) -> Outcome<()> {
    let what = format!("each item of `{name}`");
    // Different inputs may hold the same.
    let unknown = items.iter().find(|item| match &item.value {
        Value::Text(text) => text.as_literal().is_none(),
        Value::Choice(_) | Value::Json(_) | Value::List(_) | Value::Set(_) | Value::Map(_) => true,
        Value::Absent | Value::Flag(_) | Value::Number(_) => false,
    });
    match unknown {
        Some(item) => evaluator.not_known(place, &what, &item.value),
        None => Ok(()),
    }
}
