//! Pairs that people wrote by hand: `same` must compare equal, `different` must differ in what each one's `expected.txt`
//! lists and in nothing else, `refused` must be refused where it says. A new case is a new folder.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use jit_runners_check::{Report, SourceFile, Unreadable, check};

fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

fn file(path: &Path) -> SourceFile {
    SourceFile::new(path.file_name().unwrap().to_str().unwrap(), fs::read(path).unwrap())
}

fn run(case: &Path) -> Result<Report, Unreadable> {
    let mut module: Vec<_> =
        fs::read_dir(case.join("terraform")).unwrap().map(|entry| entry.unwrap().path()).collect();
    module.sort();
    let module: Vec<_> = module
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "tf"))
        .map(|path| file(path))
        .collect();
    let template =
        ["template.yaml", "template.json"].iter().map(|name| case.join(name)).find(|path| path.exists());
    check(&module, &file(&template.unwrap()), None)
}

fn found(report: &Report) -> Vec<String> {
    let line = |difference: &jit_runners_check::Difference| {
        let path = if difference.path.is_empty() { "" } else { " " };
        format!("{} {}{path}{}", difference.kind, difference.resource, difference.path)
    };
    report.differences.iter().map(line).collect()
}

/// Whether a line of `expected.txt`, `<kind> <name> <path>`, means the difference `found`: the name may be a part of what
/// identifies a resource that only joins others, the path the beginning of a longer one.
fn fits(expected: &str, found: &str) -> bool {
    let mut parts = expected.split(' ');
    let (kind, name, path) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap_or_default());
    let (found_kind, rest) = found.split_once(' ').unwrap();
    let (found_names, found_path) =
        if path.is_empty() { (rest, "") } else { rest.rsplit_once(' ').unwrap_or((rest, "")) };
    found_kind == kind && found_names.contains(name) && found_path.starts_with(path)
}

fn name(case: &Path) -> &str {
    case.file_name().unwrap().to_str().unwrap()
}

fn expected(case: &Path) -> Vec<String> {
    let text = fs::read_to_string(case.join("expected.txt")).unwrap();
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[track_caller]
fn none_fails(failures: &[String]) {
    assert!(failures.is_empty(), "{} cases fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn pairs_that_are_the_same() {
    let mut failures = Vec::new();
    for case in cases("same") {
        match run(&case) {
            Ok(report) if report.is_equivalent() => assert!(report.resources > 0 && report.attributes > 0),
            Ok(report) => failures.push(format!("{}: {:#?}", name(&case), report.differences)),
            Err(unreadable) => failures.push(format!("{}: {unreadable}", name(&case))),
        }
    }
    none_fails(&failures);
}

#[test]
fn pairs_that_differ() {
    let mut failures = Vec::new();
    for case in cases("different") {
        match run(&case) {
            Ok(report) => {
                let (found, mut expected) = (found(&report), expected(&case));
                // A line of `expected.txt` is the beginning of a difference; each has its own.
                let unexpected: Vec<_> = found
                    .iter()
                    .filter(|found| !expected.iter().any(|expected| fits(expected, found)))
                    .collect();
                expected.retain(|expected| !found.iter().any(|found| fits(expected, found)));
                if !unexpected.is_empty() || !expected.is_empty() {
                    failures.push(format!("{}: missed {expected:?}, too much {unexpected:?}", name(&case)));
                }
            }
            Err(unreadable) => failures.push(format!("{}: {unreadable}", name(&case))),
        }
    }
    none_fails(&failures);
}

#[test]
fn pairs_that_are_refused() {
    let mut failures = Vec::new();
    for case in cases("refused") {
        match run(&case) {
            Ok(report) => failures.push(format!("{}: read, with {:?}", name(&case), found(&report))),
            Err(unreadable) => {
                let lines: BTreeSet<_> = unreadable.lines().into_iter().collect();
                for expected in expected(&case) {
                    let (place, words) =
                        expected.split_once(": ").unwrap_or((expected.trim_end_matches(':'), ""));
                    let fits = |line: &String| line.starts_with(place) && line.contains(words);
                    if !lines.iter().any(fits) {
                        failures.push(format!("{}: no `{expected}` in {lines:#?}", name(&case)));
                    }
                }
            }
        }
    }
    none_fails(&failures);
}

/// The pair that `planted.md` describes.
#[test]
fn a_pair_by_hand() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/by-hand");
    let report = run(&case).unwrap();
    let mut planted = expected(&case);
    assert_eq!(report.differences.len(), planted.len(), "{report:#?}");
    planted.retain(|planted| !found(&report).iter().any(|found| fits(planted, found)));
    assert!(planted.is_empty(), "missed {planted:?}");
}

/// Whoever reads a report finds the rule that it names, the defaults, and what the check passes over.
#[test]
fn every_rule_default_and_thing_ignored_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/check.md");
    let documented = fs::read_to_string(path).unwrap();
    let rules = jit_runners_check::rules()
        .map(|(name, says, source)| format!("| `{name}` | {says} | {} |", linked(source)));
    let defaults = jit_runners_check::defaults()
        .map(|(property, value, source)| format!("| {property} | {value} | {} |", linked(source)));
    let mut missing: Vec<_> =
        rules.chain(defaults).filter(|row| !documented.lines().any(|line| line == row)).collect();
    for (name, reason) in jit_runners_check::ignored() {
        let tells =
            |line: &str| line.contains(&format!("`{name}`")) && line.ends_with(&format!("| {reason} |"));
        if !documented.lines().any(tells) {
            missing.push(format!("| `{name}` | {reason} |"));
        }
    }
    assert!(missing.is_empty(), "docs/check.md lacks\n{}", missing.join("\n"));
}

/// A source in Markdown: its address as a link, and the words behind it.
fn linked(source: &str) -> String {
    match source.split_once(": ") {
        Some((address, words)) if address.starts_with("https://") => format!("<{address}>: {words}"),
        _ if source.starts_with("https://") => format!("<{source}>"),
        _ => source.to_owned(),
    }
}
