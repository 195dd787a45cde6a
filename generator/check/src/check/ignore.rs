//! `check-ignore.yaml`: differences that somebody knows and wants, each with a reason.
//!
//! ```yaml
//! ignore:
//!   - kind: Queue
//!     name: jobs
//!     reason: the stack encrypts it with a key of the account
//! ```

use std::sync::Arc;

use super::{Report, Unreadable, unreadable};
use crate::{
    difference::{Difference, Ignored},
    problem::{IgnoreProblem, Problem, ProblemKind},
    read::{Entry, Located, Place, SourceFile, YamlValue, parse},
};

const KEYS: [&str; 3] = ["kind", "name", "reason"];

/// What a file asks to ignore: resources, inputs and outputs, as reports call them.
#[derive(Debug)]
pub struct IgnoreList {
    entries: Vec<IgnoreEntry>,
}

#[derive(Debug)]
struct IgnoreEntry {
    kind: String,
    name: String,
    reason: String,
    place: Place,
}

impl IgnoreList {
    /// What `file` says.
    pub fn read(file: &SourceFile) -> Result<Self, Unreadable> {
        let parsed = parse(&file.name, &file.bytes);
        let mut problems: Vec<_> = parsed
            .problems
            .into_iter()
            .map(|problem| Problem { place: problem.place, kind: ProblemKind::Yaml(problem.kind) })
            .collect();
        let mut list = Self { entries: Vec::new() };
        match &parsed.root {
            Some(root) if problems.is_empty() => list.root(root, &mut problems),
            Some(_) => {}
            None => refuse(&mut problems, &Place::whole(Arc::clone(&file.name)), IgnoreProblem::OtherForm),
        }
        if problems.is_empty() { Ok(list) } else { Err(unreadable(problems)) }
    }

    fn root(&mut self, root: &Located, problems: &mut Vec<Problem>) {
        let YamlValue::Mapping(entries) = &root.value else {
            return refuse(problems, &root.place, IgnoreProblem::OtherForm);
        };
        for Entry { key, place, value } in entries {
            match (key.as_str(), &value.value) {
                ("ignore", YamlValue::Sequence(items)) => {
                    for item in items {
                        match entry(item) {
                            Ok(entry) => self.entries.push(entry),
                            Err((place, problem)) => refuse(problems, &place, problem),
                        }
                    }
                }
                ("ignore", _) => refuse(problems, &value.place, IgnoreProblem::OtherForm),
                (key, _) => refuse(problems, place, IgnoreProblem::UnknownKey { key: key.to_owned() }),
            }
        }
    }

    /// Takes what is to be ignored out of the differences of `report`. An entry that matches none of them is a problem: it
    /// hides what will differ one day.
    pub fn apply(&self, report: &mut Report) -> Result<(), Unreadable> {
        let mut problems = Vec::new();
        for IgnoreEntry { kind, name, reason, place } in &self.entries {
            let is_meant =
                |difference: &Difference| difference.resource_kind == kind && difference.resource == *name;
            let count = report.differences.iter().filter(|difference| is_meant(difference)).count();
            // What could not be compared may differ.
            let is_left_out = report
                .partial
                .iter()
                .flat_map(|partial| &partial.left_out)
                .any(|out| out.kind == *kind && out.name == *name);
            if count == 0 && is_left_out {
                continue;
            }
            if count == 0 {
                let problem = IgnoreProblem::MatchesNothing { kind: kind.clone(), name: name.clone() };
                refuse(&mut problems, place, problem);
                continue;
            }
            report.differences.retain(|difference| !is_meant(difference));
            let (kind, name, reason) = (kind.clone(), name.clone(), reason.clone());
            report.ignored.push(Ignored { kind, name, reason, count });
        }
        if problems.is_empty() { Ok(()) } else { Err(unreadable(problems)) }
    }
}

fn refuse(problems: &mut Vec<Problem>, place: &Place, problem: IgnoreProblem) {
    problems.push(Problem { place: place.clone(), kind: problem.into() });
}

fn entry(item: &Located) -> Result<IgnoreEntry, (Place, IgnoreProblem)> {
    let YamlValue::Mapping(entries) = &item.value else {
        return Err((item.place.clone(), IgnoreProblem::OtherForm));
    };
    if let Some(unknown) = entries.iter().find(|entry| !KEYS.contains(&entry.key.as_str())) {
        return Err((unknown.place.clone(), IgnoreProblem::UnknownKey { key: unknown.key.clone() }));
    }
    let text = |key: &'static str| {
        let found = entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value.value);
        match found {
            Some(YamlValue::Scalar(scalar)) if !scalar.text.trim().is_empty() => Ok(scalar.text.clone()),
            _ => Err((item.place.clone(), IgnoreProblem::Missing { key })),
        }
    };
    let [kind, name, reason] = KEYS;
    Ok(IgnoreEntry { kind: text(kind)?, name: text(name)?, reason: text(reason)?, place: item.place.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    fn report() -> Report {
        let module = "resource \"aws_sqs_queue\" \"a\" {\n  name = \"a\"\n  delay_seconds = 1\n}\n";
        let template = "Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: a}\n";
        check(&[SourceFile::new("main.tf", module)], &SourceFile::new("template.yaml", template), None)
            .unwrap()
    }

    fn read(text: &str) -> Result<IgnoreList, Vec<String>> {
        IgnoreList::read(&SourceFile::new("check-ignore.yaml", text)).map_err(|unreadable| unreadable.lines())
    }

    #[test]
    fn what_is_ignored_is_no_difference_and_is_told() {
        let mut report = report();
        assert_eq!(report.differences.len(), 2);
        let list = read("ignore:\n- kind: Queue\n  name: a\n  reason: known\n").unwrap();
        list.apply(&mut report).unwrap();
        assert!(report.is_equivalent());
        let expected = Ignored { kind: "Queue".into(), name: "a".into(), reason: "known".into(), count: 2 };
        assert_eq!(report.ignored, [expected]);
    }

    #[test]
    fn an_entry_that_matches_nothing_is_a_problem() {
        let list = read("ignore:\n- kind: Queue\n  name: b\n  reason: known\n").unwrap();
        let unreadable = list.apply(&mut report()).unwrap_err();
        assert_eq!(
            unreadable.lines(),
            ["check-ignore.yaml:2:3: no difference is about the Queue `b`; remove the entry"]
        );
    }

    #[test]
    fn what_is_no_list_of_entries_is_refused() {
        for (text, expected) in [
            ("", "check-ignore.yaml: this is no list of what to ignore"),
            ("- a\n", "check-ignore.yaml:1:1: this is no list of what to ignore"),
            ("ignore: a\n", "check-ignore.yaml:1:9: this is no list"),
            ("ignored: []\n", "check-ignore.yaml:1:1: `ignored` is no key"),
            ("ignore:\n- kind: Queue\n  name: a\n", "check-ignore.yaml:2:3: an entry needs a `reason`"),
            ("ignore:\n- kind: Queue\n  why: a\n", "check-ignore.yaml:3:3: `why` is no key"),
        ] {
            let found = read(text).unwrap_err();
            assert!(found[0].starts_with(expected), "{found:?}");
        }
    }
}
