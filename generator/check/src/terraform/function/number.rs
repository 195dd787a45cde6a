//! Functions of numbers.

#![expect(clippy::needless_pass_by_value, reason = "all functions have one signature")]

use super::list::{items, list, only};
use crate::{
    graph::{Held, Value},
    read::Place,
    terraform::{
        evaluator::{Evaluator, Outcome, Refused},
        number::Figure,
    },
};

pub(super) fn range(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let what = format!("an argument of `{name}`");
    let mut figures = Vec::new();
    for argument in &arguments {
        let Some(whole) = evaluator.figure(&what, argument)?.whole() else {
            let found = argument.value.to_string();
            return evaluator.wrong(place, &what, "a whole number", found);
        };
        figures.push(whole);
    }
    let (begin, end, step) = match *figures.as_slice() {
        [end] => (0, end, if end < 0 { -1 } else { 1 }),
        [begin, end] => (begin, end, if end < begin { -1 } else { 1 }),
        [begin, end, step] => (begin, end, step),
        _ => return Err(Refused),
    };
    if step == 0 {
        return evaluator.wrong(place, "the step of `range`", "a number other than 0", "0".to_owned());
    }
    let mut numbers = Vec::new();
    let mut next = begin;
    while if step > 0 { next < end } else { next > end } {
        evaluator.spend(1, place)?;
        let value = evaluator.number(Figure::Whole(next), place)?;
        numbers.push(Held::new(value, place.clone()));
        next = next.saturating_add(step);
    }
    Ok(list(numbers, place))
}

pub(super) fn figure(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let figure = evaluator.figure(&format!("the argument of `{name}`"), &only(arguments)?)?;
    let figure = match name {
        "floor" => figure.floor(),
        "ceil" => figure.ceil(),
        _ => figure.abs(),
    };
    Ok(Held::new(evaluator.number(figure, place)?, place.clone()))
}

pub(super) fn most(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let what = format!("an argument of `{name}`");
    let mut most: Option<Figure> = None;
    for argument in &arguments {
        let figure = evaluator.figure(&what, argument)?;
        let takes = most.is_none_or(|most| {
            let order = figure.compare(most);
            if name == "max" { order.is_gt() } else { order.is_lt() }
        });
        if takes {
            most = Some(figure);
        }
    }
    let value = evaluator.number(most.ok_or(Refused)?, place)?;
    Ok(Held::new(value, place.clone()))
}

pub(super) fn sum(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let mut sum = Figure::Whole(0);
    for item in items(evaluator, name, only(arguments)?)? {
        sum = sum.plus(evaluator.figure("an item of `sum`", &item)?);
    }
    Ok(Held::new(evaluator.number(sum, place)?, place.clone()))
}

pub(super) fn tonumber(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let held = only(arguments)?;
    let value = match &held.value {
        Value::Absent => Value::Absent,
        Value::Text(text) if text.as_symbol().is_some() => held.value,
        _ => {
            let figure = evaluator.figure(&format!("the argument of `{name}`"), &held)?;
            evaluator.number(figure, place)?
        }
    };
    Ok(Held::new(value, place.clone()))
}
