//! Functions of lists, sets and objects: what is in them, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use super::{Arguments, scalar::is_empty};
use crate::{
    graph::{Call, Condition, Function, Held, Properties, Symbol, SymbolicText, Value},
    problem::ModuleProblem,
    terraform::{
        characters,
        evaluator::{Evaluator, Outcome, Refused},
        figure::Figure,
        interface::InputType,
        operation::{flag, whole},
        reference::selected,
    },
};

pub(super) fn length(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let held = arguments.one()?;
    let length = match &held.value {
        Value::Map(entries) => entries.len(),
        Value::List(items) | Value::Set(items) => items.len(),
        Value::Text(text) => {
            let Some(literal) = text.as_literal() else {
                let call = Call { function: Function::Length, arguments: vec![held] };
                return Ok(arguments.result(SymbolicText::from(Symbol::Call(call))));
            };
            characters::count(literal)
        }
        value => return arguments.wrong(evaluator, "the argument", "a list or text", value.noun()),
    };
    Ok(arguments.result(whole(length)))
}

pub(super) fn concat(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    if let [only] = arguments.rest()
        && evaluator.is_unknown_list(&only.value)
    {
        return arguments.one();
    }
    let lists = all_items(evaluator, &mut arguments)?;
    // Lists become one list of one type, and tuples a tuple; both look the same here.
    if evaluator.may_become_text_together(&lists) {
        let what = "numbers and text in one list, which may become text";
        return evaluator.outside(arguments.place, what, "write all of them as text, or none");
    }
    Ok(arguments.list(lists.into_iter().flatten().collect()))
}

/// All items of several lists, one after the other. They are blocks, which have no common type.
pub(super) fn chain(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let lists = all_items(evaluator, &mut arguments)?;
    Ok(arguments.list(lists.into_iter().flatten().collect()))
}

fn all_items(evaluator: &mut Evaluator<'_>, arguments: &mut Arguments<'_>) -> Outcome<Vec<Vec<Held>>> {
    let mut lists = Vec::new();
    while !arguments.rest().is_empty() {
        lists.push(arguments.items(evaluator));
    }
    lists.into_iter().collect()
}

pub(super) fn flatten(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let mut rest = arguments.items(evaluator)?;
    rest.reverse();
    let mut flat = Vec::new();
    while let Some(held) = rest.pop() {
        if evaluator.is_unknown_list(&held.value)
            && !matches!(&held.value, Value::Text(text) if text.as_symbol().is_some_and(|symbol| evaluator.type_of(symbol) == InputType::Any))
        {
            return evaluator.not_known(&held.place, &arguments.what("a list"), &held.value);
        }
        match held.value {
            Value::List(items) | Value::Set(items) => rest.extend(items.into_iter().rev()),
            Value::Choice(_) => {
                // Whatever it is, it may be a list.
                let mut before = std::mem::take(&mut flat);
                rest.reverse();
                before.push(held);
                before.append(&mut rest);
                return flattened_choice(evaluator, before, &arguments);
            }
            value => flat.push(Held { value, ..held }),
        }
    }
    Ok(arguments.list(flat))
}

/// `flatten` of items one of which depends on a condition.
fn flattened_choice(
    evaluator: &mut Evaluator<'_>,
    items: Vec<Held>,
    arguments: &Arguments<'_>,
) -> Outcome<Held> {
    evaluator.deeper(arguments.place, |evaluator| {
        evaluator.each_branch(items, arguments.place, &mut |evaluator, items| {
            flatten(evaluator, arguments.with(vec![arguments.list(items)]))
        })
    })
}

pub(super) fn compact(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let place = arguments.place;
    let items = arguments.items(evaluator)?;
    evaluator.each_branch(items, place, &mut |evaluator, items| {
        let mut kept = arguments.list(Vec::new());
        for item in items {
            let item = as_text(evaluator, item)?;
            let empty = is_empty(evaluator, &item);
            let with = evaluator.each_branch(vec![kept.clone()], place, &mut |evaluator, kept| {
                let mut kept = arguments.with(kept).items(evaluator)?;
                kept.push(evaluator.copy(&item, place)?);
                Ok(arguments.list(kept))
            })?;
            kept = arguments.result(Value::choice(empty, kept, with));
        }
        Ok(kept)
    })
}

pub(super) fn contains(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let items = arguments.items_in_any_order(evaluator)?;
    let wanted = arguments.one()?;
    let conditions: Vec<_> =
        items.iter().map(|item| evaluator.equal(item, &wanted, arguments.place)).collect();
    let conditions = conditions.into_iter().collect::<Outcome<Vec<_>>>()?;
    Ok(arguments.result(flag(Condition::any(conditions), arguments.place)))
}

