//! What is chosen in `jit-runners.yaml`, from its schema: a key that is there is here.

use serde::Serialize;
use serde_json::{Map, Value};

/// A key; or several that mean the same, each for another function.
#[derive(Serialize)]
pub(super) struct KeyView {
    title: String,
    description: String,
    accepts: String,
    pattern: Option<String>,
    /// Each path with its default.
    paths: Vec<PathView>,
    example: Option<String>,
    /// What an entry of a list holds.
    fields: Vec<FieldView>,
}

#[derive(Serialize)]
struct PathView {
    path: String,
    default: Option<String>,
}

#[derive(Serialize)]
struct FieldView {
    name: String,
    description: String,
    accepts: String,
    pattern: Option<String>,
}

/// Every key of `schema` that holds a value, in the order of the file.
pub(super) fn keys(schema: &Value) -> Vec<KeyView> {
    let mut keys = Vec::new();
    collect("", schema, &mut keys);
    keys
}

fn collect(path: &str, schema: &Value, keys: &mut Vec<KeyView>) {
    let Some(properties) = schema["properties"].as_object() else {
        keys_with(path, schema, keys);
        return;
    };
    for (name, property) in properties {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        collect(&path, property, keys);
    }
}

/// Adds a key, or another path to one that says the same of itself.
fn keys_with(path: &str, schema: &Value, keys: &mut Vec<KeyView>) {
    let key = key(path, schema);
    let last = |title: &str| title.rsplit('.').next().map(str::to_owned);
    let same = keys
        .iter_mut()
        .find(|other| last(&other.title) == last(&key.title) && other.description == key.description);
    match same {
        Some(other) => {
            other.title = starred(&other.title, path);
            other.paths.extend(key.paths);
        }
        None => keys.push(key),
    }
}

/// `functions.webhook.memory` and `functions.scaleup.memory` are `functions.*.memory`.
fn starred(title: &str, path: &str) -> String {
    let parts = title.split('.').zip(path.split('.'));
    parts.map(|(one, other)| if one == other { one } else { "*" }).collect::<Vec<_>>().join(".")
}

fn key(path: &str, schema: &Value) -> KeyView {
    let fields = schema["items"]["properties"].as_object().map(fields).unwrap_or_default();
    let default = schema.get("default").filter(|default| !is_empty(default));
    KeyView {
        title: path.to_owned(),
        description: described(schema),
        accepts: accepts(schema),
        pattern: pattern(schema),
        paths: vec![PathView { path: path.to_owned(), default: default.map(defaulted) }],
        example: schema["examples"].get(0).map(shown),
        fields,
    }
}

fn fields(properties: &Map<String, Value>) -> Vec<FieldView> {
    let field = |(name, schema): (&String, &Value)| FieldView {
        name: name.clone(),
        description: described(schema),
        accepts: accepts(schema),
        pattern: pattern(schema),
    };
    properties.iter().map(field).collect()
}

fn described(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().to_owned()
}

fn pattern(schema: &Value) -> Option<String> {
    schema["pattern"].as_str().or_else(|| schema["items"]["pattern"].as_str()).map(str::to_owned)
}

/// What a value has to be, in words.
fn accepts(schema: &Value) -> String {
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    let most =
        |name: &str, things: &str| schema[name].as_u64().map(|most| format!("at most {most} {things}"));
    let with = |what: &str, limit: Option<String>| {
        limit.map_or_else(|| what.to_owned(), |limit| format!("{what}, {limit}"))
    };
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values.iter().map(|value| format!("`{}`", shown(value))).collect();
        return format!("one of {}", values.join(", "));
    }
    match kind {
        "boolean" => "`true` or `false`".to_owned(),
        "integer" => format!("a whole number, {} to {}", schema["minimum"], schema["maximum"]),
        "array" => with("a list", most("maxItems", "entries")),
        "object" => with("keys and values of your own", most("maxProperties", "of them")),
        _ => with("text", most("maxLength", "characters")),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A default; the entries of a list one by one.
fn defaulted(value: &Value) -> String {
    let entries = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    entries.iter().map(|entry| format!("`{}`", shown(entry))).collect::<Vec<_>>().join(", ")
}

/// A value as people write it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(key, value)| format!("{key}: {}", shown(value))).collect();
            fields.join(", ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.to_string(),
    }
}
