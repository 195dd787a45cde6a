//! Links in the pages are valid: the files exist, and so do the headings.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use jit_runners_witnesses::files;
use pulldown_cmark::{Event, Parser, Tag};

use super::{all::pages, guide::Guide};

/// The anchors that GitHub makes from the headings of a page.
fn anchors(page: &Guide) -> BTreeSet<String> {
    page.headings.iter().map(|title| slug(title)).collect()
}

/// Lower case, with hyphens for blanks, and without punctuation.
fn slug(title: &str) -> String {
    let kept = title.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
}

fn links(markdown: &str) -> Vec<String> {
    let targets = Parser::new(markdown).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.to_string()),
        _ => None,
    });
    targets.filter(|target| !target.contains("://")).collect()
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
        plain
    })
}

#[test]
fn every_link_leads_somewhere() -> Result<()> {
    let (mut checked, mut broken) = (0, Vec::new());
    let pages = pages()?;
    let anchors: BTreeMap<_, _> = pages
        .iter()
        .map(|page| Ok((PathBuf::from(page), anchors(&Guide::open(page)?))))
        .collect::<Result<_>>()?;
    for page in &pages {
        let text = fs::read_to_string(files::root().join(page))?;
        for link in links(&text) {
            checked += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let folder = Path::new(page).parent().context("a page without a folder")?;
            let target = if path.is_empty() { PathBuf::from(page) } else { plain(&folder.join(path)) };
            let leads = match anchor {
                "" => files::root().join(&target).exists(),
                _ => anchors.get(&target).is_some_and(|there| there.contains(anchor)),
            };
            if !leads {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    ensure!(checked > 100, "only {checked} links were found");
    ensure!(broken.is_empty(), "links that lead nowhere: {broken:#?}");
    Ok(())
}

#[test]
fn headings_are_linked_to_as_github_does() {
    let page = Guide::parse("p.md", "# What is real, and what stands in\n\n## `a_b` & Co.\n").unwrap();
    let expected = ["what-is-real-and-what-stands-in", "a_b--co"].map(str::to_owned);
    assert_eq!(anchors(&page), BTreeSet::from(expected));
}
