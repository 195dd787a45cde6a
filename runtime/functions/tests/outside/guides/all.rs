//! Every command in a page is tested or says why not, and the guides explain every line that functions log as a
//! problem.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use jit_runners_witnesses::files;
use regex_lite::Regex;

use super::guide::{Guide, Kind};

/// The pages whose commands run in tests here. Each test checks that it ran all of them.
const FOLLOWED: [&str; 8] = [
    "README.md",
    "docs/coming-from.md",
    "docs/cost.md",
    "docs/deploy.md",
    "docs/github-app.md",
    "docs/security.md",
    "docs/troubleshooting.md",
    "docs/update.md",
];

/// Pages whose commands run in other tests, with those tests.
const ELSEWHERE: [(&str, &str); 6] = [
    ("docs/check.md", "generator/tests/witnesses/deploy/plans.rs"),
    ("docs/comparison.md", ".ci/run"),
    ("docs/scale.md", "runtime/simulation/tests/scenarios.rs"),
    ("docs/simulation.md", ".ci/run"),
    ("generated/cloudformation/README.md", "generator/tests/witnesses/deploy/cloudformation.rs"),
    ("generated/terraform/README.md", "generator/tests/witnesses/deploy/terraform.rs"),
];

/// Every page that may have commands.
pub(super) fn pages() -> Result<Vec<String>> {
    let mut pages: Vec<_> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(str::to_owned).into();
    for folder in ["docs", "generated"] {
        for file in files::files_with_extension(&files::root().join(folder), "md")? {
            pages.push(file.strip_prefix(files::root())?.to_string_lossy().into_owned());
        }
    }
    Ok(pages)
}

#[test]
fn every_command_is_typed_by_a_test_or_says_why_not() -> Result<()> {
    let mut all = Count::default();
    let mut unread: BTreeSet<_> = FOLLOWED.into_iter().collect();
    for page in pages()? {
        let guide = Guide::open(&page)?;
        let followed = unread.remove(page.as_str());
        let there = ELSEWHERE.iter().find(|(path, _)| *path == page).map(|(_, test)| *test);
        ensure!(there.is_none_or(|test| files::root().join(test).is_file()), "{page}: there is no {there:?}");
        let mut count = Count::default();
        for block in &guide.blocks {
            match &block.kind {
                Kind::Commands if there.is_some() => count.elsewhere += block.commands(),
                Kind::Commands | Kind::Values => {
                    ensure!(followed, "no test follows {}", block.place);
                    let typed = if block.kind == Kind::Values { &mut count.values } else { &mut count.typed };
                    *typed += block.commands();
                }
                Kind::Elsewhere(_) => count.elsewhere += block.commands(),
                Kind::NotRun(why) => {
                    count.not_run += block.commands();
                    eprintln!("not run: {}: {why}", block.place);
                }
                Kind::Output => {}
            }
        }
        if count != Count::default() {
            eprintln!("{page}: {count:?}");
        }
        all.add(&count);
    }
    ensure!(unread.is_empty(), "there is no {unread:?}");
    eprintln!("commands in all pages: {all:?}");
    Ok(())
}

/// Commands of a page.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// Typed by a test here.
    typed: usize,
    /// Assignments of values, which the tests replace.
    values: usize,
    /// Run by another test.
    elsewhere: usize,
    not_run: usize,
}

impl Count {
    fn add(&mut self, other: &Self) {
        let Self { typed, values, elsewhere, not_run } = other;
        self.typed += typed;
        self.values += values;
        self.elsewhere += elsewhere;
        self.not_run += not_run;
    }
}

/// All warnings and errors that functions may log, read from the source.
fn complaints() -> Result<BTreeSet<String>> {
    let line = fs::read_to_string(files::root().join("runtime/src/line.rs"))?;
    let of_level = Regex::new(r#"[^.](?:warning|error)\(\s*"([^"]+)""#)?;
    let mut found: BTreeSet<_> = of_level.captures_iter(&line).map(|found| found[1].to_owned()).collect();
    ensure!(found.len() > 15, "the log has changed its form: {found:?}");
    let failed = Regex::new(r#"(?s)(?:what:|tell\(ports,)\s*"([^"]+)""#)?;
    let mut of_handlers = BTreeSet::new();
    for folder in ["runtime/src", "runtime/functions/src"] {
        for file in files::files_with_extension(&files::root().join(folder), "rs")? {
            if is_product(&file) {
                let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
                let text = text.split("#[cfg(test)]").next().unwrap_or_default();
                of_handlers.extend(failed.captures_iter(text).map(|found| found[1].to_owned()));
            }
        }
    }
    ensure!(of_handlers.len() > 12, "handlers have changed how they fail: {of_handlers:?}");
    found.extend(of_handlers);
    Ok(found)
}

fn is_product(file: &Path) -> bool {
    let path = file.to_string_lossy();
    !["/conformance/", "tests.rs"].iter().any(|part| path.contains(part))
}

#[test]
fn the_guide_for_trouble_explains_every_complaint() -> Result<()> {
    let guide = fs::read_to_string(files::root().join("docs/troubleshooting.md"))?;
    let (_, table) = guide.split_once("## What the lines mean").context("no list of lines")?;
    let missing: Vec<_> =
        complaints()?.into_iter().filter(|line| !table.contains(&format!("`{line}`"))).collect();
    ensure!(missing.is_empty(), "docs/troubleshooting.md says nothing of {missing:#?}");
    Ok(())
}
