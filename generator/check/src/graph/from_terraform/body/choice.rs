//! Values that depend on a question.

use crate::graph::{Choice, Condition, Held, Value};

/// `held` if `condition` holds, else nothing.
pub(in crate::graph::from_terraform) fn under(condition: Condition, held: Held) -> Held {
    let Held { place, rule, .. } = held.clone();
    let nothing = Held::new(Value::Absent, place.clone());
    Held { value: Value::choice(condition, held, nothing), place, rule }
}

/// Both sides of `choice`, each as `map` makes it; a side that it drops says nothing.
pub(in crate::graph::from_terraform) fn either(
    choice: Choice,
    mut map: impl FnMut(Held) -> Option<Held>,
) -> Value {
    let Choice { condition, then, otherwise } = choice;
    let mut side = |held: Held| {
        let place = held.place.clone();
        map(held).unwrap_or(Held::new(Value::Absent, place))
    };
    let (then, otherwise) = (side(then), side(otherwise));
    Value::choice(condition, then, otherwise)
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
            Some(Condition::any([
                Condition::all([condition.clone(), when(&then.value)?]),
                Condition::all([Condition::not(condition.clone()), when(&otherwise.value)?]),
            ]))
        }
        Value::Number(_) | Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Json(_) => None,
    }
}
