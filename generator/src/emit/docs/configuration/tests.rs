use std::collections::BTreeSet;

use jit_runners_model::{Choices, Deployment, LabelMappings};
use serde_json::Value;

use super::text;
use crate::{config::schema, emit::docs::template::anchor};

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
        "from [`runners.max`](#runnersmax)",
    ] {
        assert!(own.contains(reader), "{own}");
    }
}

#[test]
fn every_input_says_its_types_and_its_pattern() {
    let page = page();
    let own = |input: &str| {
        let (_, rest) = page.split_once(&format!("#### {input}\n")).unwrap();
        rest.split("\n#").next().unwrap().to_owned()
    };
    for (input, types) in [
        ("GitHubAppId", "- Type: `String`, in Terraform `string`\n"),
        ("SubnetIds", "- Type: `List<AWS::EC2::Subnet::Id>`, in Terraform `list(string)`\n"),
        ("MaxRunners", "- Type: `Number`, in Terraform `number`\n"),
    ] {
        assert!(own(input).contains(types), "{}", own(input));
    }
    for parameter in Deployment::new(Choices::default()).unwrap().parameters() {
        if let Some(pattern) = parameter.kind.pattern() {
            let own = own(parameter.id.cloudformation);
            assert!(own.contains(&format!("- Pattern: `{}`", pattern.as_str())), "{own}");
        }
    }
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
