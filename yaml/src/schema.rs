//! JSON Schemas of our files, as editors show them.

use serde_json::{Map, Value, json};

/// Completes a schema that was derived from the types of a document, whose defaults are `defaults`: what is optional, where
/// defaults stand, and what may be left empty.
pub fn tidy(schema: &mut Value, defaults: &Value) {
    complete(schema, defaults);
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(tidy_value);
    }
}

/// Every key outside lists is optional, and a section may stand there without keys (a file whose lines are
/// commented out has such), so defaults are stated where the values are.
fn complete(schema: &mut Value, default: &Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties {
            complete(property, default.get(name).unwrap_or(&Value::Null));
        }
        schema.remove("required");
    } else if !default.is_null() {
        schema.insert("default".to_owned(), default.clone());
    }
}

/// Sections and lists may be left empty; single values may not. Rust's names for number formats mean nothing to
/// editors.
fn tidy_value(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    schema.remove("format");
    if let Some(Value::String(description)) = schema.get_mut("description") {
        // Lines end where the source is full, which says nothing to the reader.
        *description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if let Some(kind) = schema.get_mut("type") {
        let name = match kind {
            Value::Array(names) => names.first().cloned().unwrap_or_default(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                kind.clone()
            }
        };
        *kind = if name == "object" || name == "array" { json!([name, "null"]) } else { name };
    }
    for inner in ["properties", "items"] {
        match schema.get_mut(inner) {
            Some(Value::Object(properties)) if inner == "properties" => {
                properties.values_mut().for_each(tidy_value);
            }
            Some(items) => tidy_item(items),
            None => {}
        }
    }
}

/// An entry of a list is there or not, but never empty.
fn tidy_item(item: &mut Value) {
    tidy_value(item);
    if let Some(object) = item.as_object_mut().filter(|object| is_section(object)) {
        object.insert("type".to_owned(), json!("object"));
    }
}

fn is_section(schema: &Map<String, Value>) -> bool {
    schema.contains_key("properties")
}
