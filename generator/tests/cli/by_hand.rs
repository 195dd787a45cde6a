//! What the check reports about a pair that was written by hand.

use std::path::Path;

use jit_runners_witnesses::cases::Case;

use crate::folder::{Folder, snapshot};

#[test]
fn the_report_of_a_pair_by_hand() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("check/tests/cases/by-hand.md");
    let folder = Folder::new();
    Case::read(&case).unwrap().write_to(folder.0.path()).unwrap();
    for format in ["text", "markdown", "json"] {
        let pair = ["--terraform=terraform", "--cloudformation=template.yaml"];
        let run = folder.run(&[&["check", "--color", "never", "--format", format][..], &pair].concat());
        assert_eq!(run.code, 5, "{run:?}");
        snapshot(&format!("pair-by-hand-{format}"), &run.out);
    }
}

const MODULE: &str = "variable \"days\" {\n  default = 7\n}\n\nresource \"aws_cloudwatch_log_group\" \"a\" {\n  name              = file(\"name.txt\")\n  retention_in_days = var.days\n}\n";
const TEMPLATE: &str = "Resources:\n  A:\n    Type: AWS::Logs::LogGroup\n    Properties: {LogGroupName: /a, RetentionInDays: 14}\n";
const PAIR: [&str; 3] = ["check", "--terraform=module", "--cloudformation=template.yaml"];

fn pair() -> Folder {
    let folder = Folder::new();
    folder.write("module/main.tf", MODULE).write("module/name.txt", "/a").write("template.yaml", TEMPLATE);
    folder
}

#[test]
fn values_and_files_beside_a_module_are_read() {
    let folder = pair();
    assert_eq!(folder.run(&PAIR).code, 5);
    folder.write("module/terraform.tfvars", "days = 14\n");
    let run = folder.run(&PAIR);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("given when deploying, and not compared: days (module/terraform.tfvars:1)"));
    folder
        .write("elsewhere.txt", "/a")
        .write("module/main.tf", MODULE.replace("name.txt", "../elsewhere.txt"));
    let run = folder.run(&PAIR);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("the file `../elsewhere.txt` is outside"), "{run:?}");
}

#[test]
fn what_is_known_to_differ_can_be_ignored() {
    let folder = pair();
    folder.write("module/terraform.tfvars", "days = 30\n");
    let entry = |name: &str| format!("ignore:\n- kind: LogGroup\n  name: {name}\n  reason: known\n");
    folder.write("check-ignore.yaml", entry("/a"));
    let run = folder.run(&PAIR);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("ignored: 1 difference of LogGroup /a (known)"), "{run:?}");
    folder.write("other.yaml", entry("/b"));
    let run = folder.run(&[&PAIR[..], &["--ignore=other.yaml"]].concat());
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("other.yaml:2:3: no difference is about the LogGroup `/b`"), "{run:?}");
}

#[test]
fn programs_are_told_what_cannot_be_read() {
    let folder = pair();
    folder.write("module/main.tf", "resource \"aws_vpc\" \"v\" {}\n");
    for (format, expected) in [
        ("json", "\"line\": 1"),
        ("sarif", "\"ruleId\": \"unreadable\""),
        ("github", "::error file=module/main.tf,line=1::resources of type `aws_vpc`"),
    ] {
        let run = folder.run(&[&PAIR[..], &["--format", format]].concat());
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.out.contains(expected), "{run:?}");
    }
    let run =
        folder.run(&["check", "--terraform=missing", "--cloudformation=template.yaml", "--format=json"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("\"equivalent\": null") && run.out.contains("missing"), "{run:?}");
}

#[test]
fn modules_below_a_module_are_read_and_no_others() {
    let folder = pair();
    let call = |source: &str| format!("module \"a\" {{\n  source = \"{source}\"\n  days   = 14\n}}\n");
    let below = MODULE.replace("name.txt", "${path.module}/name.txt");
    folder
        .write("module/main.tf", call("./logs"))
        .write("module/logs/main.tf", &below)
        .write("module/logs/name.txt", "/a")
        .write("module/logs/terraform.tfvars", "days = 1\n")
        .write("module/unused/main.tf", "this is no Terraform");
    let run = folder.run(&PAIR);
    assert_eq!(run.code, 0, "{run:?}");
    folder.write("module/logs/main.tf", below.replace("retention_in_days", "retention_in_weeks"));
    let run = folder.run(&PAIR);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("module/logs/main.tf:7:24: `retention_in_weeks`"), "{run:?}");
    folder.write("elsewhere/main.tf", MODULE).write("module/main.tf", call("./link"));
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.0.path().join("elsewhere"), folder.0.path().join("module/link"))
        .unwrap();
    let run = folder.run(&PAIR);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("module/main.tf:2:12: there is no folder `link`"), "{run:?}");
    folder.write("module/main.tf", call("../elsewhere"));
    let run = folder.run(&PAIR);
    assert!(run.err.contains("stands outside the folder that is checked"), "{run:?}");
}

#[test]
fn the_rest_is_compared_where_somebody_asks_for_it() {
    let folder = pair();
    folder
        .write("module/terraform.tfvars", "days = 14\n")
        .write("module/net.tf", "resource \"aws_vpc\" \"net\" {}\n");
    let run = folder.run(&PAIR);
    assert_eq!(run.code, 1, "{run:?}");
    let partial = [&PAIR[..], &["--partial"]].concat();
    let run = folder.run(&partial);
    assert_eq!(run.code, 6, "{run:?}");
    assert!(run.out.contains("  module/net.tf:1:1: resources of type `aws_vpc` are outside"), "{run:?}");
    assert!(run.out.contains("  aws_vpc aws_vpc.net (module/net.tf:1:1)"), "{run:?}");
    assert!(run.out.contains("no difference in a part: 1 resource and"), "{run:?}");
    assert!(run.out.contains("; 1 resource and 0 values could not be compared"), "{run:?}");
    // What differs counts more.
    folder.write("module/terraform.tfvars", "days = 15\n");
    assert_eq!(folder.run(&partial).code, 5);
    // With nothing to leave out, it is as it always is.
    folder.write("module/terraform.tfvars", "days = 14\n").write("module/net.tf", "");
    let run = folder.run(&partial);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("equivalent: both say the same"), "{run:?}");
}

#[test]
fn what_cannot_be_read_is_told_in_markdown() {
    let folder = pair();
    folder.write("module/net.tf", "resource \"aws_vpc\" \"net\" {}\n");
    let run = folder.run(&[&PAIR[..], &["--format=markdown"]].concat());
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.out.starts_with("### Terraform and CloudFormation were not compared\n\n- module/net.tf:1:1: "),
        "{run:?}"
    );
    let run = folder.run(&[&PAIR[..], &["--format=json", "--partial"]].concat());
    assert!(run.out.contains("\"not_compared\": ["), "{run:?}");
}
