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

mod code_host;

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json as object};

use crate::{
    check::{Partial, Report, Subject, Unreadable, Verdict},
    difference::{Difference, Given, Ignored, LeftOut, Reason, Side, Unknown, Wrong},
};

pub use code_host::{annotations, annotations_of_unreadable, sarif, sarif_of_unreadable};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Prints each difference with both values, where they stand, and whose fault it is.
pub fn text(writer: &mut dyn Write, report: &Report) -> io::Result<()> {
    for difference in &report.differences {
        writeln!(writer, "{BOLD}{}{BOLD:#}", subject(difference))?;
        let Said { terraform, cloudformation, model } = Said::of(difference);
        print_side(writer, "terraform", terraform, difference.terraform.as_ref())?;
        print_side(writer, "cloudformation", cloudformation, difference.cloudformation.as_ref())?;
        if report.has_model() {
            writeln!(writer, "  {:<15} {}", "model", model.as_deref().unwrap_or("nothing"))?;
        }
        if let Some(wrong) = difference.wrong {
            writeln!(writer, "  {:<15} {BAD}{}{BAD:#}", "wrong", wrong.as_str())?;
        }
        writeln!(writer)?;
    }
    if !report.unknown.is_empty() {
        writeln!(writer, "{BOLD}Not known before the plan is applied, and not compared{BOLD:#}")?;
        for unknown in unknown(report) {
            writeln!(writer, "  {unknown}")?;
        }
        writeln!(writer)?;
    }
    if let Some(guests) = guests(report) {
        writeln!(writer, "{guests}")?;
    }
    if let Some(given) = given(report) {
        writeln!(writer, "{given}")?;
    }
    for ignored in ignored(report) {
        writeln!(writer, "{ignored}")?;
    }
    if let Some(partial) = &report.partial {
        print_partial(writer, partial)?;
    }
    let compared = compared(report);
    match report.verdict() {
        Verdict::Equivalent => {
            let same = match report.subject {
                Subject::Files => "both say the same",
                Subject::FilesAndModel => "both say the same, and what the model says",
                Subject::Plan => "the plan and the template make the same",
            };
            writeln!(writer, "{GOOD}equivalent{GOOD:#}: {same}; {compared}")
        }
        Verdict::Different => {
            let found = counted(report.differences.len(), "difference");
            writeln!(writer, "{BAD}not equivalent{BAD:#}: {found}; {compared}")
        }
        Verdict::Incomplete => writeln!(writer, "{BOLD}no difference in a part{BOLD:#}: {compared}"),
    }
}

fn print_partial(writer: &mut dyn Write, partial: &Partial) -> io::Result<()> {
    if !partial.reasons.is_empty() {
        writeln!(writer, "{BOLD}Not understood{BOLD:#}")?;
        for reason in &partial.reasons {
            let at = position(&reason.file, reason.line, reason.column);
            writeln!(writer, "  {at}: {}", reason.message)?;
        }
        writeln!(writer)?;
    }
    if !partial.left_out.is_empty() {
        writeln!(writer, "{BOLD}Not compared{BOLD:#}")?;
        for out in &partial.left_out {
            writeln!(writer, "  {}", left_out(out))?;
        }
        writeln!(writer)?;
    }
    Ok(())
}

/// What could not be compared, and where it stands.
fn left_out(out: &LeftOut) -> String {
    let LeftOut { kind, name, path, file, line, column } = out;
    format!("{} ({})", property(kind, name, path), position(file, *line, *column))
}

/// `main.tf:3:1`.
fn position(file: &str, line: Option<usize>, column: Option<usize>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
        (Some(line), None) => format!("{file}:{line}"),
        (None, _) => file.to_owned(),
    }
}

fn print_side(
    writer: &mut dyn Write,
    who: &str,
    said: Option<String>,
    side: Option<&Side>,
) -> io::Result<()> {
    match (said, side) {
        (Some(said), Some(side)) => writeln!(writer, "  {who:<15} {said}  {FAINT}({}){FAINT:#}", place(side)),
        _ => writeln!(writer, "  {who:<15} nothing"),
    }
}

