//! A validator of JSON Schema, for the words that our schemas use.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a schema that is not one fails its test")]

use regex_lite::Regex;
use serde_json::{Map, Value};

/// Whether a validator of JSON Schema would take `value`.
///
/// # Panics
/// At a word that no schema of ours uses so far.
pub fn accepts(schema: &Value, value: &Value) -> bool {
    schema.as_object().unwrap().iter().all(|(word, rule)| match word.as_str() {
        "$schema" | "title" | "description" | "default" | "examples" => true,
        "type" => {
            let names = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
            names.iter().any(|name| match name.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "null" => value.is_null(),
                "number" => value.is_number(),
                "integer" => {
                    value.is_u64() || value.is_i64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
                }
                other => panic!("type {other}"),
            })
        }
        "anyOf" => rule.as_array().unwrap().iter().any(|rule| accepts(rule, value)),
        "oneOf" => rule.as_array().unwrap().iter().filter(|rule| accepts(rule, value)).count() == 1,
        "const" => rule == value,
        "minLength" => {
            value.as_str().is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap())
        }
        "enum" => rule.as_array().unwrap().contains(value),
        "pattern" => {
            value.as_str().is_none_or(|text| Regex::new(rule.as_str().unwrap()).unwrap().is_match(text))
        }
        "not" => !accepts(rule, value),
        "minimum" => value.as_f64().is_none_or(|n| n >= rule.as_f64().unwrap()),
        "maximum" => value.as_f64().is_none_or(|n| n <= rule.as_f64().unwrap()),
        "maxLength" => {
            value.as_str().is_none_or(|text| text.chars().count() as u64 <= rule.as_u64().unwrap())
        }
        "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
        "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= rule.as_u64().unwrap()),
        "maxProperties" => value.as_object().is_none_or(|keys| keys.len() as u64 <= rule.as_u64().unwrap()),
        "required" => value.as_object().is_none_or(|object| {
            rule.as_array().unwrap().iter().all(|key| object.contains_key(key.as_str().unwrap()))
        }),
        "properties" => value.as_object().is_none_or(|object| {
            let known =
                |(key, value): (&String, &Value)| rule.get(key).is_none_or(|rule| accepts(rule, value));
            object.iter().all(known)
        }),
        "additionalProperties" => value.as_object().is_none_or(|object| {
            let empty = Map::new();
            let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
            object.iter().filter(|(key, _)| !known.contains_key(*key)).all(|(_, value)| match rule {
                Value::Bool(allowed) => *allowed,
                rule => accepts(rule, value),
            })
        }),
        "propertyNames" => value
            .as_object()
            .is_none_or(|object| object.keys().all(|key| accepts(rule, &Value::from(key.as_str())))),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| accepts(rule, item))),
        other => panic!("the schema uses `{other}`, which this test does not know"),
    })
}
