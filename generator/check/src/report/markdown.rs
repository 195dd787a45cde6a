//! A report for the readers of a pull request.

use std::fmt::Write as _;

use super::{Said, compared, counted, guests, place, subject, unknown};
use crate::{check::Report, difference::Side};

/// A heading with the verdict, and a table of the differences.
pub fn markdown(report: &Report) -> String {
    let compared = compared(report);
    if report.is_equivalent() {
        let mut text = format!("### Terraform and CloudFormation are equivalent\n\n{compared}.\n");
        not_ours(&mut text, report);
        not_known(&mut text, report);
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
            side(terraform, difference.terraform.as_ref()),
            side(cloudformation, difference.cloudformation.as_ref())
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
    not_ours(&mut text, report);
    not_known(&mut text, report);
    text
}

/// Files that are not the module's own.
fn not_ours(text: &mut String, report: &Report) {
    if let Some(guests) = guests(report) {
        line(text, &format!("\n{}.", cell(&guests)));
    }
}

/// What was not compared, folded away.
fn not_known(text: &mut String, report: &Report) {
    if report.unknown.is_empty() {
        return;
    }
    line(text, "\n<details><summary>Not known before the plan is applied, and not compared</summary>\n");
    for unknown in unknown(report) {
        line(text, &format!("- {}", cell(&unknown)));
    }
    line(text, "\n</details>");
}

fn line(text: &mut String, line: &str) {
    // Writing to memory cannot fail.
    let _ = writeln!(text, "{line}");
}

fn side(said: Option<String>, side: Option<&Side>) -> String {
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
