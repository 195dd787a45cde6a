//! Functions of lists: what is in them, and in which order.

#![expect(clippy::needless_pass_by_value, reason = "all functions have one signature")]

use crate::{
    graph::{Call, Function, Held, Symbol, SymbolicText, Value},
    read::Place,
    terraform::{
        ModuleProblem,
        evaluator::{Evaluator, Outcome, Refused},
        number::whole,
        step::selected,
        variable::InputType,
    },
};

/// The items of a known list.
pub(super) fn items(evaluator: &mut Evaluator<'_>, name: &str, held: Held) -> Outcome<Vec<Held>> {
    let what = format!("a list of `{name}`");
    match held.value {
        Value::List(items) | Value::Set(items) => Ok(items),
        value @ (Value::Text(_) | Value::Json(_) | Value::Choice(_)) => {
            evaluator.not_known(&held.place, &what, &value)
        }
        value => {
            let noun = value.noun().to_owned();
            evaluator.wrong(&held.place, &what, "a list", noun)
        }
    }
}

/// The argument of a function that takes one.
pub(super) fn only(arguments: Vec<Held>) -> Outcome<Held> {
    arguments.into_iter().next().ok_or(Refused)
}

/// A list that a function makes.
pub(super) fn list(items: Vec<Held>, place: &Place) -> Held {
    Held::new(Value::List(items), place.clone())
}

pub(super) fn length(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let held = only(arguments)?;
    let length = match &held.value {
        Value::Map(entries) => entries.len(),
        Value::List(items) | Value::Set(items) => items.len(),
        Value::Text(text) => {
            let Some(literal) = text.as_literal() else {
                let call = Call { function: Function::Length, arguments: vec![held] };
                return Ok(Held::new(SymbolicText::from(Symbol::Call(call)), place.clone()));
            };
            literal.chars().count()
        }
        value => {
            let noun = value.noun().to_owned();
            return evaluator.wrong(place, &format!("the argument of `{name}`"), "a list or text", noun);
        }
    };
    Ok(Held::new(whole(length), place.clone()))
}

pub(super) fn concat(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    if arguments.len() == 1 && arguments.iter().all(|held| evaluator.is_unknown_list(&held.value)) {
        return only(arguments);
    }
    let lists: Vec<_> = arguments.into_iter().map(|held| items(evaluator, name, held)).collect();
    let lists = lists.into_iter().collect::<Outcome<Vec<_>>>()?;
    Ok(list(lists.into_iter().flatten().collect(), place))
}

pub(super) fn flatten(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let mut rest = items(evaluator, name, only(arguments)?)?;
    rest.reverse();
    let mut flat = Vec::new();
    while let Some(held) = rest.pop() {
        if evaluator.is_unknown_list(&held.value)
            && !matches!(&held.value, Value::Text(text) if text.as_symbol().is_some_and(|symbol| evaluator.type_of(symbol) == InputType::Any))
        {
            return evaluator.not_known(&held.place, "a list of `flatten`", &held.value);
        }
        match held.value {
            Value::List(items) | Value::Set(items) => rest.extend(items.into_iter().rev()),
            Value::Choice(_) => {
                // Whatever it is, it may be a list.
                let mut before = std::mem::take(&mut flat);
                rest.reverse();
                before.push(held);
                before.append(&mut rest);
                return flattened_choice(evaluator, name, before, place);
            }
            value => flat.push(Held { value, ..held }),
        }
    }
    Ok(list(flat, place))
}

/// `flatten` of items one of which depends on a condition.
fn flattened_choice(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    items: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    evaluator.deeper(place, |evaluator| {
        evaluator.each_branch(items, place, &mut |evaluator, items| {
            flatten(evaluator, name, vec![list(items, place)], place)
        })
    })
}

pub(super) fn element(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let [held, index] = arguments.as_slice() else { return Err(Refused) };
    let index = evaluator.figure("the index of `element`", index)?.whole();
    let Some(index) = index.and_then(|index| usize::try_from(index).ok()) else {
        return evaluator.wrong(place, "the index of `element`", "a whole number", "none".to_owned());
    };
    if evaluator.is_unknown_list(&held.value) {
        return Ok(selected(held, index, place));
    }
    let items = items(evaluator, name, held.clone())?;
    if let Some(item) = index.checked_rem(items.len()).and_then(|index| items.into_iter().nth(index)) {
        return Ok(item);
    }
    let (of, name) = ("the list".to_owned(), index.to_string());
    evaluator.refuse(place, ModuleProblem::NoSuchPart { of, name })
}

pub(super) fn one(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let mut items = items(evaluator, name, only(arguments)?)?;
    match (items.pop(), items.len()) {
        (None, _) => Ok(Held::new(Value::Absent, place.clone())),
        (Some(item), 0) => Ok(item),
        (Some(_), more) => {
            let found = format!("{} items", more + 1);
            evaluator.wrong(place, "the list of `one`", "of at most one item", found)
        }
    }
}

pub(super) fn reverse(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let mut items = items(evaluator, name, only(arguments)?)?;
    items.reverse();
    Ok(list(items, place))
}

pub(super) fn sort(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let items = items(evaluator, name, only(arguments)?)?;
    let what = format!("an item of `{name}`");
    let mut texts = Vec::new();
    for item in items {
        texts.push((evaluator.text(&what, &item, &item.place)?, item));
    }
    texts.sort_by(|(left, _), (right, _)| left.cmp(right));
    Ok(list(texts.into_iter().map(|(_, item)| item).collect(), place))
}

pub(super) fn slice(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let [held, begin, end] = arguments.as_slice() else { return Err(Refused) };
    let items = items(evaluator, name, held.clone())?;
    let what = "an index of `slice`";
    let begin = evaluator.figure(what, begin)?.whole().and_then(|begin| usize::try_from(begin).ok());
    let end = evaluator.figure(what, end)?.whole().and_then(|end| usize::try_from(end).ok());
    match begin.zip(end).and_then(|(begin, end)| items.get(begin..end)) {
        Some(items) => Ok(list(items.to_vec(), place)),
        None => evaluator.wrong(place, what, "inside the list", "outside".to_owned()),
    }
}
