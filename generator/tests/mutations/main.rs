//! Proof that the check can fail: everything in the two files is changed, removed or added to, one thing at a time, and
//! every change must be found, in the place where it was made.
//!
//! The list of what is changed comes from the files themselves, so whatever the generator starts to write is changed,
//! too. What may go unseen stands in [`MEANINGLESS`] with its reason, and what is listed there and is seen all the same
//! fails as well.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "the count is for the person who watches")]

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
    /// What was done, for whoever reads a failure.
    what: String,
    /// What it was done in, on both sides: a difference must point there. Nothing, where others use what was changed.
    owners: Vec<Lines>,
    /// What it is called on both sides.
    names: Vec<String>,
    /// What the service or the provider does anyway may go without saying: its removal is no change.
    is_default: bool,
    /// The file afterwards.
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
    /// The lines of each block that begins with a line like `first`, up to the next one that is indented no deeper.
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

/// Both names of every resource, input and output: the module's and the template's.
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

/// How the changes came out.
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

/// Checks every mutation on all processors, and returns what went wrong with them.
fn survivors(
    mutations: &[Mutation],
    tally: &Tally,
    with: impl Fn(&Mutation) -> (Vec<SourceFile>, SourceFile) + Sync,
) -> Vec<String> {
    let deployment = deployment();
    let next = AtomicUsize::new(0);
    let judge = |mutation: &Mutation| {
        let (module, template) = with(mutation);
        match check(&module, &template, Some(&deployment)) {
            // Whoever breaks the file is told so, with its line.
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
                // What only the model says stands in no file.
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
fn none_survives(dialect: &str, tally: &Tally, wrong: &[String]) {
    let (refused, found) = (tally.refused.load(Ordering::Relaxed), tally.found.load(Ordering::Relaxed));
    let same = tally.same.load(Ordering::Relaxed);
    let (tried, wrong_ones) = (tally.tried, wrong.len());
    eprintln!(
        "{dialect}: {tried} changes tried, {found} found, {refused} refused, {same} no change, {wrong_ones} wrong"
    );
    assert!(wrong.is_empty(), "{dialect}: {} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(found > 1_000, "{dialect}: too few changes for the files that we have");
}