pub(super) fn element(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let held = arguments.one()?;
    let index = arguments.count(evaluator, "the index")?;
    if evaluator.is_unknown_list(&held.value) {
        return Ok(selected(&held, index, arguments.place));
    }
    let items = arguments.with(vec![held]).items(evaluator)?;
    if let Some(item) = index.checked_rem(items.len()).and_then(|index| items.into_iter().nth(index)) {
        return Ok(item);
    }
    let (of, name) = ("the list".to_owned(), index.to_string());
    evaluator.refuse(arguments.place, ModuleProblem::NoSuchPart { of, name })
}

pub(super) fn one(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let mut items = arguments.items(evaluator)?;
    match (items.pop(), items.len()) {
        (None, _) => Ok(arguments.result(Value::Absent)),
        (Some(item), 0) => Ok(item),
        (Some(_), more) => {
            let found = format!("{} items", more + 1);
            arguments.wrong(evaluator, "the list", "of at most one item", found)
        }
    }
}

pub(super) fn range(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let mut figures = Vec::new();
    while let Some(argument) = arguments.rest().first() {
        let found = argument.value.to_string();
        match arguments.figure(evaluator, "an argument")?.whole() {
            Some(whole) => figures.push(whole),
            None => return arguments.wrong(evaluator, "an argument", "a whole number", found),
        }
    }
    let (begin, end, step) = match *figures.as_slice() {
        [end] => (0, end, if end < 0 { -1 } else { 1 }),
        [begin, end] => (begin, end, if end < begin { -1 } else { 1 }),
        [begin, end, step] => (begin, end, step),
        _ => return Err(Refused),
    };
    if step == 0 {
        return arguments.wrong(evaluator, "the step", "a number other than 0", "0");
    }
    let mut numbers = Vec::new();
    let mut next = begin;
    while if step > 0 { next < end } else { next > end } {
        evaluator.spend(1, arguments.place)?;
        let value = evaluator.number(Some(Figure::Whole(next)), arguments.place)?;
        numbers.push(arguments.result(value));
        next = next.saturating_add(step);
    }
    Ok(arguments.list(numbers))
}

pub(super) fn reverse(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let mut items = arguments.items(evaluator)?;
    items.reverse();
    Ok(arguments.list(items))
}

pub(super) fn slice(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let items = arguments.items(evaluator)?;
    let begin =
        arguments.figure(evaluator, "an index")?.whole().and_then(|begin| usize::try_from(begin).ok());
    let end = arguments.figure(evaluator, "an index")?.whole().and_then(|end| usize::try_from(end).ok());
    match begin.zip(end).and_then(|(begin, end)| items.get(begin..end)) {
        Some(items) => Ok(arguments.list(items.to_vec())),
        None => arguments.wrong(evaluator, "an index", "inside the list", "outside"),
    }
}

pub(super) fn sort(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let mut texts = Vec::new();
    for item in arguments.items_in_any_order(evaluator)? {
        texts.push((evaluator.text(&arguments.what("an item"), &item, &item.place)?, item));
    }
    texts.sort_by(|(left, _), (right, _)| left.cmp(right));
    // Numbers have become text.
    let text = |(text, item): (String, Held)| Held::new(text.as_str(), item.place);
    Ok(arguments.list(texts.into_iter().map(text).collect()))
}

pub(super) fn tolist(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    of_one_type(evaluator, arguments, Value::List)
}

pub(super) fn toset(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    of_one_type(evaluator, arguments, Value::set)
}

/// Collects the items of a list, if it is known, as items of one type: where one of them is text, numbers and flags
/// become text.
fn of_one_type(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments<'_>,
    collect: fn(Vec<Held>) -> Value,
) -> Outcome<Held> {
    if let Some(only) = arguments.rest().first()
        && evaluator.is_unknown_list(&only.value)
    {
        return arguments.one();
    }
    let mut items = arguments.items(evaluator)?;
    evaluator.of_one_type(&mut items)?;
    Ok(arguments.result(collect(items)))
}

pub(super) fn distinct(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let mut items = known_items(evaluator, &mut arguments)?;
    evaluator.of_one_type(&mut items)?;
    let mut seen = BTreeSet::new();
    Ok(arguments.list(items.into_iter().filter(|item| seen.insert(item.clone())).collect()))
}

