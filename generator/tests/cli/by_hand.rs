//! What people are told of a pair that somebody wrote by hand.

use std::{path::Path, process::Command};

use crate::folder::snapshot;

#[test]
fn the_report_of_a_pair_by_hand() {
    const CASE: &str = "generator/check/tests/cases/by-hand";
    for format in ["text", "markdown", "json"] {
        let output = Command::new(env!("CARGO_BIN_EXE_jit-runners"))
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .args(["check", "--color", "never", "--format", format])
            .arg(format!("--terraform={CASE}/terraform"))
            .arg(format!("--cloudformation={CASE}/template.yaml"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(5), "{output:?}");
        snapshot(&format!("pair-by-hand-{format}"), &String::from_utf8(output.stdout).unwrap());
    }
}
