//! Git ignores the files that people make in a checkout when they follow the guides, but no file of the repository.

use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

use jit_runners_witnesses::{files::root, tools};
use regex_lite::Regex;

/// The pages whose commands run in a checkout, and the folder in which each page's commands run.
fn pages() -> Vec<(PathBuf, &'static str)> {
    let guides = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let guides = guides.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let own = [
        ("README.md", ""),
        ("generated/cloudformation/README.md", "generated/cloudformation/"),
        ("generated/terraform/README.md", "generated/terraform/"),
    ];
    guides.map(|path| (path, "")).chain(own.map(|(page, folder)| (root().join(page), folder))).collect()
}

/// The users' own files that the page's commands write or read, as the commands name them.
fn made(page: &str) -> BTreeSet<String> {
    let blocks = Regex::new(r"(?s)```sh.*?\n(.*?)```").unwrap();
    let ways = [
        r"(?:^|[^-&0-9])>>? ?([a-zA-Z][a-zA-Z0-9./-]*)",
        r"(?m)^cp \S+ (\S+)$",
        r"file://([a-zA-Z][a-zA-Z0-9./-]*)",
        r"(?m)^[A-Z_]*KEY[A-Z_]*=([a-z][a-z.-]*\.pem)$",
    ]
    .map(|way| Regex::new(way).unwrap());
    let plan = Regex::new(r"terraform (?:-chdir=(\S+) )?plan -out=(\S+)").unwrap();
    let in_place = Regex::new(r"(?m)^sed -i(\.[a-z]+) .* (\S+)$").unwrap();
    let mut found = BTreeSet::new();
    for block in blocks.captures_iter(page) {
        let block = &block[1];
        found.extend(ways.iter().flat_map(|way| way.captures_iter(block)).map(|found| found[1].to_owned()));
        found.extend(plan.captures_iter(block).map(|found| {
            let folder = found.get(1).map_or(String::new(), |folder| format!("{}/", folder.as_str()));
            format!("{folder}{}", &found[2])
        }));
        found.extend(in_place.captures_iter(block).map(|found| format!("{}{}", &found[2], &found[1])));
    }
    found
}

fn is_ignored(path: &str) -> bool {
    Command::new("git")
        .args(["check-ignore", "--quiet", "--no-index", path])
        .current_dir(root())
        .status()
        .unwrap()
        .success()
}

#[test]
fn what_the_guides_have_people_make() {
    if tools::require("what Git ignores", "git").unwrap().is_none() {
        return;
    }
    let mut all = BTreeSet::new();
    for (page, folder) in pages() {
        let text = fs::read_to_string(&page).unwrap();
        all.extend(made(&text).into_iter().map(|file| format!("{folder}{file}")));
    }
    for expected in [
        "webhook-secret",
        "private-key.pem",
        "parameters.json",
        "generated/cloudformation/parameters.json",
        "generated/terraform/terraform.tfvars",
        "generated/terraform/terraform.tfvars.bak",
        "generated/terraform/tfplan",
        "plan.json",
    ] {
        assert!(
            all.contains(expected),
            "no guide makes {expected} any more, or this test misses it: {all:?}"
        );
    }
    let open: Vec<_> = all.iter().filter(|file| !is_ignored(file)).collect();
    assert!(open.is_empty(), "{open:?} would be committed; add them to .gitignore");
    // Files that these commands also create.
    for also in [
        "generated/terraform/terraform.tfstate.backup",
        "generated/terraform/.terraform/providers/x",
        "generated/terraform/staging.auto.tfvars",
        "generated/terraform/terraform.tfvars.json",
    ] {
        assert!(is_ignored(also), "{also}");
    }
}

#[test]
fn what_is_in_the_repository_is_not_ignored() {
    if tools::require("what Git ignores", "git").unwrap().is_none() {
        return;
    }
    for kept in [
        "generated/cloudformation/parameters.example.json",
        "generated/terraform/terraform.tfvars.example",
        "generated/terraform/backend.tf",
        "generator/check/src/readers/from_terraform/plan/plan.json",
    ] {
        assert!(!is_ignored(kept), "{kept}");
    }
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--ignored", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{listed:?}");
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "");
}
