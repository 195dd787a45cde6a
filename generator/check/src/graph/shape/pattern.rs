//! Event patterns and filters.

use crate::graph::{Held, Value};

/// An event pattern: a list of matches means any of them, and their order nothing
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>).
pub(super) fn pattern(value: Value) -> Value {
    match value {
        Value::Map(mut entries) => {
            entries.retain(|_, held| held.value != Value::Absent);
            for (name, held) in &mut entries {
                // What stands in `$or` are patterns, elsewhere it is what the field may be.
                let of_items = if name == "$or" { pattern } else { matcher };
                held.each_alternative(&mut |held| {
                    let value = std::mem::replace(&mut held.value, Value::Absent);
                    held.value = match value {
                        Value::List(items) => any_of(items, of_items),
                        value => pattern(value),
                    };
                });
            }
            Value::Map(entries)
        }
        Value::List(items) => any_of(items, pattern),
        other => other,
    }
}

/// What a field may be: a value, or an object of an operator and its operand
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>).
fn matcher(value: Value) -> Value {
    match value {
        Value::Map(mut entries) => {
            for (operator, held) in &mut entries {
                // `[">", 0, "<", 5]`: each number belongs to the sign before it.
                if operator == "numeric" {
                    continue;
                }
                held.each_alternative(&mut |held| {
                    let value = std::mem::replace(&mut held.value, Value::Absent);
                    held.value = match value {
                        Value::List(items) => any_of(items, matcher),
                        value => matcher(value),
                    };
                });
            }
            Value::Map(entries)
        }
        other => other,
    }
}

/// Items whose order means nothing.
fn any_of(mut items: Vec<Held>, of_item: fn(Value) -> Value) -> Value {
    items.retain(|item| item.value != Value::Absent);
    for item in &mut items {
        item.each_alternative(&mut |held| {
            held.value = of_item(std::mem::replace(&mut held.value, Value::Absent));
        });
    }
    Value::set(items)
}
