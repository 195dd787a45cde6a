//! What values hold, and how they are put together.

use std::collections::BTreeMap;

use crate::{
    graph::{Choice, Condition, Held, Properties, Symbol, Value},
    read::Place,
};

/// States the property at `path`.
pub(in crate::graph::from_terraform) fn put(properties: &mut Properties, path: &str, held: Held) {
    let Some((first, rest)) = path.split_once('.') else {
        properties.insert(path.to_owned(), held);
        return;
    };
    let below = properties
        .entry(first.to_owned())
        .or_insert_with(|| Held::new(Value::Map(BTreeMap::new()), held.place.clone()));
    match &mut below.value {
        Value::Map(below) => put(below, rest, held),
        // Two rows of a table that contradict each other; the tests of the tables say so.
        other => *other = Value::Absent,
    }
}

/// The entries of an object as a list of objects with `key` and `value`; anything else as it is.
pub(in crate::graph::from_terraform) fn pairs(key: &'static str, value: &'static str, held: Held) -> Held {
    let Held { value: names, place, rule } = held;
    let listed = match names {
        Value::Map(entries) => Value::List(
            entries
                .into_iter()
                .map(|(name, held)| {
                    let place = held.place.clone();
                    object([(key, Held::new(name.as_str(), place.clone())), (value, held)], place)
                })
                .collect(),
        ),
        Value::Choice(choice) => choice.map(|side| pairs(key, value, side)),
        other => other,
    };
    Held { value: listed, place, rule }
}

/// An object of `entries`.
pub(in crate::graph::from_terraform) fn object<const N: usize>(
    entries: [(&str, Held); N],
    place: Place,
) -> Held {
    let entries: Properties = entries.into_iter().map(|(name, held)| (name.to_owned(), held)).collect();
    Held::new(entries, place)
}

/// Whether a plan does not know `value`.
pub(in crate::graph::from_terraform) fn is_unknown(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.as_symbol() == Some(&Symbol::Unknown))
}

/// Whether a value is what stands where nobody wrote one.
pub(in crate::graph::from_terraform) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Absent | Value::Flag(false) => true,
        Value::Flag(true) | Value::Number(_) | Value::Json(_) => false,
        Value::Text(text) => text.as_literal() == Some(""),
        Value::List(items) | Value::Set(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        Value::Choice(choice) => says_nothing(&choice.then.value) && says_nothing(&choice.otherwise.value),
    }
}

/// When a flag is true, where that can be known.
pub(in crate::graph::from_terraform) fn when(value: &Value) -> Option<Condition> {
    match value {
        Value::Flag(true) => Some(Condition::Always),
        Value::Absent | Value::Flag(false) => Some(Condition::Never),
        Value::Text(text) => match text.as_literal() {
            Some("true") => Some(Condition::Always),
            Some("false") => Some(Condition::Never),
            Some(_) => None,
            None => text.as_symbol().map(|_| Condition::equals(value.clone(), Value::Flag(true))),
        },
        Value::Choice(choice) => {
            let Choice { condition, then, otherwise } = choice.as_ref();
            Some(Condition::choice(condition, when(&then.value)?, when(&otherwise.value)?))
        }
        Value::Number(_) | Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Json(_) => None,
    }
}

/// A value in a message.
pub(in crate::graph::from_terraform) fn words(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("`{text}`"),
        other => other.to_string(),
    }
}
