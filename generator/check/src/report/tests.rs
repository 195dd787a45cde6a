//! What people and programs are told.

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
