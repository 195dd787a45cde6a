//! What the command says about the configuration that it used or ignored.

use std::fs;

use crate::folder::{Folder, snapshot};

#[test]
fn it_says_what_it_used() {
    let folder = Folder::new();
    for command in [&["generate"][..], &["generate", "--check"], &["check"]] {
        let run = folder.run(command);
        assert!(run.out.lines().any(|line| line == "no jit-runners.yaml: defaults"), "{run:?}");
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    }
    folder.write("jit-runners.yaml", "alarms: true\n").write("other.yaml", "alarms: true\n");
    for (command, used) in [
        (&["generate"][..], "with jit-runners.yaml"),
        (&["generate", "--check", "--config", "other.yaml"], "with other.yaml"),
        (&["check", "--config", "other.yaml"], "with other.yaml"),
    ] {
        let run = folder.run(command);
        assert!(run.out.lines().any(|line| line == used), "{run:?}");
    }
    // In output for programs, this line goes to standard error.
    for command in [&["show", "model"][..], &["check", "--format", "json"]] {
        let run = folder.run(command);
        assert_eq!((run.code, run.err.as_str()), (0, "with jit-runners.yaml\n"), "{run:?}");
        assert!(serde_json::from_str::<serde_json::Value>(&run.out).is_ok(), "{run:?}");
    }
}

#[test]
fn a_file_that_was_meant_is_pointed_out() {
    const HERE: &str =
        "warning: jit-runners.yml is not read; call it jit-runners.yaml, or add `--config jit-runners.yml`\n";
    const ABOVE: &str = "warning: ../../jit-runners.yaml is not read; run the command in its folder, or add `--config ../../jit-runners.yaml`\n";
    let folder = Folder::new();
    folder.write("jit-runners.yml", "alarms: false\n");
    fs::create_dir_all(folder.path("below/deep")).unwrap();
    let run = folder.run(&["generate"]);
    assert_eq!((run.code, run.err.as_str()), (0, HERE), "{run:?}");
    let run = folder.run_in("below", &["show", "model"]);
    assert!(
        run.err.starts_with("warning: ../jit-runners.yml is not read; run the command in its folder"),
        "{run:?}"
    );
    // If the user names a file, or has the right one, there is no message.
    let run = folder.run(&["generate", "--config", "jit-runners.yml"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    folder.write("jit-runners.yaml", "alarms: false\n");
    let run = folder.run(&["generate", "--check"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    let run = folder.run_in("below/deep", &["generate"]);
    assert_eq!((run.code, run.err.as_str()), (0, ABOVE), "{run:?}");
    assert!(run.out.contains("\nno jit-runners.yaml: defaults\n"), "{run:?}");
}

#[test]
fn warnings_change_no_exit_code() {
    let folder = Folder::new();
    folder.write(
        "jit-runners.yaml",
        "runners:\n  group: 7\n  egress:\n  - {protocol: tcp, port: 443, cidr: 10.0.0.0/8, description: HTTPS}\n",
    );
    let run = folder.run(&["generate"]);
    assert_eq!(run.code, 0, "{run:?}");
    snapshot("config-warnings", &run.err);
    assert_eq!(folder.run(&["generate", "--check"]).err, run.err);
    assert_eq!(folder.run(&["check"]).err, run.err);
}

#[test]
fn what_is_given_when_deploying_is_told_so() {
    let folder = Folder::new();
    folder.write(
        "jit-runners.yaml",
        "VpcId: vpc-1
subnet_ids: [subnet-1]
AWS_REGION: eu-west-1
project-name: ci
MaxRunners: 5
tags: {VpcId: fine}
runners:
  runner_version: 2.338.0
  default_ami: ami-1
",
    );
    let run = folder.run(&["generate"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    snapshot("config-errors-inputs", &run.err);
    assert!(!folder.path("generated").exists());
}

#[test]
fn a_check_before_anything_was_generated() {
    let folder = Folder::new();
    folder.write("my config.yaml", "name: ci\n");
    let mut report = String::new();
    for arguments in [
        &["check"][..],
        &["check", "--config", "my config.yaml", "--out", "there"],
        &["check", "--plan", "plan.json", "--parameters", "parameters.json"],
    ] {
        let run = folder.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        report.push_str(&run.err);
    }
    folder.run(&["generate"]);
    fs::remove_file(folder.path("generated/cloudformation/template.yaml")).unwrap();
    report.push_str(&folder.run(&["check"]).err);
    snapshot("check-before-generate", &report);
    folder.run(&["generate"]);
    assert_eq!(folder.run(&["check"]).code, 0);
}

#[test]
fn texts_that_a_template_would_resolve_are_refused_before_anything_is_written() {
    let folder = Folder::new();
    folder.write(
        "jit-runners.yaml",
        "label_mappings:
- {label: '{{resolve:ssm:x}}', instance_type: c5.large}
runners:
  egress:
  - {protocol: tcp, port: 443, cidr: 0.0.0.0/0, description: 'to {{resolve:ssm:x}}'}
",
    );
    let run = folder.run(&["generate"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert_eq!(run.err.matches("`{{` begins a dynamic reference of CloudFormation").count(), 2, "{run:?}");
    assert!(!folder.path("generated").exists());
}
