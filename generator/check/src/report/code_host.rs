//! Reports for code hosts: SARIF, which they show beside the code, and annotations in the log of a GitHub workflow.

use serde_json::{Value, json as object};

use super::{Said, property, subject};
use crate::{
    check::{Report, Unreadable},
    difference::{Difference, DifferenceKind, LeftOut, Reason, Side},
};

/// The report as SARIF (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>): each difference is a result at the
/// places where the two files say it.
pub fn sarif(report: &Report) -> Value {
    let reason = |reason: &Reason| {
        let mut result = result("unreadable", &reason.message, &[location(&reason.file, reason.line)]);
        result["level"] = object!("warning");
        result
    };
    let out = |out: &LeftOut| {
        let message = not_compared(out);
        let mut result = result("not-compared", &message, &[location(&out.file, out.line)]);
        result["level"] = object!("warning");
        result
    };
    let partial = report.partial.iter();
    let reasons = partial.clone().flat_map(|partial| &partial.reasons).map(reason);
    let left_out = partial.flat_map(|partial| &partial.left_out).map(out);
    let differences = report.differences.iter().map(result_of);
    sarif_of(&differences.chain(reasons).chain(left_out).collect::<Vec<_>>())
}

/// What could not be read, as SARIF.
pub fn sarif_of_unreadable(unreadable: &Unreadable) -> Value {
    let result = |problem: super::ToldProblem| {
        result("unreadable", &problem.message, &[location(&problem.file, problem.line)])
    };
    sarif_of(&super::told(unreadable).map(result).collect::<Vec<_>>())
}

fn sarif_of(results: &[Value]) -> Value {
    let rules: Vec<_> = DIFFERENCES
        .iter()
        .map(|kind| (kind.as_str(), "Terraform and CloudFormation do not say the same."))
        .chain([
            ("unreadable", "The check does not understand this."),
            ("not-compared", "This could not be compared."),
        ])
        .map(|(id, says)| object!({ "id": id, "shortDescription": { "text": says } }))
        .collect();
    object!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": { "name": "jit-runners check", "rules": rules } }, "results": results }],
    })
}

const DIFFERENCES: &[DifferenceKind] = &[
    DifferenceKind::Resource,
    DifferenceKind::Condition,
    DifferenceKind::Attribute,
    DifferenceKind::Parameter,
    DifferenceKind::Requirement,
    DifferenceKind::Output,
];

fn result_of(difference: &Difference) -> Value {
    let places = sides(difference).map(|side| location(&side.file, side.line));
    result(difference.kind.as_str(), &message(difference), &places.collect::<Vec<_>>())
}

fn result(rule: &str, message: &str, places: &[Value]) -> Value {
    object!({ "ruleId": rule, "level": "error", "message": { "text": message }, "locations": places })
}

fn location(file: &str, line: Option<usize>) -> Value {
    let mut place = object!({ "artifactLocation": { "uri": file } });
    if let Some(line) = line {
        place["region"] = object!({ "startLine": line });
    }
    object!({ "physicalLocation": place })
}

/// What could not be compared, in one line.
fn not_compared(out: &LeftOut) -> String {
    format!("{} could not be compared", property(&out.kind, &out.name, &out.path))
}

/// The sides that say something.
fn sides(difference: &Difference) -> impl Iterator<Item = &Side> {
    difference.terraform.iter().chain(&difference.cloudformation)
}

/// A difference in one line.
fn message(difference: &Difference) -> String {
    let Said { terraform, cloudformation, model } = Said::of(difference);
    let said = |said: Option<String>| said.unwrap_or_else(|| "nothing".to_owned());
    let mut message = format!(
        "{}: Terraform says {}, CloudFormation {}",
        subject(difference),
        said(terraform),
        said(cloudformation)
    );
    if let Some(model) = model {
        message = format!("{message}, and the model {model}");
    }
    message
}

