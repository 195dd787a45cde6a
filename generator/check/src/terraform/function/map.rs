//! Functions of objects.

use std::collections::BTreeMap;

use super::list::{items, only};
use crate::{
    graph::{Held, Properties, Value},
    read::Place,
    terraform::{
        ModuleProblem,
        evaluator::{Evaluator, Outcome, Refused},
    },
};

/// A known object.
fn entries(evaluator: &mut Evaluator<'_>, name: &str, held: Held) -> Outcome<Properties> {
    let what = format!("an object of `{name}`");
    match held.value {
        Value::Map(entries) => Ok(entries),
        value @ (Value::Text(_) | Value::Json(_) | Value::Choice(_)) => {
            evaluator.not_known(&held.place, &what, &value)
        }
        value => {
            let noun = value.noun().to_owned();
            evaluator.wrong(&held.place, &what, "an object", noun)
        }
    }
}

fn first(evaluator: &mut Evaluator<'_>, name: &str, arguments: Vec<Held>) -> Outcome<Properties> {
    entries(evaluator, name, only(arguments)?)
}

pub(super) fn keys(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let entries = first(evaluator, name, arguments)?;
    let keys = entries.into_keys().map(|key| Held::new(key.as_str(), place.clone())).collect();
    Ok(Held::new(Value::List(keys), place.clone()))
}

pub(super) fn values(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let entries = first(evaluator, name, arguments)?;
    Ok(Held::new(Value::List(entries.into_values().collect()), place.clone()))
}

pub(super) fn tomap(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let entries = first(evaluator, name, arguments)?;
    Ok(Held::new(entries, place.clone()))
}

pub(super) fn merge(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let mut merged = BTreeMap::new();
    let mut outcome = Ok(());
    for argument in arguments {
        // `merge` passes over `null`.
        if argument.value == Value::Absent {
            continue;
        }
        match entries(evaluator, name, argument) {
            Ok(entries) => merged.extend(entries),
            Err(refused) => outcome = Err(refused),
        }
    }
    outcome.map(|()| Held::new(merged, place.clone()))
}

pub(super) fn lookup(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let mut arguments = arguments.into_iter();
    let (Some(map), Some(key)) = (arguments.next(), arguments.next()) else { return Err(Refused) };
    let mut entries = entries(evaluator, name, map)?;
    let key = evaluator.text("the key of `lookup`", &key, &key.place)?;
    match entries.remove(&key).or_else(|| arguments.next()) {
        Some(held) => Ok(held),
        None => evaluator.refuse(place, ModuleProblem::NoSuchPart { of: "the object".to_owned(), name: key }),
    }
}

pub(super) fn zipmap(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let mut lists = Vec::new();
    for argument in arguments {
        lists.push(items(evaluator, name, argument)?);
    }
    let (Some(values), Some(keys)) = (lists.pop(), lists.pop()) else { return Err(Refused) };
    if keys.len() != values.len() {
        let found = format!("{} keys and {} values", keys.len(), values.len());
        return evaluator.wrong(place, "the lists of `zipmap`", "of one length", found);
    }
    let mut map = BTreeMap::new();
    for (key, value) in keys.into_iter().zip(values) {
        map.insert(evaluator.text("a key of `zipmap`", &key, &key.place)?, value);
    }
    Ok(Held::new(map, place.clone()))
}