/// With what could not be read, `equivalent` is `null` where nothing differs, and there are `problems` as in [`unreadable_json`] and
/// `not_compared`: `{"resource", "resource_kind", "path", "file", "line", "column"}`. Otherwise
/// `{"equivalent", "resources", "attributes", "guests", "given", "ignored", "unknown", "differences": [{"kind", "resource", "resource_kind", "path", "terraform",
/// "cloudformation", "model", "wrong"}]}`. A side is `{"value", "file", "line", "rule"}`, or `null` where it says nothing.
pub fn json(report: &Report) -> Value {
    let Report { resources, attributes, unknown, guests, given, ignored, differences, partial, subject: _ } =
        report;
    let mut whole = object!({
        "equivalent": match report.verdict() {
            Verdict::Equivalent => Value::Bool(true),
            Verdict::Different => Value::Bool(false),
            Verdict::Incomplete => Value::Null,
        },
        "resources": resources,
        "attributes": attributes,
        "guests": guests,
        "given": given.iter().map(given_json).collect::<Vec<_>>(),
        "ignored": ignored.iter().map(ignored_json).collect::<Vec<_>>(),
        "unknown": unknown.iter().map(unknown_json).collect::<Vec<_>>(),
        "differences": differences.iter().map(difference_json).collect::<Vec<_>>(),
    });
    if let Some(Partial { reasons, left_out }) = partial {
        let reason = |Reason { file, line, column, message }: &Reason| object!({ "file": file, "line": line, "column": column, "message": message });
        let out = |LeftOut { kind, name, path, file, line, column }: &LeftOut| {
            object!({
                "resource": name,
                "resource_kind": kind,
                "path": path,
                "file": file,
                "line": line,
                "column": column,
            })
        };
        whole["problems"] = reasons.iter().map(reason).collect();
        whole["not_compared"] = left_out.iter().map(out).collect();
    }
    whole
}

/// `{"equivalent": null, "problems": [{"file", "line", "column", "message"}]}`.
pub fn unreadable_json(unreadable: &Unreadable) -> Value {
    let problems: Vec<_> = told(unreadable)
        .map(|ToldProblem { file, line, column, message }| {
            object!({ "file": file, "line": line, "column": column, "message": message })
        })
        .collect();
    object!({ "equivalent": null, "problems": problems })
}

/// A reason why nothing was compared.
struct ToldProblem {
    file: String,
    line: Option<usize>,
    column: Option<usize>,
    message: String,
}

fn told(unreadable: &Unreadable) -> impl Iterator<Item = ToldProblem> {
    unreadable.problems().map(|problem| ToldProblem {
        file: problem.place.file.to_string(),
        line: problem.place.position.map(|position| position.line),
        column: problem.place.position.map(|position| position.column),
        message: problem.kind.to_string(),
    })
}

fn ignored_json(ignored: &Ignored) -> Value {
    let Ignored { kind, name, reason, count } = ignored;
    object!({ "kind": kind, "name": name, "reason": reason, "differences": count })
}

fn given_json(given: &Given) -> Value {
    let Given { input, file, line } = given;
    object!({ "input": input, "file": file, "line": line })
}

fn unknown_json(unknown: &Unknown) -> Value {
    let Unknown { resource, resource_kind, path } = unknown;
    object!({ "resource": resource, "resource_kind": resource_kind, "path": path })
}

fn difference_json(difference: &Difference) -> Value {
    let Difference { kind, resource, resource_kind, path, terraform, cloudformation, model, wrong } =
        difference;
    object!({
        "kind": kind.as_str(),
        "resource": resource,
        "resource_kind": resource_kind,
        "path": path,
        "terraform": terraform.as_ref().map(side_json),
        "cloudformation": cloudformation.as_ref().map(side_json),
        "model": model,
        "wrong": wrong.map(Wrong::as_str),
    })
}

fn side_json(side: &Side) -> Value {
    let Side { value, file, line, rule } = side;
    object!({ "value": value, "file": file, "line": line, "rule": rule })
}

