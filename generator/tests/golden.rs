//! Compares every generated file of some typical configurations with `snapshots/`, and `generated/` with what the
//! generator would write now.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeSet, fs, path::Path};

use jit_runners_emit::GeneratedFile;
use jit_runners_generator::{files, read_choices};
use jit_runners_model::{Choices, Deployment};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn deployment(configuration: &str) -> Deployment {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configurations").join(configuration);
    let choices = read_choices(&path).unwrap_or_else(|error| panic!("{error}"));
    Deployment::new(choices).unwrap()
}

fn default_deployment() -> Deployment {
    Deployment::new(Choices::default()).unwrap()
}

/// Compares each file with its snapshot, and refuses snapshots without a file.
#[track_caller]
fn check(name: &str, deployment: &Deployment) {
    let folder = Path::new(ROOT).join("snapshots").join(name);
    let mut known = BTreeSet::new();
    for GeneratedFile { path, contents } in files(deployment) {
        let snapshot = path.replace('/', "__");
        known.insert(format!("{snapshot}.snap"));
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(snapshot, contents));
    }
    for entry in fs::read_dir(&folder).unwrap() {
        let found = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&found), "snapshots/{name}/{found} belongs to no generated file; delete it");
    }
}

#[test]
fn default_configuration() {
    check("default", &default_deployment());
}

#[test]
fn everything_switched_on() {
    check("everything", &deployment("everything.yaml"));
}

#[test]
fn graviton_with_enterprise_server() {
    check("arm64-ghes", &deployment("arm64-ghes.yaml"));
}

#[test]
fn generated_is_fresh() {
    let stale: Vec<_> = files(&default_deployment())
        .into_iter()
        .filter(|file| {
            fs::read_to_string(Path::new(ROOT).join("generated").join(&file.path)).ok().as_ref()
                != Some(&file.contents)
        })
        .map(|file| file.path)
        .collect();
    assert!(stale.is_empty(), "stale in generated/: {stale:?}; run `cargo run generate`");
}

#[test]
fn generating_is_deterministic() {
    assert_eq!(files(&default_deployment()), files(&default_deployment()));
}
