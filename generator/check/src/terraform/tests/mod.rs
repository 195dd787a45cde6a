//! What each feature of Terraform evaluates to, in small files, and which modules are refused.

mod blocks;
mod expressions;
mod modules;

use std::{fmt::Write as _, fs, path::Path};

use super::{Module, OtherFiles, ProviderSchema, evaluate};
use crate::{
    graph::{Address, Condition, ResourceAttribute, Symbol, SymbolicText, Value},
    read::SourceFile,
};

/// The part of a provider that these tests need.
fn schema() -> ProviderSchema<'static> {
    const WHO: &str = "who deploys";
    ProviderSchema {
        computed: &computed,
        is_known: |_| true,
        attaches: |_| false,
        ignored: &[("assume_role", WHO), ("endpoints", WHO), ("profile", WHO)],
        of_accounts: &["assume_role", "profile"],
    }
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
    evaluate(&files, &OtherFiles::default(), schema(), &|_| true, false).map_err(|problems| {
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
        files.push(SourceFile {
            name: name.trim_end_matches(".snap").into(),
            bytes: text.as_bytes().to_vec(),
        });
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    files
}

#[test]
fn blocks_outside_the_subset_are_refused_all_at_once() {
    refused(
        "a = 1\nmodule {\n  source = \"m\"\n}\nprovider \"google\" {}\nprovider \"aws\" {\n  alias = 1\n}\nwidget {}\nresource \"t\" {}\nvariable {}\nlocals \"x\" {}\nterraform {\n  required_version = \">= 1\"\n  backend \"s3\" {}\n  colour {}\n}\nephemeral \"a\" \"b\" {}\n",
        &[
            "1:1: `a` is no block or argument",
            "2:1: a `module` block has one label",
            "3:12: the module `m` is fetched from elsewhere",
            "7:11: `alias` must be text that is written out; this is `1`",
            "9:1: `widget` is no block",
            "10:1: a `resource` block has two labels",
            "11:1: a `variable` block has one label",
            "12:1: a `locals` block has no label",
            "16:3: `colour` is no block or argument",
            "18:1: `ephemeral` is no block",
        ],
    );
}

#[test]
fn blocks_that_say_nothing_about_what_is_deployed_are_ignored() {
    let module = module(
        "terraform {\n  required_version = \">= 1\"\n}\nmoved {\n  from = a.b\n  to = c.d\n}\nremoved {\n  from = a.b\n}\nimport {\n  to = a.b\n  id = \"x\"\n}\ncheck \"c\" {}\nprovider \"aws\" {\n  region = \"eu-west-1\"\n  profile = \"p\"\n  assume_role { role_arn = \"r\" }\n  endpoints {\n    sqs = \"x\"\n  }\n  default_tags {\n    tags = { a = \"b\" }\n  }\n}\n",
    );
    assert!(module.resources.is_empty());
    let provider = &module.providers[0];
    let names: Vec<&str> = provider.arguments.keys().map(String::as_str).collect();
    assert_eq!(names, ["default_tags", "region"]);
    refused("provider \"aws\" {\n  endpoint {\n    sqs = \"x\"\n  }\n}\n", &["2:3: `endpoint` is no block"]);
}

#[test]
fn nothing_may_be_declared_twice() {
    let one = "variable \"v\" {}\nlocals {\n  l = 1\n}\nresource \"t\" \"x\" {}\noutput \"o\" {\n  value = 1\n}\ndata \"aws_region\" \"r\" {}\nprovider \"aws\" {}\n";
    let problems = files(&[("a.tf", one), ("b.tf", one)]).map(|_| ()).unwrap_err();
    for (line, name) in [
        (1, "var.v"),
        (3, "local.l"),
        (5, "t.x"),
        (6, "output.o"),
        (9, "data.aws_region.r"),
        (10, "provider.aws"),
    ] {
        let column = if line == 3 { 3 } else { 1 };
        let expected = format!(
            "b.tf:{line}:{column}: `{name}` stands twice, first at a.tf:{line}:{column}; remove one\n"
        );
        assert!(problems.contains(&expected), "{problems}");
    }
    refused("resource \"t\" \"x\" {\n  a = 1\n  a {}\n}\n", &["3:3: `a` stands twice, first at main.tf:2:7"]);
}

#[test]
fn circles_are_refused() {
    refused(
        "locals {\n  a = local.b\n  b = \"x${local.a}\"\n}\n",
        &["2:7: these refer to each other in a circle: local.a -> local.b -> local.a"],
    );
    refused(
        "locals {\n  a = local.a\n}\n",
        &["2:7: these refer to each other in a circle: local.a -> local.a"],
    );
    refused(
        "resource \"t\" \"x\" {\n  a = t.y.arn\n}\nresource \"t\" \"y\" {\n  a = local.l\n}\nlocals {\n  l = t.x.arn\n}\n",
        &["8:7: these refer to each other in a circle: local.l -> t.x -> t.y -> local.l"],
    );
    refused(
        "data \"aws_region\" \"r\" {\n  depends_on = [t.x]\n}\n",
        &["2:17: `t.x` is not declared in these files"],
    );
    refused(
        "data \"aws_region\" \"r\" {\n  depends_on = [t.x]\n}\nresource \"t\" \"x\" {\n  a = data.aws_region.r.name\n}\n",
        &["2:17: these refer to each other in a circle: data.aws_region.r -> t.x -> data.aws_region.r"],
    );
    let name = "a".repeat(30);
    refused(
        &format!("locals {{\n  {name}1 = local.{name}2\n  {name}2 = local.{name}1\n}}\n"),
        &[&format!(
            "2:37: these refer to each other in a circle: local.{name}1 -> local.{name}2 -> local.{name}1; take one reference away"
        )],
    );
    refused("resource \"t\" \"x\" {\n  a = t.x.arn\n}\n", &["2:7: these refer"]);
    refused("resource \"t\" \"x\" {\n  count = length(t.x)\n}\n", &["2:18: these refer"]);
    refused(
        "resource \"t\" \"x\" {\n  a = 1\n  b = t.y.b\n}\nresource \"t\" \"y\" {\n  b = t.x.a\n}\n",
        &["3:7: these refer"],
    );
    refused(
        "resource \"t\" \"x\" {\n  depends_on = [t.y]\n}\nresource \"t\" \"y\" {\n  depends_on = [t.x]\n}\n",
        &["2:17: these refer"],
    );
}

#[test]
fn what_nobody_uses_is_looked_at_too() {
    refused("locals {\n  a = var.missing\n}\n", &["2:7: `var.missing` is not declared"]);
    refused(
        "data \"aws_vpc\" \"v\" {}\nlocals {\n  a = data.aws_vpc.v.id\n}\n",
        &["3:7: the data source `aws_vpc` is outside"],
    );
    refused("output \"o\" {}\n", &["1:1: `output.o` needs `value`"]);
    refused(
        "output \"o\" {\n  value = 1\n  precondition {}\n  postcondition {}\n}\n",
        &["3:3: `this precondition` needs `condition`", "4:3: `postcondition` is no block or argument"],
    );
    refused(
        "resource \"t\" \"x\" {\n  lifecycle {\n    precondition {\n      condition = true\n      colour = 1\n    }\n    more {}\n  }\n}\n",
        &["5:16: `colour` is no block or argument", "7:5: `more` is no block or argument"],
    );
}

#[test]
fn a_file_that_cannot_be_read_is_the_only_problem() {
    let problems = files(&[("a.tf", "resource \"t\" \"x\" {\n"), ("b.tf", "locals {\n  a = t.x.arn\n}\n")]);
    assert_eq!(problems.map(|_| ()).unwrap_err(), "a.tf:1:18: this bracket is never closed\n");
}

#[track_caller]
fn is_bounded(text: &str, expected: &str) {
    let problems = files(&[("main.tf", text)]).map(|_| ()).expect_err("it should be refused");
    assert!(problems.contains(expected), "{}", problems.chars().take(500).collect::<String>());
}

#[test]
fn what_grows_without_end_is_refused() {
    let locals = |first: &str, next: &dyn Fn(usize) -> String, count: usize| {
        let mut text = format!("locals {{\n  a0 = {first}\n");
        for index in 1..count {
            writeln!(text, "  a{index} = {}", next(index - 1)).unwrap();
        }
        text + "}\n"
    };
    let large = "the module makes more values than the check can hold";
    let deep = "too many expressions inside each other";
    is_bounded(&locals("1", &|last| format!("[local.a{last}, local.a{last}]"), 60), large);
    is_bounded(&locals("\"x\"", &|last| format!("\"${{local.a{last}}}${{local.a{last}}}\""), 60), large);
    is_bounded(
        &locals("\"x\"", &|last| format!("replace(local.a{last}, \"x\", \"xxxxxxxxxxxxxxxx\")"), 60),
        large,
    );
    is_bounded(&locals("[1]", &|last| format!("concat(local.a{last}, local.a{last})"), 60), large);
    is_bounded(&locals("1", &|last| format!("[local.a{last}]"), 450), deep);
    is_bounded(
        &locals("1", &|last| format!("local.a{last}"), 450).replace("a0 = 1", "a0 = local.b"),
        "local.b",
    );
    // The last one comes first by name, so that each waits for the next.
    let mut text = "locals {\n".to_owned();
    for index in 0..450 {
        writeln!(text, "  a{index:04} = \"${{local.a{:04}}}-\"", index + 1).unwrap();
    }
    is_bounded(&(text + "  a0450 = 1\n}\n"), deep);
    is_bounded("locals {\n  a = range(1000000000)\n}\n", large);
    is_bounded("locals {\n  a = [for x in range(2000) : [for y in range(2000) : x]]\n}\n", large);
    is_bounded("locals {\n  a = indent(100000000, \"a\\nb\")\n}\n", large);
    is_bounded(
        "locals {\n  a = join(\"\", [for x in range(2000) : format(\"%1000s\", x)])\n  b = split(\"\", local.a)\n}\n",
        large,
    );
    let all = |part: &dyn Fn(usize) -> String| (0..40).map(part).collect::<Vec<_>>().concat();
    let conditions = all(&|index| format!("${{var.v{index} == \"a\" ? \"b\" : \"c\"}}"));
    let variables = all(&|index| format!("variable \"v{index}\" {{}}\n"));
    is_bounded(&format!("{variables}locals {{\n  a = \"{conditions}\"\n}}\n"), large);
    let mut text = String::from(
        "variable \"a\" { type = bool }\nvariable \"b\" { type = bool }\nlocals {\n  a0 = var.a\n",
    );
    for index in 1..450 {
        let operator = if index % 2 == 0 { "&&" } else { "||" };
        writeln!(text, "  a{index} = local.a{} {operator} var.b == \"{index}\"", index - 1).unwrap();
    }
    is_bounded(
        &text.replace("var.b ==", "var.c ==").replace("locals {", "variable \"c\" {}\nlocals {").add("}\n"),
        deep,
    );
    let files: Vec<SourceFile> =
        (0..501).map(|index| SourceFile { name: format!("{index}.tf").into(), bytes: Vec::new() }).collect();
    assert!(evaluate(&files, &OtherFiles::default(), schema(), &|_| true, false).is_err());
    let files: Vec<SourceFile> = (0..17)
        .map(|index| SourceFile { name: format!("{index}.tf").into(), bytes: vec![b' '; 1024 * 1024] })
        .collect();
    assert!(evaluate(&files, &OtherFiles::default(), schema(), &|_| true, false).is_err());
}

trait Add {
    fn add(self, more: &str) -> String;
}

impl Add for String {
    fn add(mut self, more: &str) -> String {
        self.push_str(more);
        self
    }
}

#[test]
fn expressions_as_deep_as_the_parser_takes_them_do_not_overflow() {
    for (open, close) in [
        ("[", "]"),
        ("{ a = ", " }"),
        ("\"x${", "}\""),
        ("(", ")"),
        ("[for x in [1] : ", "]"),
        ("upper(", ")"),
    ] {
        let text = format!("locals {{\n  a = {}\"b\"{}\n}}\n", open.repeat(60), close.repeat(60));
        // Whether it is refused or not, it comes back.
        let _ = files(&[("main.tf", text.as_str())]);
    }
    module(&format!("locals {{\n  a = {}1\n}}\n", "1 + ".repeat(120)));
    let mut blocks = String::new();
    for _ in 0..60 {
        blocks.push_str("b {\n");
    }
    module(&format!("resource \"t\" \"x\" {{\n{blocks}{}}}\n", "}\n".repeat(60)));
}