/// The report as annotations: a line for each place where a difference stands
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message>).
pub fn annotations(report: &Report) -> String {
    let of = |difference: &Difference| {
        let message = message(difference);
        let mut lines: String = sides(difference)
            .map(|side| annotation("error", Some((&side.file, side.line)), &message))
            .collect();
        if lines.is_empty() {
            lines = annotation("error", None, &message);
        }
        lines
    };
    let partial = report.partial.iter();
    let reasons = partial.clone().flat_map(|partial| &partial.reasons);
    let reasons =
        reasons.map(|reason| annotation("warning", Some((&reason.file, reason.line)), &reason.message));
    let left_out = partial.flat_map(|partial| &partial.left_out);
    let left_out = left_out.map(|out| annotation("warning", Some((&out.file, out.line)), &not_compared(out)));
    report.differences.iter().map(of).chain(reasons).chain(left_out).collect()
}

/// What could not be read, as annotations.
pub fn annotations_of_unreadable(unreadable: &Unreadable) -> String {
    super::told(unreadable)
        .map(|problem| annotation("error", Some((&problem.file, problem.line)), &problem.message))
        .collect()
}

fn annotation(level: &str, place: Option<(&str, Option<usize>)>, message: &str) -> String {
    let escaped = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let in_place = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    let place = match place {
        Some((file, Some(line))) => format!(" file={},line={line}", in_place(file)),
        Some((file, None)) => format!(" file={}", in_place(file)),
        None => String::new(),
    };
    format!("::{level}{place}::{}\n", escaped(message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SourceFile, check};

    fn found(days: u32) -> Report {
        let module =
            "resource \"aws_cloudwatch_log_group\" \"a\" {\n  name = \"/a\"\n  retention_in_days = 7\n}\n";
        let template = format!(
            "Resources:\n  A:\n    Type: AWS::Logs::LogGroup\n    Properties:\n      LogGroupName: /a\n      RetentionInDays: {days}\n"
        );
        check(&[SourceFile::new("a,b/main.tf", module)], &SourceFile::new("template.yaml", template), None)
            .unwrap()
    }

    #[test]
    fn a_difference_stands_at_both_places() {
        let whole = sarif(&found(14));
        let result = &whole["runs"][0]["results"][0];
        assert_eq!(result["ruleId"], "attribute");
        assert_eq!(
            result["message"]["text"],
            "LogGroup /a: RetentionInDays: Terraform says 7, CloudFormation 14"
        );
        let places = result["locations"].as_array().unwrap();
        assert_eq!(places[0]["physicalLocation"]["artifactLocation"]["uri"], "a,b/main.tf");
        assert_eq!(places[1]["physicalLocation"]["region"]["startLine"], 6);
        assert_eq!(
            annotations(&found(14)),
            "::error file=a%2Cb/main.tf,line=3::LogGroup /a: RetentionInDays: Terraform says 7, CloudFormation 14\n\
             ::error file=template.yaml,line=6::LogGroup /a: RetentionInDays: Terraform says 7, CloudFormation 14\n"
        );
    }

    #[test]
    fn nothing_is_said_of_what_is_the_same() {
        assert_eq!(annotations(&found(7)), "");
        assert_eq!(sarif(&found(7))["runs"][0]["results"], object!([]));
    }

    #[test]
    fn what_cannot_be_read_is_told_in_each_form() {
        let module = SourceFile::new("main.tf", "resource \"aws_vpc\" \"v\" {}\n");
        let template = SourceFile::new("template.yaml", "Resources: {}\n");
        let unreadable = check(&[module], &template, None).unwrap_err();
        let json = crate::report::unreadable_json(&unreadable);
        assert_eq!(json["equivalent"], Value::Null);
        assert_eq!(json["problems"][0]["line"], 1);
        let told = annotations_of_unreadable(&unreadable);
        assert!(told.starts_with("::error file=main.tf,line=1::resources of type `aws_vpc`"), "{told}");
        let whole = sarif_of_unreadable(&unreadable);
        assert_eq!(whole["runs"][0]["results"][0]["ruleId"], "unreadable");
    }
}
