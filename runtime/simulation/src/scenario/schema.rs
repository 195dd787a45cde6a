//! What editors and people need to know of the files: the JSON Schema, and a page with every key.

use std::fmt::Write as _;

use jit_runners_yaml::section;
use serde_json::Value;

use super::decode;

/// Where a checkout has the schema.
pub const SCHEMA_FILE: &str = "runtime/simulation/scenario.schema.json";
/// Where a checkout has the page with every key.
pub const REFERENCE_FILE: &str = "docs/scenario-keys.md";

/// The JSON Schema of a scenario.
pub fn schema() -> Value {
    let about = "A scenario of the simulation: a world, what happens in it, and what must hold.";
    section::schema("scenario", about, decode)
}

/// Every key, as a page in Markdown.
pub fn reference() -> String {
    let mut page = "# Keys of a scenario\n\n\
        [How to write one](simulation.md#write-a-scenario). This page is written from the schema \
        (`make scenarios`), which editors also use.\n\n\
        Times have a unit: `500 ms`, `30 s`, `2 min`, `6 h`, `4 days`. Probabilities are numbers from 0 to 1. \
        `[a, b]` is a span: the world, or the seed, draws something in between.\n"
        .to_owned();
    keys(&mut page, "", &schema());
    page
}

/// The keys of `schema`, and below them those of the mappings in it.
fn keys(page: &mut String, path: &str, schema: &Value) {
    let Some(properties) = schema["properties"].as_object() else { return };
    let title = if path.is_empty() { "The file".to_owned() } else { format!("`{path}`") };
    let _ = write!(page, "\n## {title}\n\n");
    if let (false, Some(about)) = (path.is_empty(), schema["description"].as_str()) {
        let _ = write!(page, "{about}\n\n");
    }
    let _ = write!(page, "| key | value | what it is |\n|---|---|---|\n");
    let required = schema["required"].as_array();
    for (key, property) in properties {
        let needed = required.is_some_and(|all| all.iter().any(|one| one == key));
        let about = property["description"].as_str().unwrap_or_default();
        let needed = if needed { " **Required.**" } else { "" };
        let usual = match &property["default"] {
            Value::Null => String::new(),
            usual => format!(" Usually {}.", inline(usual)),
        };
        let _ = writeln!(page, "| `{key}` | {} | {about}{needed}{usual} |", kind(property));
    }
    for (key, property) in properties {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        for (suffix, inner) in mappings(property) {
            keys(page, &format!("{path}{suffix}"), inner);
        }
    }
}

/// The mappings that can stand at a key, each with what is added to the path.
fn mappings(schema: &Value) -> Vec<(String, &Value)> {
    if schema["properties"].is_object() {
        return vec![(String::new(), schema)];
    }
    if let Some(kinds) = schema["items"]["oneOf"].as_array() {
        let titled = |kind: &Value| format!(": {}", kind["title"].as_str().unwrap_or_default());
        return kinds.iter().map(|kind| (titled(kind), kind)).collect();
    }
    let any = schema["anyOf"].as_array().into_iter().flatten();
    any.filter(|one| one["properties"].is_object()).map(|one| (String::new(), one)).collect()
}

/// What can stand there, in few words.
fn kind(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(inline).collect::<Vec<_>>().join(", ");
    }
    if let Some(word) = schema.get("const") {
        return inline(word);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        return any.iter().map(kind).collect::<Vec<_>>().join(", or ");
    }
    match schema["type"].as_str() {
        Some("object") => "keys".to_owned(),
        Some("array") if schema["maxItems"] == 2 => format!("two: {}", kind(&schema["items"])),
        Some("array") if schema["items"]["oneOf"].is_array() => "a list of entries".to_owned(),
        Some("array") => format!("a list: {}", kind(&schema["items"])),
        Some("string") if schema["pattern"].is_string() => "a time".to_owned(),
        Some("string") => "text".to_owned(),
        Some("integer") => "a whole number".to_owned(),
        Some("number") if schema["maximum"] == 1.0 => "a probability".to_owned(),
        Some("number") => "a number".to_owned(),
        Some("boolean") => "`true` or `false`".to_owned(),
        _ => "anything".to_owned(),
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| inline(item).replace('`', "")).collect();
            format!("`[{}]`", items.join(", "))
        }
        other => format!("`{other}`"),
    }
}