pub(super) fn setunion(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let mut all = Vec::new();
    while !arguments.rest().is_empty() {
        all.extend(arguments.items_in_any_order(evaluator)?);
    }
    evaluator.of_one_type(&mut all)?;
    Ok(arguments.result(Value::set(all)))
}

pub(super) fn setintersection(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    filtered(evaluator, arguments, |item, other| other.contains(item))
}

pub(super) fn setsubtract(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    filtered(evaluator, arguments, |item, other| !other.contains(item))
}

/// The items of the first list that `keep` accepts for each of the other lists.
fn filtered(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments<'_>,
    keep: fn(&Held, &BTreeSet<Held>) -> bool,
) -> Outcome<Held> {
    let mut lengths = Vec::new();
    let mut all = Vec::new();
    while !arguments.rest().is_empty() {
        let items = known_items(evaluator, &mut arguments)?;
        lengths.push(items.len());
        all.extend(items);
    }
    evaluator.of_one_type(&mut all)?;
    let mut all = all.into_iter();
    let mut lists = lengths.into_iter().map(|length| all.by_ref().take(length).collect::<BTreeSet<_>>());
    let mut kept = lists.next().unwrap_or_default();
    for other in lists {
        kept.retain(|item| keep(item, &other));
    }
    Ok(arguments.result(Value::set(kept.into_iter().collect())))
}

/// `item` as text, if it is a number or a flag.
fn as_text(evaluator: &mut Evaluator<'_>, item: Held) -> Outcome<Held> {
    let is_number = matches!(evaluator.type_of_value(&item.value), InputType::Number | InputType::Flag);
    let place = item.place.clone();
    if is_number { evaluator.joined(vec![item], &place) } else { Ok(item) }
}

/// The items of the next argument, which must be known well enough to say whether two of them are the same.
fn known_items(evaluator: &mut Evaluator<'_>, arguments: &mut Arguments<'_>) -> Outcome<Vec<Held>> {
    let items = arguments.items_in_any_order(evaluator)?;
    // Different inputs may hold the same.
    let unknown = items.iter().find(|item| match &item.value {
        Value::Text(text) => text.as_literal().is_none(),
        Value::Choice(_) | Value::Json(_) | Value::List(_) | Value::Set(_) | Value::Map(_) => true,
        Value::Absent | Value::Null | Value::Flag(_) | Value::Number(_) => false,
    });
    match unknown {
        Some(item) => evaluator.not_known(arguments.place, &arguments.what("each item"), &item.value),
        None => Ok(items),
    }
}

pub(super) fn keys(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let keys = arguments.entries(evaluator)?.into_keys().map(|key| arguments.result(key.as_str())).collect();
    Ok(arguments.list(keys))
}

pub(super) fn values(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let values = arguments.entries(evaluator)?.into_values().collect();
    Ok(arguments.list(values))
}

pub(super) fn tomap(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let (names, mut values): (Vec<_>, Vec<_>) = arguments.entries(evaluator)?.into_iter().unzip();
    evaluator.of_one_type(&mut values)?;
    let entries: Properties = names.into_iter().zip(values).collect();
    Ok(arguments.result(entries))
}

pub(super) fn merge(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let mut merged = BTreeMap::new();
    let mut outcome = Ok(());
    while let Some(argument) = arguments.rest().first() {
        // `merge` passes over `null`.
        if argument.value == Value::Absent {
            arguments.one()?;
            continue;
        }
        match arguments.entries(evaluator) {
            Ok(entries) => merged.extend(entries),
            Err(refused) => outcome = Err(refused),
        }
    }
    outcome.map(|()| arguments.result(merged))
}

pub(super) fn lookup(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let place = arguments.place;
    let map = arguments.one()?;
    if !matches!(map.value, Value::Map(_)) {
        // What is wrong with it is said there.
        arguments.with(vec![map]).entries(evaluator)?;
        return Err(Refused);
    }
    let key = arguments.one()?;
    let otherwise = arguments.one().ok();
    evaluator.by_key(&map, &key, otherwise.as_ref(), place)
}

pub(super) fn zipmap(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let keys = arguments.items(evaluator)?;
    let values = arguments.items(evaluator)?;
    if keys.len() != values.len() {
        let found = format!("{} keys and {} values", keys.len(), values.len());
        return arguments.wrong(evaluator, "the lists", "of one length", found);
    }
    let mut map = BTreeMap::new();
    for (key, value) in keys.into_iter().zip(values) {
        map.insert(evaluator.text(&arguments.what("a key"), &key, &key.place)?, value);
    }
    Ok(arguments.result(map))
}
