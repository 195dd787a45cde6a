//! The JSON Schema of the configuration file, from the document's types and the default choices; and the file that `init` writes,
//! in the schema's words.

use jit_runners_model::Choices;
use jit_runners_yaml::{scalar::taken_for, schema::tidy};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::document::Document;

/// The schema, draft 2020-12.
pub(crate) fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true).into_generator();
    let mut schema = generator.into_root_schema_for::<Document>().to_value();
    tidy(&mut schema, &defaults());
    schema
}

/// The default choices as they are written in the file.
fn defaults() -> Value {
    // Structs of texts, numbers and flags always serialise.
    serde_json::to_value(Document::from(&Choices::default())).unwrap_or_default()
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
