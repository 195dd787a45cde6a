//! What each feature of Terraform evaluates to, in small files.

mod blocks;
mod expressions;
mod refused;

use std::{fmt::Write as _, fs, path::Path};

use super::{Module, OtherFiles, ProviderSchema, evaluate};
use crate::{
    graph::{Address, Condition, ResourceAttribute, Symbol, SymbolicText, Value},
    read::SourceFile,
};

/// The part of a provider that these tests need.
fn schema() -> ProviderSchema<'static> {
    ProviderSchema { computed: &computed, attaches: |_| false, ignored: &[("profile", "who deploys")] }
}

/// A few attributes of a few resources.
fn computed(_: &str, attribute: &str, address: &Address) -> Option<Value> {
    let attribute = match attribute {
        "arn" => ResourceAttribute::Arn,
        "id" => ResourceAttribute::Id,
        "url" => ResourceAttribute::Url,
        "unique_id" => ResourceAttribute::UniqueId,
        "api_endpoint" => ResourceAttribute::Endpoint,
        _ => return None,
    };
    Some(Value::Text(SymbolicText::from(Symbol::attribute(address.clone(), attribute))))
}

fn files(files: &[(&str, &str)]) -> Result<Module, String> {
    let files: Vec<SourceFile> = files
        .iter()
        .map(|(name, text)| SourceFile { name: (*name).into(), bytes: text.as_bytes().to_vec() })
        .collect();
    evaluate(&files, &OtherFiles::default(), schema()).map_err(|problems| {
        problems.iter().fold(String::new(), |mut text, problem| {
            writeln!(text, "{}: {}", problem.place, problem.kind).unwrap();
            text
        })
    })
}

#[track_caller]
fn module(text: &str) -> Module {
    files(&[("main.tf", text)]).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What every test may refer to.
const SURROUNDINGS: &str = r#"
variable "name" {
  type     = string
  nullable = false
}
variable "maybe" { type = string }
variable "flag" { type = bool }
variable "count" { type = number }
variable "items" { type = list(string) }
variable "settings" { type = map(string) }
resource "aws_sqs_queue" "a" {
  name            = "${var.name}-a"
  delay_seconds   = 5
}
resource "aws_sqs_queue" "spare" {
  count = var.flag ? 1 : 0
  name  = "spare"
}
resource "aws_sqs_queue" "two" {
  count = 2
  name  = "two-${count.index}"
}
resource "aws_sqs_queue" "each" {
  for_each = { x = "1", y = "2" }
  name     = "${each.key}-${each.value}"
}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
"#;

/// `expression`, as the value of an output.
fn value(expression: &str) -> Result<String, String> {
    let text = format!("output \"it\" {{\n  value = {expression}\n}}\n");
    let module = files(&[("it.tf", text.as_str()), ("main.tf", SURROUNDINGS)])?;
    Ok(module.outputs[0].arguments["value"].value.to_string())
}

#[track_caller]
fn is(expression: &str, expected: &str) {
    match value(expression) {
        Ok(value) => assert_eq!(value, expected, "{expression}"),
        Err(problems) => panic!("{expression}: {problems}"),
    }
}

/// What is wrong with `expression`: all of it, without the file.
#[track_caller]
fn is_refused(expression: &str, expected: &str) {
    let problems = value(expression).expect_err(expression);
    assert!(problems.contains(expected), "{expression}: {problems}");
}

#[track_caller]
fn refused(text: &str, expected: &[&str]) {
    let problems = files(&[("main.tf", text)]).map_or_else(|problems| problems, |_| "nothing".to_owned());
    let lines: Vec<&str> =
        problems.lines().map(|line| line.strip_prefix("main.tf:").unwrap_or(line)).collect();
    assert_eq!(lines.len(), expected.len(), "{problems}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}\n{expected}");
    }
}

/// The resources of a module on one line each.
fn resources(module: &Module) -> Vec<String> {
    let resources = module.resources.iter().map(|resource| {
        let mut line = resource.address.to_string();
        if resource.condition != Condition::Always {
            write!(line, " if {}", resource.condition).unwrap();
        }
        for (name, held) in &resource.arguments {
            write!(line, " {name}={}", held.value).unwrap();
        }
        for (address, place) in &resource.depends_on {
            write!(line, " after {address} ({place})").unwrap();
        }
        for (name, held) in &resource.lifecycle {
            write!(line, " lifecycle.{name}={}", held.value).unwrap();
        }
        line
    });
    resources.collect()
}

/// The Terraform files of a folder, and those of a folder of snapshots.
fn of_folder(folder: &Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap_or_default();
        let text = if name.starts_with("terraform__") && name.ends_with(".tf.snap") {
            text.splitn(3, "---\n").nth(2).unwrap()
        } else if path.extension().is_some_and(|extension| extension == "tf") {
            text.as_str()
        } else {
            continue;
        };
        files.push(SourceFile { name: name.into(), bytes: text.as_bytes().to_vec() });
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    files
}
