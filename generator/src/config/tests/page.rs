//! The page of `docs/` that lists the keys, made from the schema of the file.

use std::collections::BTreeSet;

use jit_runners_model::{Choices, Deployment};
use serde_json::Value;

use super::super::schema;

fn page() -> String {
    let deployment = Deployment::new(Choices::default()).unwrap();
    let files = jit_runners_emit::files(&deployment, &schema());
    files.into_iter().find(|file| file.path == "docs/configuration.md").unwrap().contents
}

/// What GitHub makes of `heading`, to link to.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn paths(path: &str, schema: &Value, found: &mut Vec<String>) {
    match schema["properties"].as_object() {
        Some(properties) => {
            for (name, property) in properties {
                paths(format!("{path}.{name}").trim_start_matches('.'), property, found);
            }
        }
        None => found.push(path.to_owned()),
    }
}

#[test]
fn every_key_of_the_file_and_no_other_is_there() {
    let (page, mut expected) = (page(), Vec::new());
    paths("", &schema(), &mut expected);
    let (_, keys) = page.split_once("## Keys of jit-runners.yaml").unwrap();
    let title =
        |line: &str| line.strip_prefix("### ").filter(|title| !title.contains('*')).map(str::to_owned);
    let path =
        |line: &str| line.strip_prefix("- `").and_then(|rest| rest.split('`').next()).map(str::to_owned);
    let listed: Vec<_> = keys.lines().filter_map(|line| title(line).or_else(|| path(line))).collect();
    let mut sorted = (expected, listed);
    sorted.0.sort();
    sorted.1.sort();
    assert_eq!(sorted.0, sorted.1);
}

#[test]
fn links_within_the_page_lead_to_one_heading() {
    let page = page();
    let mut anchors = BTreeSet::new();
    for heading in page.lines().filter(|line| line.starts_with('#')) {
        let anchor = anchor(heading.trim_start_matches('#').trim_start());
        assert!(anchors.insert(anchor), "two headings for one anchor: {heading}");
    }
    let links: Vec<_> = page.split("](#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.contains(&"runnersmax"));
    for link in links {
        assert!(anchors.contains(link), "no heading for #{link}");
    }
}

#[test]
fn no_list_and_no_table_is_broken_by_blank_lines() {
    let page = page();
    assert!(!page.contains("\n\n\n"), "two blank lines");
    for (before, after) in page.lines().zip(page.lines().skip(1)) {
        assert!(before.is_empty() || !after.starts_with('#'), "a heading after text: {before}");
    }
}
