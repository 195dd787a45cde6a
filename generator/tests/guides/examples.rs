//! The example files have the inputs that the guides tell people to set.

use std::{collections::BTreeSet, fs};

use jit_runners_witnesses::files::root;
use regex_lite::Regex;
use serde_json::Value;

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The inputs that the guide to the first deployment sets in the block with `command`, one line for each.
fn given(command: &str, input: &str) -> BTreeSet<String> {
    let page = text("docs/deploy.md");
    let block = page.split("```").find(|block| block.contains(command)).unwrap();
    let input = Regex::new(input).unwrap();
    let given: BTreeSet<_> = input.captures_iter(block).map(|found| found[1].to_owned()).collect();
    assert!(given.len() > 10, "{given:?}");
    given
}

#[test]
fn the_example_of_the_parameters_has_those_of_the_guide() {
    let example: Value =
        serde_json::from_str(&text("generated/cloudformation/parameters.example.json")).unwrap();
    let named: BTreeSet<_> = example
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["ParameterKey"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(named, given("aws cloudformation deploy", r"(?m)^ +([A-Z][A-Za-z0-9]+)="));
}

#[test]
fn the_example_of_the_variables_has_those_of_the_guide() {
    let example = text("generated/terraform/terraform.tfvars.example");
    let name = Regex::new(r"(?m)^(?:# )?([a-z0-9_]+) += ").unwrap();
    let named: BTreeSet<_> = name.captures_iter(&example).map(|found| found[1].to_owned()).collect();
    let given = given("terraform.tfvars <<EOF", r"(?m)^([a-z0-9_]+) += ");
    assert!(given.is_subset(&named), "{:?}", given.difference(&named));
}
