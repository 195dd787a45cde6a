//! That the schema, the decoder and the page of `docs/` that lists the keys agree.

use std::collections::{BTreeMap, BTreeSet};

use jit_runners_model::{Choices, Deployment};
use jit_runners_witnesses::json_schema::accepts;
use jit_runners_yaml::ProblemKind;
use serde_json::Value;

use super::{super::schema, deployment};

/// The keys that lead to a value, with `[]` for the entry of a list.
type Path = Vec<String>;

/// Every single value and every section of `schema`.
fn walk(
    schema: &Value,
    path: &Path,
    leaves: &mut BTreeMap<Path, Value>,
    sections: &mut BTreeMap<Path, Value>,
) {
    let step = |name: &str| path.iter().cloned().chain([name.to_owned()]).collect::<Path>();
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        sections.insert(path.clone(), schema.clone());
        for (name, property) in properties {
            walk(property, &step(name), leaves, sections);
        }
    } else if let Some(items) = schema.get("items") {
        walk(items, &step("[]"), leaves, sections);
    } else if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
        leaves.insert(step("Team"), values.clone());
    } else {
        leaves.insert(path.clone(), schema.clone());
    }
}

/// A file that gives the value at `path`, and only what the entry of a list must have besides.
fn document(schema: &Value, path: &[String], value: &str) -> String {
    match path {
        [] => value.to_owned(),
        [item, rest @ ..] if item == "[]" => format!("[{}]", document(&schema["items"], rest, value)),
        [key, rest @ ..] => {
            let inner = schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
            let mut fields = vec![format!("{key}: {}", document(inner, rest, value))];
            let needed = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            for needed in needed.filter_map(Value::as_str).filter(|needed| needed != key) {
                fields.push(format!("{needed}: {}", usual(needed)));
            }
            format!("{{{}}}", fields.join(", "))
        }
    }
}

fn usual(key: &str) -> &'static str {
    match key {
        "label" | "description" => "x",
        "instance_type" => "c5.large",
        "protocol" => "tcp",
        "port" => "443",
        "cidr" => "0.0.0.0/0",
        other => panic!("a value for {other}"),
    }
}

fn all() -> (Value, BTreeMap<Path, Value>, BTreeMap<Path, Value>) {
    let (schema, mut leaves, mut sections) = (schema(), BTreeMap::new(), BTreeMap::new());
    walk(&schema, &Path::new(), &mut leaves, &mut sections);
    assert!(leaves.len() > 30 && sections.len() == 11, "{leaves:#?}");
    (schema, leaves, sections)
}

#[test]
fn both_know_the_same_keys() {
    let (schema, _, sections) = all();
    for (path, section) in sections {
        assert_eq!(section["additionalProperties"], false, "{path:?}");
        let unknown = path.iter().cloned().chain(["zzz".to_owned()]).collect::<Path>();
        let file = document(&schema, &unknown, "1");
        let Err(refused) = deployment("f", file.as_bytes()) else { panic!("{file} was accepted") };
        let known = refused.problems.iter().find_map(|problem| match &problem.kind {
            ProblemKind::UnknownKey { known, .. } => Some(known.iter().copied().collect::<BTreeSet<_>>()),
            _ => None,
        });
        let properties = section["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(known, Some(properties), "{file}");
    }
}

/// Values of every sort, right somewhere and wrong elsewhere.
const SAMPLES: &[&str] = &[
    "ci",
    "1a",
    "a_b",
    "yes",
    "true",
    "false",
    "'true'",
    "~",
    "''",
    "0",
    "1",
    "5",
    "-1",
    "012",
    "100",
    "443",
    "65535",
    "65536",
    "10000",
    "10001",
    "4294967295",
    "4294967296",
    "1e2",
    "1.5",
    "'5'",
    "256 MiB",
    "256MiB",
    "256  MiB",
    "256 MB",
    "64 MiB",
    "1 GiB",
    "0256 MiB",
    "8 s",
    "20 s",
    "8",
    "1 min",
    "2 min",
    "15 min",
    "8 m",
    "14 days",
    "1 day",
    "1 days",
    "13 days",
    "3653 days",
    "x86_64",
    "arm64",
    "ARM64",
    "repository",
    "organization",
    "tcp",
    "udp",
    "TCP",
    "t3.medium",
    "t3.huge",
    "T3.medium",
    "c5.metal",
    "u-6tb1.metal-112xl",
    "m5.0xlarge",
    "large",
    "Large",
    "'a b'",
    "'a,b'",
    "ami-01234567",
    "ami-0123456789abcdef0",
    "ami-0123",
    "2.338.0",
    "auto",
    "Auto",
    "2.338",
    "0.0.0.0/0",
    "'::/0'",
    "10.0.0.0/33",
    "10.0.0.0",
    "https://api.github.com",
    "https://ghe.example.com/api/v3",
    "https://ghe.example.com/",
    "http://127.0.0.1:8080",
    "http://127.0.0.1:8080/api/v3",
    "http://127.0.0.1:8080/",
    "http://127.0.0.1",
    "http://127.0.0.1:a",
    "http://api.github.com",
    "http://api.github.com",
    "arn:aws:iam::123456789012:policy/boundary",
    "arn:aws:iam::123456789012:role/x",
    "arn:aws:iam::aws:policy/x",
    "arn:aws:kms:us-east-1:123456789012:key/1234abcd",
    "arn:aws:kms:us-east-1:123456789012:alias/x",
    "'naïve'",
    "'a\"b'",
    "'a;b'",
    "'a: b'",
    "[a]",
    "[c5.large]",
    "{a: b}",
    "'aws:x'",
];

#[test]
fn what_the_decoder_takes_is_right_in_the_editor_and_the_rest_is_not() {
    let (schema, leaves, _) = all();
    let mut stricter: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for path in leaves.keys() {
        let mut taken = 0;
        for sample in SAMPLES {
            let file = document(&schema, path, sample);
            let decoded = deployment("f", file.as_bytes());
            // Another reader of YAML stands for the editor's.
            let value: Value = serde_yaml::from_str(&file).unwrap();
            match (decoded.is_ok(), accepts(&schema, &value)) {
                (true, true) => taken += 1,
                (false, false) => {}
                (true, false) => panic!("the schema refuses what the decoder takes: {file}"),
                (false, true) => stricter.entry(path.join(".")).or_default().push(sample),
            }
        }
        assert!(taken > 0, "no sample fits {path:?}");
    }
    // Bounds that depend on units or on other keys, addresses, and words that only some readers take for text are
    // beyond a schema; nothing else is.
    let lines: Vec<_> =
        stricter.iter().map(|(path, samples)| format!("{path}: {}\n", samples.join(" | "))).collect();
    super::snapshot("config-decoder-is-stricter", &lines.concat());
}

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
