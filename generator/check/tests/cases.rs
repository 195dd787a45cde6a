//! Pairs written by hand: `same` must compare equal, `different` must have exactly the expected differences, `refused`
//! must be refused at the expected place. A new case is a new page; `cases/README.md` describes its form.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use jit_runners_check::{Beside, OtherFiles, Report, SourceFile, Unreadable, check_among};
use jit_runners_witnesses::{cases::Case, files};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn cases(below: &str) -> Vec<Case> {
    Case::all_below(&folder().join(below)).unwrap()
}

fn run(case: &Case) -> Result<Report, Unreadable> {
    let file = |(name, content): (&str, &[u8])| SourceFile::new(name, content);
    let (below, module): (Vec<_>, Vec<_>) = case.module().map(file).partition(|file| file.name.contains('/'));
    let others = OtherFiles { beside: Beside::of(below), ..OtherFiles::default() };
    check_among(&module, &others, &file(case.template()), None)
}

fn found(report: &Report) -> Vec<String> {
    let line = |difference: &jit_runners_check::Difference| {
        let path = if difference.path.is_empty() { "" } else { " " };
        format!("{} {}{path}{}", difference.kind, difference.resource, difference.path)
    };
    report.differences.iter().map(line).collect()
}

/// Whether an expected line, `<kind> <name> <path>`, matches the difference `found`. The name may be a part of the
/// identity of a resource that only joins others, and the path may be the beginning of a longer path.
fn fits(expected: &str, found: &str) -> bool {
    let mut parts = expected.split(' ');
    let (kind, name, path) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap_or_default());
    let (found_kind, rest) = found.split_once(' ').unwrap();
    let (found_names, found_path) =
        if path.is_empty() { (rest, "") } else { rest.rsplit_once(' ').unwrap_or((rest, "")) };
    found_kind == kind && found_names.contains(name) && found_path.starts_with(path)
}

fn expected(case: &Case) -> Vec<String> {
    assert!(!case.expected.is_empty(), "{}: no lines say what is expected", case.path.display());
    case.expected.clone()
}

#[track_caller]
fn none_fails(failures: &[String]) {
    assert!(failures.is_empty(), "{} cases fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn pairs_that_are_the_same() {
    let mut failures = Vec::new();
    for case in cases("same") {
        assert!(case.expected.is_empty(), "{}: no difference is expected here", case.path.display());
        match run(&case) {
            Ok(report) if report.is_equivalent() => assert!(report.resources > 0 && report.attributes > 0),
            Ok(report) => failures.push(format!("{}: {:#?}", case.name(), report.differences)),
            Err(unreadable) => failures.push(format!("{}: {unreadable}", case.name())),
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
                // An expected line is a prefix of a difference. Each line matches another difference.
                let unexpected: Vec<_> = found
                    .iter()
                    .filter(|found| !expected.iter().any(|expected| fits(expected, found)))
                    .collect();
                expected.retain(|expected| !found.iter().any(|found| fits(expected, found)));
                if !unexpected.is_empty() || !expected.is_empty() {
                    failures.push(format!("{}: missed {expected:?}, too much {unexpected:?}", case.name()));
                }
            }
            Err(unreadable) => failures.push(format!("{}: {unreadable}", case.name())),
        }
    }
    none_fails(&failures);
}

#[test]
fn pairs_that_are_refused() {
    let mut failures = Vec::new();
    for case in cases("refused") {
        match run(&case) {
            Ok(report) => failures.push(format!("{}: read, with {:?}", case.name(), found(&report))),
            Err(unreadable) => {
                let lines: BTreeSet<_> = unreadable.lines().into_iter().collect();
                for expected in expected(&case) {
                    let (place, words) =
                        expected.split_once(": ").unwrap_or((expected.trim_end_matches(':'), ""));
                    let fits = |line: &String| line.starts_with(place) && line.contains(words);
                    if !lines.iter().any(fits) {
                        failures.push(format!("{}: no `{expected}` in {lines:#?}", case.name()));
                    }
                }
            }
        }
    }
    none_fails(&failures);
}

/// The page lists its differences.
#[test]
fn a_pair_by_hand() {
    let case = Case::read(&folder().join("by-hand.md")).unwrap();
    let report = run(&case).unwrap();
    let mut planted = expected(&case);
    assert_eq!(report.differences.len(), planted.len(), "{report:#?}");
    planted.retain(|planted| !found(&report).iter().any(|found| fits(planted, found)));
    assert!(planted.is_empty(), "missed {planted:?}");
}

/// A folder has its module in `terraform/`, or next to the template.
#[test]
fn a_case_may_be_a_folder() {
    let page = Case::read(&folder().join("different/queue-renamed.md")).unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let [below, beside] = ["below", "beside"].map(|name| temporary.path().join(name));
    page.write_to(&below).unwrap();
    files::write(&below.join("expected.txt"), "# A remark.\n\nattribute <name>-job QueueName\n").unwrap();
    for (name, content) in page.module().chain([page.template()]) {
        files::write(&beside.join(name), content).unwrap();
    }
    files::write(&beside.join("terraform.tfvars"), "").unwrap();
    let cases = Case::all_below(temporary.path()).unwrap();
    assert_eq!(cases.iter().map(Case::name).collect::<Vec<_>>(), ["below", "beside"]);
    for case in &cases {
        assert_eq!(case.sources, page.sources);
        assert_eq!(found(&run(case).unwrap()), found(&run(&page).unwrap()));
    }
    assert_eq!(cases[0].expected, page.expected);
    assert!(cases[1].expected.is_empty());
}

/// `docs/check.md` lists every rule, every default and everything that the check ignores.
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

/// A source in Markdown: its address as a link, and the text after it.
fn linked(source: &str) -> String {
    match source.split_once(": ") {
        Some((address, words)) if address.starts_with("https://") => format!("<{address}>: {words}"),
        _ if source.starts_with("https://") => format!("<{source}>"),
        _ => source.to_owned(),
    }
}
