//! Values as a report shows them.

use serde_json::{Map, Value as Json, json};

use crate::graph::{Choice, Value};

/// `value` as JSON: text and expressions as in `<name>-scaleup`, a choice as an object with `if`, `then` and `else`.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Absent => Json::Null,
        Value::Flag(flag) => json!(flag),
        Value::Number(number) => {
            number.as_str().parse().map_or_else(|_| json!(number.as_str()), Json::Number)
        }
        Value::Text(text) => json!(text.to_string()),
        Value::List(items) | Value::Set(items) => items.iter().map(|item| json(&item.value)).collect(),
        Value::Map(entries) => Json::Object(
            entries.iter().map(|(name, held)| (name.clone(), json(&held.value))).collect::<Map<_, _>>(),
        ),
        Value::Json(held) => json(&held.value),
        Value::Choice(choice) => {
            let Choice { condition, then, otherwise } = choice.as_ref();
            json!({ "if": condition.to_string(), "then": json(&then.value), "else": json(&otherwise.value) })
        }
    }
}
