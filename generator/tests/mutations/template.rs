//! Changes to the template in its JSON form: every leaf, every key, every item.

use clap::Parser as _;
use jit_runners_check::SourceFile;
use jit_runners_generator::{Cli, Session, run};
use serde_json::{Value, json};

use super::{Lines, Mutation, Tally, check, deployment, none_survives, sources, survivors, twins};

/// Changes that mean nothing: the last names of their path, and why.
const MEANINGLESS: &[(&str, &str)] = &[
    ("ConstraintDescription", "what people read when a value is refused"),
    ("AssertDescription", "what people read when values are refused"),
    ("UpdateReplacePolicy", "says what the service does by itself"),
    ("DeletionPolicy", "removed, it says what the service does by itself"),
];

/// Properties that state a default of the service. Without them the same is deployed.
const DEFAULTS: &[&str] = &[
    "Architectures",
    "AuthorizationType",
    "BatchSize",
    "IntegrationMethod",
    "LogGroup",
    "MessageRetentionPeriod",
    "Qualifier",
    "ReceiveMessageWaitTimeSeconds",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

fn template() -> Value {
    let mut out = Vec::new();
    let cli = Cli::try_parse_from(["jit-runners", "show", "cloudformation"]).unwrap();
    run(&cli, &mut Session { out: &mut out, err: &mut Vec::new(), program: "jit-runners" }).unwrap();
    serde_json::from_slice(&out).unwrap()
}

/// A path into the template, and the new value there: `None` removes it.
pub(super) type Change = (Vec<String>, Option<Value>, &'static str);

pub(super) fn changes(template: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    let names: Vec<&String> = ["Parameters", "Resources"]
        .iter()
        .flat_map(|section| template[section].as_object().unwrap().keys())
        .collect();
    for section in ["Parameters", "Rules", "Conditions", "Resources", "Outputs"] {
        for (name, value) in template[section].as_object().unwrap() {
            let path = vec![section.to_owned(), name.clone()];
            changes.push((path.clone(), None, "removed"));
            walk(value, &path, &names, &mut changes);
        }
    }
    changes
}

fn walk(value: &Value, path: &[String], names: &[&String], changes: &mut Vec<Change>) {
    let below = |step: &str| path.iter().cloned().chain([step.to_owned()]).collect::<Vec<_>>();
    match value {
        Value::Object(entries) => {
            for (key, inner) in entries {
                changes.push((below(key), None, "removed"));
                walk(inner, &below(key), names, changes);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                changes.push((below(&index.to_string()), None, "removed"));
                walk(inner, &below(&index.to_string()), names, changes);
            }
            if items.iter().all(Value::is_string) {
                let more = items.iter().cloned().chain([json!("added")]).collect();
                changes.push((path.to_vec(), Some(more), "an item added"));
            }
        }
        Value::String(text) => {
            let last = path.last().unwrap();
            if last == "Ref" {
                // Another name of the same section, so that the change affects the reference and not its spelling.
                let other = names.iter().find(|name| ***name != *text).unwrap();
                changes.push((path.to_vec(), Some(json!(other)), "another reference"));
            } else {
                changes.push((path.to_vec(), Some(json!(format!("{text}x"))), "changed"));
            }
        }
        Value::Number(number) => {
            changes.push((path.to_vec(), Some(json!(number.as_i64().unwrap() + 1)), "changed"));
        }
        Value::Bool(flag) => changes.push((path.to_vec(), Some(json!(!flag)), "changed")),
        Value::Null => {}
    }
}

pub(super) fn apply(template: &mut Value, path: &[String], new: Option<Value>) {
    let (last, parents) = path.split_last().unwrap();
    let mut at = template;
    for step in parents {
        at = match at {
            Value::Object(entries) => &mut entries[step.as_str()],
            Value::Array(items) => &mut items[step.parse::<usize>().unwrap()],
            _ => panic!("{path:?}"),
        };
    }
    match (at, new) {
        (Value::Object(entries), Some(new)) => entries[last.as_str()] = new,
        (Value::Object(entries), None) => {
            entries.shift_remove(last.as_str());
        }
        (Value::Array(items), Some(new)) => items[last.parse::<usize>().unwrap()] = new,
        (Value::Array(items), None) => {
            items.remove(last.parse().unwrap());
        }
        _ => panic!("{path:?}"),
    }
}

#[test]
fn every_change_of_the_template_is_found() {
    let (module, _) = sources(&deployment());
    let template = template();
    let whole = SourceFile::new("template.json", template.to_string());
    let report = check(&module, &whole, Some(&deployment())).unwrap();
    assert!(report.is_equivalent(), "{:#?}", report.differences);

    let twins = twins(&deployment());
    let owners = |path: &[String], text: &str| {
        if path[0] == "Conditions" || path[0] == "Rules" {
            return Vec::new();
        }
        let start = format!("    \"{}\": {{", path[1]);
        let ours = Lines::of_blocks(&SourceFile::new("template.json", text), |line| line == start);
        let labels =
            twins.iter().filter(|(_, theirs)| *theirs == path[1]).map(|(label, _)| format!("\"{label}\" {{"));
        let theirs = labels.flat_map(|label| {
            let block = move |file| Lines::of_blocks(file, |line: &str| line.ends_with(&label));
            module.iter().flat_map(block).collect::<Vec<_>>()
        });
        theirs.chain(ours).collect::<Vec<_>>()
    };
    let mut mutations = Vec::new();
    let mut meaningless = Vec::new();
    for (path, new, done) in changes(&template) {
        let mut changed = template.clone();
        apply(&mut changed, &path, new);
        let text = format!("{changed:#}");
        let mutation = Mutation {
            what: format!("{} {done}", path.join("/")),
            owners: owners(&path, &text),
            names: vec![path[1].clone()],
            is_default: done == "removed" && path.iter().any(|step| DEFAULTS.contains(&step.as_str())),
            text,
            file: 0,
        };
        let is_meaningless = MEANINGLESS.iter().any(|(name, _)| path.last().is_some_and(|last| last == name));
        if is_meaningless { meaningless.push(mutation) } else { mutations.push(mutation) }
    }
    let tally = Tally { tried: mutations.len(), ..Tally::default() };
    let wrong = survivors(&mutations, Some(&deployment()), &tally, |mutation| {
        (module.clone(), SourceFile::new("template.json", mutation.text.as_str()))
    });
    none_survives("template", &tally, &wrong, 1_000);
}
