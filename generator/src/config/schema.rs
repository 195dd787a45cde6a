//! The JSON Schema of the configuration file, from the document's types and the default choices; and the file that `init` writes,
//! in the schema's words.

use jit_runners_model::Choices;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{document::Document, scalar::taken_for};

/// The schema, draft 2020-12.
pub(crate) fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true).into_generator();
    let mut schema = generator.into_root_schema_for::<Document>().to_value();
    complete(&mut schema, &defaults());
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(tidy);
    }
    schema
}

/// The default choices as they are written in the file.
fn defaults() -> Value {
    // Structs of texts, numbers and flags always serialise.
    serde_json::to_value(Document::from(&Choices::default())).unwrap_or_default()
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
fn tidy(schema: &mut Value) {
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
                properties.values_mut().for_each(tidy);
            }
            Some(items) => tidy_item(items),
            None => {}
        }
    }
}

/// An entry of a list is there or not, but never empty.
fn tidy_item(item: &mut Value) {
    tidy(item);
    if let Some(object) = item.as_object_mut().filter(|object| is_section(object)) {
        object.insert("type".to_owned(), json!("object"));
    }
}

fn is_section(schema: &Map<String, Value>) -> bool {
    schema.contains_key("properties")
}

const WIDTH: usize = 100;

/// A configuration file that changes nothing; `schema_file` is where its schema stands, seen from the file.
///
/// Lines that begin with `# ` explain; lines that begin with `#` and a key are choices: without the `#`, each of them
/// is valid on its own, other than rules of egress, of which one must be for tcp 443.
pub(crate) fn template(schema_file: &str) -> String {
    let mut lines =
        Lines { text: format!("# yaml-language-server: $schema={schema_file}\n"), told: Vec::new() };
    lines.comment(
        0,
        "What is chosen when the files are generated. Every key is optional, and every value below is the default \
         or an example: remove the `#` in front of a line to change it, then generate again. Quantities \
         carry their unit.",
    );
    if let Some(properties) = schema().get("properties").and_then(Value::as_object) {
        lines.properties(0, properties);
    }
    lines.text
}

struct Lines {
    text: String,
    /// Explanations that were given; five functions need not explain `memory` five times.
    told: Vec<String>,
}

impl Lines {
    fn properties(&mut self, indent: usize, properties: &Map<String, Value>) {
        for (key, schema) in properties {
            self.explain(indent, schema);
            let margin = " ".repeat(indent);
            let value = schema.get("default").or_else(|| schema.get("examples")?.get(0));
            if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
                self.line(&format!("{margin}{key}:"));
                self.properties(indent + 2, properties);
                continue;
            }
            match value {
                Some(Value::Array(items)) => {
                    self.line(&format!("{margin}{key}:"));
                    for item in items {
                        self.line(&format!("{margin}  #- {}", inline(item)));
                    }
                }
                Some(Value::Object(default)) => {
                    self.line(&format!("{margin}{key}:"));
                    let example = schema.get("examples").and_then(|examples| examples.get(0)?.as_object());
                    for (key, value) in if default.is_empty() { example.unwrap_or(default) } else { default }
                    {
                        self.line(&format!("{margin}  #{key}: {}", inline(value)));
                    }
                }
                Some(value) => self.line(&format!("{margin}#{key}: {}", inline(value))),
                None => {}
            }
        }
    }

    fn explain(&mut self, indent: usize, schema: &Value) {
        let Some(description) = schema.get("description").and_then(Value::as_str) else { return };
        if !self.told.iter().any(|told| told == description) {
            self.told.push(description.to_owned());
            if !self.text.ends_with(":\n") {
                self.text.push('\n');
            }
            self.comment(indent, description);
        }
    }

    fn comment(&mut self, indent: usize, text: &str) {
        let margin = format!("{}#", " ".repeat(indent));
        let mut line = margin.clone();
        for word in text.split_whitespace() {
            if line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.line(&line);
                line.clone_from(&margin);
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(&line);
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// A value on one line, in quotes where YAML asks for them.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(key, value)| format!("{key}: {}", inline(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        // YAML takes JSON's texts, numbers and flags as they are.
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => value.to_string(),
    }
}

/// Whether text can stand without quotes, also between braces.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !text.ends_with(' ')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || " ._-/".contains(c))
        && taken_for(text).is_none()
}