/// A heading with the verdict, and a table of the differences.
pub fn markdown(report: &Report) -> String {
    let compared = compared(report);
    if report.differences.is_empty() {
        let title = match report.verdict() {
            Verdict::Incomplete => {
                "Terraform and CloudFormation are compared in a part, without a difference"
            }
            Verdict::Equivalent | Verdict::Different => "Terraform and CloudFormation are equivalent",
        };
        let mut text = format!("### {title}\n\n{compared}.\n");
        list_partial(&mut text, report);
        list_guests(&mut text, report);
        list_given(&mut text, report);
        list_unknown(&mut text, report);
        return text;
    }
    let found = counted(report.differences.len(), "difference");
    let mut text = format!("### Terraform and CloudFormation are not equivalent: {found}\n\n");
    let (titles, rules) = if report.has_model() { (" Model | Wrong |", "---|---|") } else { ("", "") };
    line(&mut text, &format!("| What | Terraform | CloudFormation |{titles}"));
    line(&mut text, &format!("|---|---|---|{rules}"));
    for difference in &report.differences {
        let Said { terraform, cloudformation, model } = Said::of(difference);
        let mut row = format!(
            "| {} | {} | {} |",
            cell(&subject(difference)),
            side_cell(terraform, difference.terraform.as_ref()),
            side_cell(cloudformation, difference.cloudformation.as_ref())
        );
        if report.has_model() {
            let model = model.map_or_else(|| "nothing".to_owned(), |said| code(&said));
            let wrong = difference.wrong.map_or("", |wrong| wrong.as_str());
            row = format!("{row} {model} | {wrong} |");
        }
        line(&mut text, &row);
    }
    line(&mut text, "");
    line(&mut text, &format!("{compared}."));
    list_partial(&mut text, report);
    list_guests(&mut text, report);
    list_given(&mut text, report);
    list_unknown(&mut text, report);
    text
}

/// What could not be read, folded away.
fn list_partial(text: &mut String, report: &Report) {
    let Some(partial) = &report.partial else { return };
    let reasons = partial.reasons.iter().map(|reason| {
        let at = position(&reason.file, reason.line, reason.column);
        format!("{at}: {}", reason.message)
    });
    fold(text, "Not understood", reasons);
    fold(text, "Not compared", partial.left_out.iter().map(left_out));
}

/// A list that is folded away, if there is anything in it.
fn fold(text: &mut String, title: &str, items: impl Iterator<Item = String>) {
    let items: Vec<_> = items.map(|item| format!("- {}", cell(&item))).collect();
    if !items.is_empty() {
        line(text, &format!("\n<details><summary>{title}</summary>\n"));
        for item in &items {
            line(text, item);
        }
        line(text, "\n</details>");
    }
}

/// Why nothing was compared, as a heading and a list.
pub fn markdown_of_unreadable(unreadable: &Unreadable) -> String {
    let mut text = String::from("### Terraform and CloudFormation were not compared\n\n");
    for problem in unreadable.lines() {
        line(&mut text, &format!("- {}", cell(&problem)));
    }
    text
}

/// Files that are not the module's own.
fn list_guests(text: &mut String, report: &Report) {
    if let Some(guests) = guests(report) {
        line(text, &format!("\n{}.", cell(&guests)));
    }
}

/// Inputs that are given when deploying, and what is ignored.
fn list_given(text: &mut String, report: &Report) {
    if let Some(given) = given(report) {
        line(text, &format!("\n{}.", cell(&given)));
    }
    for ignored in ignored(report) {
        line(text, &format!("\n{}.", cell(&ignored)));
    }
}

/// What was not compared, folded away.
fn list_unknown(text: &mut String, report: &Report) {
    fold(text, "Not known before the plan is applied, and not compared", unknown(report));
}

fn line(text: &mut String, line: &str) {
    // Writing to memory cannot fail.
    let _ = writeln!(text, "{line}");
}

fn side_cell(said: Option<String>, side: Option<&Side>) -> String {
    match (said, side) {
        (Some(said), Some(side)) => format!("{}<br>{}", code(&said), cell(&place(side))),
        _ => "nothing".to_owned(),
    }
}

/// Text in a table: what would end the cell, or be taken for markup, is escaped.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('*', "\\*")
        .replace('_', "\\_")
}

/// A value in a table, word for word.
fn code(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "&#124;").replace('`', "&#96;");
    format!("<code>{}</code>", text.replace('*', "&#42;").replace('_', "&#95;"))
}

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

fn ignored(report: &Report) -> impl Iterator<Item = String> {
    report.ignored.iter().map(|Ignored { kind, name, reason, count }| {
        format!("ignored: {} of {kind} {name} ({reason})", counted(*count, "difference"))
    })
}

fn given(report: &Report) -> Option<String> {
    let inputs: Vec<_> = report
        .given
        .iter()
        .map(|Given { input, file, line }| match line {
            Some(line) => format!("{input} ({file}:{line})"),
            None => format!("{input} ({file})"),
        })
        .collect();
    (!inputs.is_empty()).then(|| format!("given when deploying, and not compared: {}", inputs.join(", ")))
}

