//! Functions that say whether something is true, is there, or is empty.

use super::list::{items, list, only};
use crate::{
    graph::{Condition, Held, Segment, Symbol, Value},
    read::Place,
    terraform::{
        evaluator::{Evaluator, Outcome, Refused},
        operation::flag,
    },
};

pub(super) fn alltrue(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let conditions = conditions(evaluator, name, arguments)?;
    Ok(Held::new(flag(Condition::all(conditions), place), place.clone()))
}

pub(super) fn anytrue(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let conditions = conditions(evaluator, name, arguments)?;
    Ok(Held::new(flag(Condition::any(conditions), place), place.clone()))
}

pub(super) fn contains(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let mut arguments = arguments.into_iter();
    let (Some(held), Some(wanted)) = (arguments.next(), arguments.next()) else { return Err(Refused) };
    let items = items(evaluator, name, held)?;
    let conditions: Vec<_> = items.iter().map(|item| evaluator.equal(item, &wanted, place)).collect();
    let conditions = conditions.into_iter().collect::<Outcome<Vec<_>>>()?;
    Ok(Held::new(flag(Condition::any(conditions), place), place.clone()))
}

pub(super) fn compact(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let items = items(evaluator, name, only(arguments)?)?;
    evaluator.each_branch(items, place, &mut |evaluator, items| {
        let mut kept = list(Vec::new(), place);
        for item in items {
            let empty = is_empty(evaluator, &item);
            let with = evaluator.each_branch(vec![kept.clone()], place, &mut |evaluator, kept| {
                let mut kept = self::items(evaluator, name, only(kept)?)?;
                kept.push(evaluator.copy(&item, place)?);
                Ok(list(kept, place))
            })?;
            kept = Held::new(Value::choice(empty, kept, with), place.clone());
        }
        Ok(kept)
    })
}

pub(super) fn coalesce(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    mut arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let Some(mut result) = arguments.pop() else { return Err(Refused) };
    if arguments.is_empty() && is_empty(evaluator, &result) == Condition::Always {
        return evaluator.wrong(place, &format!("an argument of `{name}`"), "a value", "nothing".to_owned());
    }
    while let Some(held) = arguments.pop() {
        let empty = is_empty(evaluator, &held);
        result = Held::new(Value::choice(empty, result, held), place.clone());
    }
    Ok(result)
}

pub(super) fn tobool(
    evaluator: &mut Evaluator<'_>,
    _: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let held = only(arguments)?;
    let value = match &held.value {
        Value::Absent => Value::Absent,
        Value::Text(text) if text.as_symbol().is_some() => held.value,
        _ => flag(evaluator.condition(&held)?, place),
    };
    Ok(Held::new(value, place.clone()))
}

/// The conditions that the items of a list are.
fn conditions(evaluator: &mut Evaluator<'_>, name: &str, arguments: Vec<Held>) -> Outcome<Vec<Condition>> {
    let items = items(evaluator, name, only(arguments)?)?;
    let conditions: Vec<_> = items.iter().map(|item| evaluator.condition(item)).collect();
    conditions.into_iter().collect()
}

/// When text is empty, or nothing.
fn is_empty(evaluator: &Evaluator<'_>, held: &Held) -> Condition {
    match &held.value {
        Value::Absent => Condition::Always,
        Value::Text(text) => match (text.as_literal(), text.as_symbol()) {
            (Some(literal), _) => {
                if literal.is_empty() {
                    Condition::Always
                } else {
                    Condition::Never
                }
            }
            (None, Some(symbol @ Symbol::Input(_))) => {
                let empty = Condition::equals(held.value.clone(), "".into());
                let absent = if evaluator.is_nullable(symbol) {
                    Condition::equals(held.value.clone(), Value::Absent)
                } else {
                    Condition::Never
                };
                Condition::any([empty, absent])
            }
            // An attribute has characters, and so has text around an expression.
            (None, _)
                if text
                    .segments()
                    .iter()
                    .all(|segment| matches!(segment, Segment::Symbol(Symbol::Call(_)))) =>
            {
                Condition::equals(held.value.clone(), "".into())
            }
            (None, _) => Condition::Never,
        },
        _ => Condition::Never,
    }
}
