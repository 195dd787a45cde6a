//! Functions of numbers and flags, and those that choose or keep one value.

use std::cmp::Ordering;

use super::Arguments;
use crate::{
    graph::{Call, Condition, Function, Held, Segment, Symbol, Value},
    terraform::{
        evaluator::{Evaluator, Outcome, Refused},
        figure::Figure,
        interface::InputType,
        operation::flag,
    },
};

pub(super) fn abs(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    calculated(evaluator, arguments, Figure::abs)
}

pub(super) fn ceil(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    calculated(evaluator, arguments, Figure::ceil)
}

pub(super) fn floor(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    calculated(evaluator, arguments, Figure::floor)
}

fn calculated(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments<'_>,
    calculate: fn(Figure) -> Figure,
) -> Outcome<Held> {
    let figure = calculate(arguments.figure(evaluator, "the argument")?);
    Ok(arguments.result(evaluator.number(Some(figure), arguments.place)?))
}

pub(super) fn max(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    farthest(evaluator, arguments, Ordering::Greater)
}

pub(super) fn min(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    farthest(evaluator, arguments, Ordering::Less)
}

/// The greatest argument, or the least one: the first that no other argument is `beyond`.
fn farthest(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>, beyond: Ordering) -> Outcome<Held> {
    let mut farthest = arguments.figure(evaluator, "an argument")?;
    while !arguments.rest().is_empty() {
        let figure = arguments.figure(evaluator, "an argument")?;
        if figure.compare(farthest) == beyond {
            farthest = figure;
        }
    }
    Ok(arguments.result(evaluator.number(Some(farthest), arguments.place)?))
}

pub(super) fn sum(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let mut sum = Some(Figure::Whole(0));
    for item in arguments.items_in_any_order(evaluator)? {
        let figure = evaluator.figure(&arguments.what("an item"), &item)?;
        sum = sum.and_then(|sum| sum.plus(figure));
    }
    Ok(arguments.result(evaluator.number(sum, arguments.place)?))
}

pub(super) fn tonumber(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let held = arguments.one()?;
    if is_kept(&held) {
        return Ok(arguments.result(held.value));
    }
    let figure = evaluator.figure(&arguments.what("the argument"), &held)?;
    Ok(arguments.result(evaluator.number(Some(figure), arguments.place)?))
}

pub(super) fn tobool(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let held = arguments.one()?;
    if is_kept(&held) {
        return Ok(arguments.result(held.value));
    }
    Ok(arguments.result(flag(evaluator.condition(&held)?, arguments.place)))
}

/// Whether a conversion leaves `held` as it is: nothing stays nothing, and a symbol may hold anything.
fn is_kept(held: &Held) -> bool {
    match &held.value {
        Value::Absent => true,
        Value::Text(text) => text.as_symbol().is_some(),
        _ => false,
    }
}

/// `sensitive` and `nonsensitive`: the value is what it is.
pub(super) fn same(_: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    Ok(Held { place: arguments.place.clone(), ..arguments.one()? })
}

pub(super) fn alltrue(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let conditions = conditions(evaluator, &mut arguments)?;
    Ok(arguments.result(flag(Condition::all(conditions), arguments.place)))
}

pub(super) fn anytrue(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let conditions = conditions(evaluator, &mut arguments)?;
    Ok(arguments.result(flag(Condition::any(conditions), arguments.place)))
}

/// The conditions that the items of a list are.
fn conditions(evaluator: &mut Evaluator<'_>, arguments: &mut Arguments<'_>) -> Outcome<Vec<Condition>> {
    let items = arguments.items(evaluator)?;
    let conditions: Vec<_> = items.iter().map(|item| evaluator.condition(item)).collect();
    conditions.into_iter().collect()
}

pub(super) fn coalesce(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    let place = arguments.place;
    if let [only] = arguments.rest()
        && is_empty(evaluator, only) == Condition::Always
    {
        return arguments.wrong(evaluator, "an argument", "a value", "nothing");
    }
    let mut arguments = arguments.all();
    evaluator.of_one_type(&mut arguments)?;
    let mut result = arguments.pop().ok_or(Refused)?;
    while let Some(held) = arguments.pop() {
        let empty = is_empty(evaluator, &held);
        result = Held::new(Value::choice(empty, result, held), place.clone());
    }
    Ok(result)
}

/// The condition under which `held` is empty text, or nothing.
pub(super) fn is_empty(evaluator: &Evaluator<'_>, held: &Held) -> Condition {
    let Value::Text(text) = &held.value else {
        return if held.value == Value::Absent { Condition::Always } else { Condition::Never };
    };
    if let Some(literal) = text.as_literal() {
        return if literal.is_empty() { Condition::Always } else { Condition::Never };
    }
    match text.as_symbol() {
        Some(symbol @ (Symbol::Input(_) | Symbol::Call(_))) => {
            let empty = Condition::equals(held.value.clone(), "".into());
            Condition::any([Some(empty), evaluator.is_null(symbol)].into_iter().flatten())
        }
        // An attribute is never empty, nor is text around an expression, nor a number as text.
        _ if text.segments().iter().all(|segment| may_be_empty(evaluator, segment)) => {
            Condition::equals(held.value.clone(), "".into())
        }
        _ => Condition::Never,
    }
}

fn may_be_empty(evaluator: &Evaluator<'_>, segment: &Segment) -> bool {
    match segment {
        Segment::Symbol(Symbol::Call(Call { function, .. })) => *function != Function::Text,
        Segment::Symbol(symbol @ Symbol::Input(_)) => {
            matches!(evaluator.type_of(symbol), InputType::Text | InputType::Any)
        }
        Segment::Symbol(_) | Segment::Literal(_) => false,
    }
}