/// How much was compared, and how much nobody knows yet.
fn compared(report: &Report) -> String {
    let resources = counted(report.resources, "resource");
    let attributes = counted(report.attributes, "equal attribute");
    if let Some(partial) = &report.partial {
        let (whole, values) = partial.counts();
        let (whole, values) = (counted(whole, "resource"), counted(values, "value"));
        return format!("{resources} and {attributes} compared; {whole} and {values} could not be compared");
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{json, markdown, text};
    use crate::{
        check::{Report, Subject},
        difference::{Difference, DifferenceKind, Side, Wrong},
    };

    fn side(value: serde_json::Value, file: &str, line: usize) -> Side {
        Side { value, file: file.to_owned(), line: Some(line), rule: None }
    }

    fn report() -> Report {
        let differences = vec![
            Difference {
                kind: DifferenceKind::Resource,
                resource: "<name>-jobs".to_owned(),
                resource_kind: "Queue",
                path: String::new(),
                terraform: Some(side(json!("aws_sqs_queue.jobs"), "queues.tf", 3)),
                cloudformation: None,
                model: None,
                wrong: Some(Wrong::Terraform),
            },
            Difference {
                kind: DifferenceKind::Attribute,
                resource: "<name>-worker".to_owned(),
                resource_kind: "Function",
                path: "Environment.Variables.A_B".to_owned(),
                terraform: Some(side(json!("x|y*"), "functions.tf", 12)),
                cloudformation: Some(Side {
                    value: json!("<Topic>"),
                    file: "template.yaml".to_owned(),
                    line: Some(7),
                    rule: Some("function-defaults"),
                }),
                model: Some(json!("x")),
                wrong: Some(Wrong::Both),
            },
        ];
        Report {
            ignored: Vec::new(),
            partial: None,
            given: Vec::new(),
            subject: Subject::FilesAndModel,
            resources: 2,
            attributes: 1,
            unknown: Vec::new(),
            guests: Vec::new(),
            differences,
        }
    }

    #[test]
    fn a_person_reads_both_values_and_where_they_stand() {
        let mut out = Vec::new();
        text(&mut out, &report()).unwrap();
        let text = anstream::adapter::strip_bytes(&out).into_vec();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "\
Queue <name>-jobs
  terraform       \"aws_sqs_queue.jobs\"  (queues.tf:3)
  cloudformation  nothing
  model           nothing
  wrong           terraform

Function <name>-worker: Environment.Variables.A_B
  terraform       \"x|y*\"  (functions.tf:12)
  cloudformation  \"<Topic>\"  (template.yaml:7, filled in by the rule function-defaults)
  model           \"x\"
  wrong           both

not equivalent: 2 differences; 2 resources and 1 equal attribute compared
"
        );
    }

    #[test]
    fn a_program_reads_null_where_a_side_says_nothing() {
        let json = json(&report());
        assert_eq!(json["equivalent"], json!(false));
        assert_eq!(
            json["differences"][0],
            json!({
                "kind": "resource",
                "resource": "<name>-jobs",
                "resource_kind": "Queue",
                "path": "",
                "terraform": { "value": "aws_sqs_queue.jobs", "file": "queues.tf", "line": 3, "rule": null },
                "cloudformation": null,
                "model": null,
                "wrong": "terraform",
            })
        );
    }

    #[test]
    fn markup_in_values_is_only_ever_text() {
        let markdown = markdown(&report());
        assert!(markdown.starts_with("### Terraform and CloudFormation are not equivalent: 2 differences\n"));
        let row = markdown.lines().find(|line| line.contains("worker")).unwrap();
        assert_eq!(
            row,
            "| Function &lt;name>-worker: Environment.Variables.A\\_B | <code>\"x&#124;y&#42;\"</code><br>functions.tf:12 \
             | <code>\"&lt;Topic>\"</code><br>template.yaml:7, filled in by the rule function-defaults | <code>\"x\"</code> | both |"
        );
    }

    #[test]
    fn equivalence_says_so() {
        let report = Report { differences: Vec::new(), ..report() };
        let mut out = Vec::new();
        text(&mut out, &report).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("both say the same, and what the model says"));
        assert!(markdown(&report).starts_with("### Terraform and CloudFormation are equivalent\n"));
        assert_eq!(json(&report)["equivalent"], json!(true));
    }
}
