//! The text of the provisioning scripts.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use jit_runners_witnesses::{files, tools};
use regex_lite::Regex;

use crate::{downloads::downloads, template::Template};

/// Every script below `packer/`.
fn scripts() -> Vec<PathBuf> {
    files::files_with_extension(&files::root().join("packer"), "sh").unwrap()
}

fn name(script: &Path) -> String {
    script.file_name().unwrap().to_string_lossy().into_owned()
}

/// The text of a script without comments.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n")
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let Some(shellcheck) = tools::require("shellcheck of packer/", "shellcheck").unwrap() else { return };
    let mut command = Command::new(shellcheck);
    command.args(["--norc", "--severity=style", "--external-sources"]);
    let said = command.current_dir(files::root().join("packer/provision")).args(scripts()).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
}

#[test]
fn the_template_runs_every_script() {
    let run: BTreeSet<_> = Template::of_the_repository().scripts().into_iter().collect();
    let there = scripts().into_iter().map(|script| name(&script)).filter(|name| name != "lib.sh");
    assert_eq!(run, there.map(|name| format!("provision/{name}")).collect());
}

#[test]
fn scripts_can_be_run_and_stop_at_the_first_failure() {
    for script in scripts() {
        let (name, text) = (name(&script), fs::read_to_string(&script).unwrap());
        if name == "lib.sh" {
            assert!(text.contains("set -euo pipefail"));
        } else {
            assert!(text.starts_with("#!/bin/bash\n# "), "{name} does not say what it is for");
            assert_ne!(
                fs::metadata(&script).unwrap().permissions().mode() & 0o111,
                0,
                "{name} is not executable"
            );
            assert!(text.contains("/lib.sh\"") || !text.contains("download"), "{name} does not read lib.sh");
        }
    }
}

/// Commands that download something without a verified checksum or signature.
fn unpinned(name: &str, text: &str) -> Vec<String> {
    let doors = [
        r#"\b(curl|wget) (-|"?https?:|"?\$)"#,
        r"\b(pip3?|npm|npx|go|gem|cargo) (install|add|get|exec)\b",
        r"-m pip install",
        r"\bgit clone\b",
        r"\b(yum|rpm) .*https?:",
        r"\bdnf\b.*\binstall\b",
        r"config-manager|\.repo\b|nogpgcheck|gpgcheck=0",
        r"docker (pull|run|build)\b",
    ];
    let code = code(text);
    let found = doors.iter().flat_map(|door| {
        let door = Regex::new(door).unwrap();
        door.find_iter(&code).map(|found| found.as_str().to_owned()).collect::<Vec<_>>()
    });
    // All downloads use these two functions.
    let allowed = |call: &String| name == "lib.sh" && (call == "curl -" || call.starts_with("dnf "));
    // These only print the version of a program.
    let asks = |call: &String| name == "80-verify.sh" && code.contains(&format!("{call}-version"));
    found.filter(|call| !allowed(call) && !asks(call)).collect()
}

#[test]
fn nothing_is_fetched_but_through_two_functions() {
    for script in scripts() {
        let found = unpinned(&name(&script), &fs::read_to_string(&script).unwrap());
        assert_eq!(found, Vec::<String>::new(), "{}", script.display());
    }
}

#[test]
fn unpinned_downloads_are_found() {
    for line in [
        "curl -fsSL https://example.com/install | bash",
        "wget -q https://example.com/latest",
        "python3.13 -m pip install tool",
        "npm install --global yarn",
        "git clone https://github.com/a/b",
        "dnf install -y https://example.com/a.rpm",
        "dnf config-manager --add-repo https://example.com/a.repo",
        "rpm -i https://example.com/a.rpm",
        "docker pull hello-world",
    ] {
        assert!(!unpinned("99-mine.sh", line).is_empty(), "{line}");
    }
}

#[test]
fn everything_that_is_fetched_is_in_the_list_and_nothing_else() {
    let mut fetched = BTreeSet::new();
    for script in scripts().into_iter().filter(|script| name(script) != "lib.sh") {
        let text = code(&fs::read_to_string(script).unwrap());
        let direct = Regex::new(r"\b(?:download|unpack) ([a-z][a-z-]*) ").unwrap();
        fetched.extend(direct.captures_iter(&text).map(|found| found[1].to_owned()));
        // In a loop over names, the names of the loop count.
        let looped = Regex::new(r"for \w+ in ([a-z -]+); do\n\s+download ").unwrap();
        for found in looped.captures_iter(&text) {
            fetched.extend(found[1].split(' ').map(str::to_owned));
        }
    }
    assert_eq!(fetched, downloads().into_iter().map(|download| download.name).collect());
}
