//! `docs/image.md` is complete.

use std::fs;

use jit_runners_witnesses::files::{files_with_extension, root};
use regex_lite::Regex;

use crate::downloads::downloads;

fn page() -> String {
    fs::read_to_string(root().join("docs/image.md")).unwrap()
}

/// `describe-images` in the form that policies use.
fn action(operation: &str) -> String {
    let words = operation.split('-').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect()
}

#[test]
fn every_call_is_listed_for_whoever_writes_the_policy() {
    let call = Regex::new(r#""(sts|ec2|cloudformation|lambda)",\s*"([a-z-]+)""#).unwrap();
    let mut found = 0;
    for file in files_with_extension(&root().join("packer/ami"), "py").unwrap() {
        for call in call.captures_iter(&fs::read_to_string(file).unwrap()) {
            let action = format!("`{}:{}`", &call[1], action(&call[2]));
            assert!(page().contains(&action), "docs/image.md does not list {action}");
            found += 1;
        }
    }
    assert!(found > 15, "{found} calls found: this test looks for too few");
}

#[test]
fn every_variable_of_make_is_explained() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let handed = Regex::new(
        r"(?m)(?:^BUILD_OPTIONS := |call (?:options|switches),(?:\$\(BUILD_OPTIONS\) ?)?)([A-Z_ ]+)",
    )
    .unwrap();
    let names: Vec<_> = handed
        .captures_iter(&makefile)
        .flat_map(|found| found[1].split(' ').map(str::to_owned).collect::<Vec<_>>())
        .filter(|name| !name.is_empty())
        .collect();
    assert!(names.len() > 12, "{names:?}");
    for name in names {
        assert!(page().contains(&format!("`{name}")), "docs/image.md does not explain {name}");
    }
}

#[test]
fn every_download_is_on_the_list_of_tools() {
    let page = page().to_lowercase();
    for download in downloads() {
        assert!(page.contains(&download.name), "{}", download.name);
    }
}
