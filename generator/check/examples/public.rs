//! Counts how many of the public modules and templates in `tests/public/list.yaml` the check reads without a refusal.
//!
//! `cargo run --package jit-runners-check --example public -- FOLDER`, where `FOLDER/<owner>/<name>` are the repositories of the
//! list, checked out at its commits. Reasons are printed below each that is refused.

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use jit_runners_check::{Beside, OtherFiles, SourceFile, Unreadable, check_among};
use jit_runners_yaml::{Entry, Located, YamlValue, parse};

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/public/list.yaml");
/// What the other side says: one queue.
const TEMPLATE: &str = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n";
const MODULE: &str = "resource \"aws_sqs_queue\" \"q\" {}\n";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let Some(folder) = env::args().nth(1).map(PathBuf::from) else {
        writeln!(io::stderr(), "usage: public FOLDER")?;
        return Ok(ExitCode::from(2));
    };
    let parsed = parse(&LIST.into(), &fs::read(LIST)?);
    let root = parsed.root.as_ref().ok_or("the list is empty")?;
    let mut out = io::stdout();
    for (kind, read) in [("modules", module as fn(&Path) -> _), ("templates", template)] {
        let (mut good, mut all) = (0, 0);
        for collection in get(root, "collections").map(items).unwrap_or_default() {
            let repository = get(collection, "repository").and_then(text).ok_or("a name is missing")?;
            for Entry { key, .. } in get(collection, kind).map(entries).unwrap_or_default() {
                all += 1;
                match read(&folder.join(repository).join(key))? {
                    Ok(()) => good += 1,
                    Err(unreadable) => {
                        writeln!(out, "{repository} {key}\n  {}", unreadable.lines().join("\n  "))?;
                    }
                }
            }
        }
        writeln!(out, "{kind}: {good} of {all}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What a file or a folder cannot be read for.
type Found = Result<Result<(), Unreadable>, Box<dyn Error>>;

fn module(folder: &Path) -> Found {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tf" || extension == "tfvars") {
            files.push(SourceFile::new(path.display().to_string(), fs::read(&path)?));
        }
    }
    let (root, same_root) = (folder.to_owned(), folder.to_owned());
    let list = move |path: &str| {
        let entries = fs::read_dir(same_root.join(path)).ok()?;
        let names = entries.map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()));
        names.collect()
    };
    let beside = Beside::new(move |path| fs::read(root.join(path)).ok(), list);
    let others = OtherFiles { beside, ..OtherFiles::default() };
    let template = SourceFile::new("template.yaml", TEMPLATE);
    Ok(check_among(&files, &others, &template, None).map(drop))
}

fn template(file: &Path) -> Found {
    let template = SourceFile::new(file.display().to_string(), fs::read(file)?);
    let module = [SourceFile::new("main.tf", MODULE)];
    Ok(check_among(&module, &OtherFiles::default(), &template, None).map(drop))
}

fn get<'l>(located: &'l Located, key: &str) -> Option<&'l Located> {
    entries(located).iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

fn entries(located: &Located) -> &[Entry] {
    match &located.value {
        YamlValue::Mapping(entries) => entries,
        YamlValue::Scalar(_) | YamlValue::Sequence(_) => &[],
    }
}

fn items(located: &Located) -> &[Located] {
    match &located.value {
        YamlValue::Sequence(items) => items,
        YamlValue::Scalar(_) | YamlValue::Mapping(_) => &[],
    }
}

fn text(located: &Located) -> Option<&str> {
    match &located.value {
        YamlValue::Scalar(scalar) => Some(&scalar.text),
        YamlValue::Sequence(_) | YamlValue::Mapping(_) => None,
    }
}
