//! The last script: it makes no image if a tool is missing, and no marker unless all tools are there.

use jit_runners_model::{choices::Architecture, contract::instance};
use serde_json::Value;

use crate::{
    downloads::downloads,
    machine::{Machine, VERSION},
};

/// The path of the manifest.
const MANIFEST: &str = "/etc/jit-runners/manifest.json";

/// A machine after all scripts but the last ran.
fn machine() -> Option<Machine> {
    let machine = Machine::new(Architecture::X86_64)?;
    let ran = machine.run_to("70-clean.sh");
    assert!(ran.succeeded, "{}", ran.said);
    Some(machine)
}

/// After `change` the last script fails, says why, and leaves no marker.
#[track_caller]
fn refuses(change: impl FnOnce(&Machine), expected: &[&str]) {
    let Some(machine) = machine() else { return };
    change(&machine);
    let ran = machine.run("provision/80-verify.sh");
    assert!(!ran.succeeded, "{expected:?}: {}", ran.said);
    for expected in expected {
        assert!(ran.said.contains(expected), "{expected}: {}", ran.said);
    }
    assert_eq!(machine.file(instance::RUNNER_VERSION_FILE), None, "{expected:?}");
    assert_eq!(machine.file(MANIFEST), None, "{expected:?}");
}

#[test]
fn the_manifest_has_every_version() {
    let Some(machine) = machine() else { return };
    assert!(machine.run("provision/80-verify.sh").succeeded);
    let manifest: Value = serde_json::from_str(&machine.file(MANIFEST).unwrap()).unwrap();
    assert_eq!(manifest["architecture"], "x86_64");
    assert_eq!(manifest["system"], "Amazon Linux release 2023.0");
    assert_eq!(manifest["tools"]["runner"], VERSION);
    for download in downloads() {
        let said = manifest["tools"][&download.name].as_str().unwrap_or_default();
        assert!(said.contains(&download.version), "{}: {said}", download.name);
    }
    for name in ["python", "pip", "docker", "aws", "cloudwatch-agent", "jq", "git", "gcc", "unzip"] {
        assert!(manifest["tools"][name].is_string(), "{name}");
    }
}

#[test]
fn a_missing_tool_is_named() {
    for (program, name) in [
        ("kubectl", "kubectl"),
        ("node", "node"),
        ("git-lfs", "git-lfs"),
        ("docker-compose", "compose"),
        ("aws", "aws"),
        ("python3.13", "python"),
        ("unzip", "unzip"),
    ] {
        refuses(
            |machine| machine.replace_program(program, None),
            &[&format!("{name} is missing"), "problem(s)"],
        );
    }
}

#[test]
fn all_problems_are_told_at_once() {
    refuses(
        |machine| {
            machine.replace_program("yq", None);
            machine.replace_program("zip", None);
            machine.set("docker-disabled", "");
        },
        &["yq is missing", "zip is missing", "Docker does not start at boot", "3 problem(s)"],
    );
}

#[test]
fn another_version_than_was_fetched_is_refused() {
    for (program, said) in
        [("kubectl", "Client Version: v1.36.40"), ("go", "go version go1.26"), ("helm", "v4")]
    {
        let expected = format!("{program} is another one than was fetched");
        refuses(|machine| machine.replace_program(program, Some(said)), &[&expected]);
    }
}

#[test]
fn a_tool_that_says_nothing_is_refused() {
    refuses(|machine| machine.replace_program("jq", Some("")), &["jq does not say its version"]);
}

#[test]
fn what_user_data_counts_on_is_checked() {
    refuses(|machine| machine.set("missing-package", "libicu"), &["the package libicu is missing"]);
    refuses(|machine| machine.set("owner", "root"), &["/opt/actions-runner is not runner's"]);
    refuses(
        |machine| machine.set("missing-package", "amazon-cloudwatch-agent"),
        &["cloudwatch-agent is missing"],
    );
}
