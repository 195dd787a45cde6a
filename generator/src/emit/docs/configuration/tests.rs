use jit_runners_model::{Choices, Deployment, LabelMappings};
use serde_json::Value;

use super::text;
use crate::config::schema;

fn page() -> String {
    text(&Deployment::new(Choices::default()).unwrap())
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
fn every_input_is_there_with_both_names_and_who_reads_it() {
    let page = page();
    let deployment = Deployment::new(Choices::default()).unwrap();
    for parameter in deployment.parameters() {
        let (cloudformation, terraform) = (parameter.id.cloudformation, parameter.id.terraform);
        let (_, rest) = page.split_once(&format!("#### {cloudformation}\n")).unwrap();
        let own = rest.split("\n#").next().unwrap();
        assert!(own.contains(&format!("- In Terraform: `{terraform}`")), "{own}");
        assert!(own.contains(parameter.description) && own.contains(parameter.expected), "{own}");
    }
    let (_, rest) = page.split_once("#### MaxRunners\n").unwrap();
    let own = rest.split("\n#").next().unwrap();
    for reader in [
        "scaleup, lifecycle, rebalancer as `MAX_RUNNERS`",
        "as `MAX_RUNNERS_PER_REPOSITORY`",
        "from `runners.max`",
    ] {
        assert!(own.contains(reader), "{own}");
    }
}

#[test]
fn an_input_that_is_not_there_is_not_mentioned() {
    let without = text(&Deployment::new(Choices { alarms: false, ..Choices::default() }).unwrap());
    assert!(page().contains("AlarmTopicArn") && !without.contains("AlarmTopicArn"));
}

#[test]
fn examples_of_label_mappings_are_taken() {
    let page = page();
    let examples: Vec<_> =
        page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!examples.is_empty());
    for example in examples {
        LabelMappings::from_json(example).unwrap();
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
