//! The text of the user data.

use std::process::Command;

use jit_runners_witnesses::{files, tools};

use crate::machine::Machine;

#[test]
fn shellcheck_has_nothing_to_say() {
    let Some(shellcheck) = tools::require("shellcheck of the user data", "shellcheck").unwrap() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("user-data.sh");
    files::write(&script, Machine::stock("").user_data("jit-runners-state")).unwrap();
    let said = Command::new(shellcheck).args(["--norc", "--severity=style"]).arg(&script).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
}

#[test]
fn it_never_traces() {
    let text = Machine::stock("").user_data("jit-runners-state");
    assert!(!text.contains("set -x") && !text.contains("xtrace"));
}
