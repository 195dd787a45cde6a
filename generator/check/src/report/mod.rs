//! Writes a report down: for a person in a terminal, for a program, for the readers of a pull request.
//!
//! ```
//! use jit_runners_check::{SourceFile, check, report};
//!
//! let module = SourceFile::new(
//!     "main.tf",
//!     "resource \"aws_cloudwatch_log_group\" \"jobs\" {\n  name = \"/jobs\"\n  retention_in_days = 7\n}\n",
//! );
//! let template = SourceFile::new(
//!     "template.yaml",
//!     "Resources:\n  Jobs:\n    Type: AWS::Logs::LogGroup\n    Properties:\n      LogGroupName: /jobs\n      RetentionInDays: 14\n",
//! );
//! let found = check(&[module], &template, None)?;
//!
//! let mut out = Vec::new();
//! report::text(&mut out, &found)?;
//! assert!(String::from_utf8(out)?.contains("terraform       7"));
//!
//! assert_eq!(report::json(&found)["differences"][0]["cloudformation"]["value"], 14);
//! assert!(report::markdown(&found).starts_with("### Terraform and CloudFormation are not equivalent: 1 difference"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod markdown;
#[cfg(test)]
mod tests;
mod text;

pub use markdown::markdown;
use serde_json::{Value, json as object};
pub use text::text;

use crate::{
    check::Report,
    difference::{Difference, Side, Unknown, Wrong},
};

/// What a difference is about: kind, name, property.
fn subject(difference: &Difference) -> String {
    let Difference { resource_kind, resource, path, .. } = difference;
    property(resource_kind, resource, path)
}

fn property(resource_kind: &str, resource: &str, path: &str) -> String {
    if path.is_empty() {
        format!("{resource_kind} {resource}")
    } else {
        format!("{resource_kind} {resource}: {path}")
    }
}

/// What the sides and the model say, each on one line. The items that lists have in common are only counted.
struct Said {
    terraform: Option<String>,
    cloudformation: Option<String>,
    model: Option<String>,
}

impl Said {
    fn of(difference: &Difference) -> Self {
        let Difference { terraform, cloudformation, model, .. } = difference;
        let value = |side: &Option<Side>| side.as_ref().map(|side| side.value.clone());
        let all = [value(terraform), value(cloudformation), model.clone()];
        let lists: Vec<_> = all.iter().flatten().filter_map(Value::as_array).collect();
        let is_common = |item: &Value| lists.len() > 1 && lists.iter().all(|list| list.contains(item));
        let [terraform, cloudformation, model] =
            all.each_ref().map(|value| value.as_ref().map(|value| one_line(value, &is_common)));
        Self { terraform, cloudformation, model }
    }
}

/// A value on one line.
fn one_line(value: &Value, is_common: &impl Fn(&Value) -> bool) -> String {
    let Value::Array(items) = value else { return value.to_string() };
    let (common, own): (Vec<_>, Vec<_>) = items.iter().partition(|item| is_common(item));
    // A few words are read sooner than a count of them.
    if common.len() < 2 && !common.iter().any(|item| item.is_object()) {
        return value.to_string();
    }
    let common = format!("{} in common", common.len());
    let all: Vec<_> = std::iter::once(common).chain(own.iter().map(ToString::to_string)).collect();
    format!("[{}]", all.join(", "))
}

/// Where a side says it, or which rule fills in what it leaves out.
fn place(side: &Side) -> String {
    let file = side.line.map_or_else(|| side.file.clone(), |line| format!("{}:{line}", side.file));
    match side.rule {
        Some(rule) => format!("{file}, filled in by the rule {rule}"),
        None => file,
    }
}

/// What was not compared.
fn unknown(report: &Report) -> impl Iterator<Item = String> {
    report.unknown.iter().map(|unknown| property(unknown.resource_kind, &unknown.resource, &unknown.path))
}

/// Files that are not the module's own.
fn guests(report: &Report) -> Option<String> {
    let files = report.guests.join(", ");
    (!files.is_empty())
        .then(|| format!("{files}: not generated; only what they attach to the module is compared"))
}

/// How much was compared, and how much nobody knows yet.
fn compared(report: &Report) -> String {
    let resources = counted(report.resources, "resource");
    let attributes = counted(report.attributes, "equal attribute");
    match report.unknown.len() {
        0 => format!("{resources} and {attributes} compared"),
        unknown => {
            let unknown = counted(unknown, "value");
            format!("{resources} and {attributes} compared, {unknown} not known before the plan is applied")
        }
    }
}

/// `1 difference`, `2 differences`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `{"equivalent", "resources", "attributes", "guests", "unknown", "differences": [{"kind", "resource", "resource_kind", "path", "terraform",
/// "cloudformation", "model", "wrong"}]}`. A side is `{"value", "file", "line", "rule"}`, or `null` where it says nothing.
pub fn json(report: &Report) -> Value {
    let Report { resources, attributes, unknown, guests, differences, subject: _ } = report;
    object!({
        "equivalent": report.is_equivalent(),
        "resources": resources,
        "attributes": attributes,
        "guests": guests,
        "unknown": unknown.iter().map(not_known).collect::<Vec<_>>(),
        "differences": differences.iter().map(difference).collect::<Vec<_>>(),
    })
}

fn not_known(unknown: &Unknown) -> Value {
    let Unknown { resource, resource_kind, path } = unknown;
    object!({ "resource": resource, "resource_kind": resource_kind, "path": path })
}

fn difference(difference: &Difference) -> Value {
    let Difference { kind, resource, resource_kind, path, terraform, cloudformation, model, wrong } =
        difference;
    object!({
        "kind": kind.as_str(),
        "resource": resource,
        "resource_kind": resource_kind,
        "path": path,
        "terraform": terraform.as_ref().map(side),
        "cloudformation": cloudformation.as_ref().map(side),
        "model": model,
        "wrong": wrong.map(Wrong::as_str),
    })
}

fn side(side: &Side) -> Value {
    let Side { value, file, line, rule } = side;
    object!({ "value": value, "file": file, "line": line, "rule": rule })
}
