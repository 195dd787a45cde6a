//! The project's own shell scripts. Those of the image have other tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use jit_runners_witnesses::{files, process::run, tools};
use serde_json::json;
use tempfile::TempDir;

#[test]
fn shellcheck_has_nothing_to_say() {
    let Some(shellcheck) = tools::require("shellcheck of the scripts", "shellcheck").unwrap() else { return };
    let scripts =
        [".ci/run", "fuzz/run.sh", "generator/benches/compare.sh", "tools/lambda.sh", "tools/log-lines.sh"];
    let mut command = Command::new(shellcheck);
    command.args(["--norc", "--severity=style"]).args(scripts).current_dir(files::root());
    run(&mut command).unwrap().stdout_if_successful().unwrap();
}

/// Runs `tools/log-lines.sh` with a stand-in for `aws` that returns these messages.
fn log_lines(arguments: &[&str], messages: &[&str]) -> Option<(bool, String)> {
    tools::require("lines of a log", "jq").unwrap()?;
    let bin = TempDir::new().unwrap();
    let (aws, answer) = (bin.path().join("aws"), bin.path().join("answer"));
    files::write(&answer, json!(messages).to_string()).unwrap();
    files::write(&aws, format!("#!/bin/sh\ncat '{}'\n", answer.display())).unwrap();
    fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).unwrap();
    let path = tools::path_after(&[bin.path()]).unwrap();
    let mut command = Command::new(files::root().join("tools/log-lines.sh"));
    let finished = run(command.args(arguments).env("PATH", path)).unwrap();
    Some((finished.status.success(), finished.stdout + &finished.stderr))
}

const STARTED: &str = r#"{"level":"INFO","message":"a job was started","timestamp":"2025-11-28T00:00:00.500Z","function":"lifecycle","request_id":"r","job_id":7,"TimeToStart":1.5}"#;

#[test]
fn a_line_is_told_in_one_line() {
    let Some((_, told)) = log_lines(&["ours", "lifecycle"], &[&format!("{STARTED}\n"), "START RequestId: r"])
    else {
        return;
    };
    assert_eq!(told, "00:00:00Z INFO a job was started job_id=7 TimeToStart=1.5\n");
}

#[test]
fn words_choose_by_level_and_message() {
    let warning =
        r#"{"level":"WARN","message":"a pool has no capacity","timestamp":"2025-11-28T00:00:00.500Z"}"#;
    let timeout = r#"{"time":"t","type":"platform.report","record":{"requestId":"r","status":"timeout"}}"#;
    let messages = [STARTED, warning, timeout, r#"{"type":"platform.report","record":{"status":"success"}}"#];
    let chosen = |words: &[&str]| {
        let arguments = [&["ours", "scaleup"], words].concat();
        log_lines(&arguments, &messages).map(|(_, told)| told)
    };
    let Some(told) = chosen(&["WARN"]) else { return };
    assert_eq!(told, format!("00:00:00Z WARN a pool has no capacity \n{timeout}\n"));
    assert!(chosen(&["no capacity", "was started"]).unwrap().contains("a job was started"));
}

#[test]
fn nothing_found_and_nothing_understood_are_told_apart() {
    let Some((fine, told)) = log_lines(&["ours", "scaleup"], &[]) else { return };
    assert!(fine && told.contains("no such line of ours-scaleup in the last 60 minutes"), "{told}");
    for (arguments, problem) in [
        (&[][..], "the deployment's name and a function are missing"),
        (&["ours", "scale-up"], "there is no function `scale-up`"),
        (&["ours", "scaleup", "\"quoted\""], "has a quote"),
    ] {
        let (fine, told) = log_lines(arguments, &[]).unwrap();
        assert!(!fine && told.contains(problem) && told.contains("usage:"), "{told}");
    }
}
