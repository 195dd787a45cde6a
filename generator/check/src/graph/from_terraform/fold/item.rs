//! Items of lists, and the conditions under which each is there.

use super::super::body::is_unknown;
use crate::graph::{Choice, Condition, Held, Value};

/// What `condition` asks beyond what `known` says already.
pub(super) fn beyond(condition: &Condition, known: &Condition) -> Condition {
    let is_known = |one: &Condition| match known {
        Condition::All(all) => all.contains(one),
        known => known == one,
    };
    match condition {
        Condition::All(all) => Condition::all(all.iter().filter(|one| !is_known(one)).cloned()),
        one if is_known(one) => Condition::Always,
        one => one.clone(),
    }
}

/// The items of a list with the conditions under which each is there; nothing, where the list is not written out.
pub(super) fn items(held: Held) -> Option<Vec<(Condition, Held)>> {
    match held.value {
        Value::Absent => Some(Vec::new()),
        value if is_unknown(&value) => Some(vec![(Condition::Always, Held { value, ..held })]),
        Value::List(list) | Value::Set(list) => {
            let mut found = Vec::new();
            for item in list {
                match item.value {
                    Value::Absent => {}
                    Value::Choice(choice) => {
                        let Choice { condition, then, otherwise } = *choice;
                        for (condition, side) in
                            [(condition.clone(), then), (Condition::not(condition), otherwise)]
                        {
                            let place = side.place.clone();
                            let side = Held::new(Value::List(vec![side]), place);
                            found.extend(conditional(&condition, items(side)?));
                        }
                    }
                    value => found.push((Condition::Always, Held { value, ..item })),
                }
            }
            Some(found)
        }
        Value::Choice(choice) => {
            let Choice { condition, then, otherwise } = *choice;
            let mut found: Vec<_> = conditional(&condition, items(then)?).collect();
            found.extend(conditional(&Condition::not(condition), items(otherwise)?));
            Some(found)
        }
        Value::Flag(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) | Value::Json(_) => None,
    }
}

/// `items` where `condition` holds, too.
pub(super) fn conditional(
    condition: &Condition,
    items: Vec<(Condition, Held)>,
) -> impl Iterator<Item = (Condition, Held)> {
    items.into_iter().map(|(own, item)| (Condition::all([condition.clone(), own]), item))
}
