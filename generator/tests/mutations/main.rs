//! Tests that the check can fail: they change, remove or add each part of the two files once, and the check must find
//! every change at its place.
//!
//! The list of changes is made from the files themselves, so it also covers everything that the generator will write
//! later. Changes that may stay unnoticed are in [`MEANINGLESS`] with a reason. If one of these is noticed, the test
//! fails as well.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "the count is for the person who watches")]

mod by_hand;
mod module;
mod template;

use std::{
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use jit_runners_check::{Difference, Side, SourceFile, check};
use jit_runners_emit::GeneratedFile;
use jit_runners_generator::files;
use jit_runners_model::{Choices, Deployment};

/// One change to one file.
struct Mutation {
    /// A description of the change, for readers of a failure.
    what: String,
    /// The changed parts on both sides: a difference must point there. Empty if others use the changed part.
    owners: Vec<Lines>,
    /// The names of the changed part on both sides.
    names: Vec<String>,
    /// Whether the part states a default of the service or the provider: then its removal changes nothing.
    is_default: bool,
    /// The text of the file after the change.
    text: String,
    /// Which file.
    file: usize,
}

/// Lines of a file, counted from 1.
#[derive(Clone, Debug)]
struct Lines {
    file: String,
    lines: Range<usize>,
}

impl Lines {
    /// The lines of each block whose first line begins with `first`, up to the next line that is not indented deeper.
    fn of_blocks(file: &SourceFile, first: impl Fn(&str) -> bool) -> Vec<Self> {
        let text = std::str::from_utf8(&file.bytes).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let indent = |line: &str| line.len() - line.trim_start().len();
        let starts = lines.iter().enumerate().filter(|(_, line)| first(line));
        let block = |(start, line): (usize, &&str)| {
            let ends = |after: &&str| !after.trim().is_empty() && indent(after) <= indent(line);
            let length = lines[start + 1..].iter().position(ends).unwrap_or(lines.len());
            Self { file: file.name.to_string(), lines: start + 1..start + length + 2 }
        };
        starts.map(block).collect()
    }

    fn hold(&self, side: Option<&Side>) -> bool {
        side.is_some_and(|side| {
            side.file == self.file && side.line.is_some_and(|line| self.lines.contains(&line))
        })
    }
}

/// Both names of every resource, input and output, in the module and in the template.
fn twins(deployment: &Deployment) -> Vec<(String, String)> {
    let resources = deployment.resources().iter().map(|node| (node.id.label, node.id.logical_id));
    let inputs = deployment.parameters().iter().map(|input| (input.id.terraform, input.id.cloudformation));
    let outputs = deployment.outputs().iter().map(|output| (output.terraform, output.cloudformation));
    resources
        .chain(inputs)
        .chain(outputs)
        .map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned()))
        .collect()
}

/// The results of the changes.
#[derive(Default)]
struct Tally {
    tried: usize,
    refused: AtomicUsize,
    found: AtomicUsize,
    same: AtomicUsize,
}

fn deployment() -> Deployment {
    Deployment::new(Choices::default()).unwrap()
}

fn sources(deployment: &Deployment) -> (Vec<SourceFile>, SourceFile) {
    let is_module = |file: &&GeneratedFile| {
        file.path.starts_with("terraform/")
            && std::path::Path::new(&file.path).extension() == Some("tf".as_ref())
    };
    let source = |file: &GeneratedFile| SourceFile::new(file.path.as_str(), file.contents.as_bytes());
    let files = files(deployment);
    let template = files.iter().find(|file| file.path.ends_with("template.yaml")).map(source).unwrap();
    (files.iter().filter(is_module).map(source).collect(), template)
}

/// Checks every mutation, together with the model if there is one, on all processors, and returns the problems.
fn survivors(
    mutations: &[Mutation],
    model: Option<&Deployment>,
    tally: &Tally,
    with: impl Fn(&Mutation) -> (Vec<SourceFile>, SourceFile) + Sync,
) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let judge = |mutation: &Mutation| {
        let (module, template) = with(mutation);
        match check(&module, &template, model) {
            // If the change breaks the file, the error names the file and the line.
            Err(unreadable) => {
                assert!(!unreadable.lines().is_empty());
                tally.refused.fetch_add(1, Ordering::Relaxed);
                None
            }
            Ok(report) if report.is_equivalent() && mutation.is_default => {
                tally.same.fetch_add(1, Ordering::Relaxed);
                None
            }
            Ok(report) if report.is_equivalent() => Some(format!("missed: {}", mutation.what)),
            Ok(report) => {
                tally.found.fetch_add(1, Ordering::Relaxed);
                let points = |owner: &Lines| {
                    let sides = |difference: &Difference| {
                        owner.hold(difference.terraform.as_ref())
                            || owner.hold(difference.cloudformation.as_ref())
                    };
                    report.differences.iter().any(sides)
                };
                // A value that only the model has is in no file.
                let named = |difference: &Difference| {
                    let unwritten = difference.terraform.is_none() && difference.cloudformation.is_none();
                    unwritten && mutation.names.iter().any(|name| difference.resource.contains(name.as_str()))
                };
                let right = mutation.owners.is_empty()
                    || mutation.owners.iter().any(points)
                    || report.differences.iter().any(named);
                (!right).then(|| format!("blamed on others: {}: {:#?}", mutation.what, report.differences))
            }
        }
    };
    thread::scope(|scope| {
        let work = || {
            let mut wrong = Vec::new();
            while let Some(mutation) = mutations.get(next.fetch_add(1, Ordering::Relaxed)) {
                wrong.extend(judge(mutation));
            }
            wrong
        };
        let count = thread::available_parallelism().map_or(1, Into::into);
        let workers: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

#[track_caller]
fn none_survives(dialect: &str, tally: &Tally, wrong: &[String], least: usize) {
    let (refused, found) = (tally.refused.load(Ordering::Relaxed), tally.found.load(Ordering::Relaxed));
    let same = tally.same.load(Ordering::Relaxed);
    let (tried, wrong_ones) = (tally.tried, wrong.len());
    eprintln!(
        "{dialect}: {tried} changes tried, {found} found, {refused} refused, {same} no change, {wrong_ones} wrong"
    );
    assert!(wrong.is_empty(), "{dialect}: {} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(found > least, "{dialect}: too few changes for the files that we have");
}
