//! Links of the pages lead somewhere: to files that are there, and to headings that are in them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use jit_runners_witnesses::files;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::all::pages;

/// What GitHub makes of the headings of a page, to link to.
fn anchors(markdown: &str) -> BTreeSet<String> {
    let (mut anchors, mut heading) = (BTreeSet::new(), None::<String>);
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => drop(heading.take().map(|title| anchors.insert(slug(&title)))),
            Event::Text(words) | Event::Code(words) => {
                if let Some(title) = &mut heading {
                    title.push_str(&words);
                }
            }
            _ => {}
        }
    }
    anchors
}

/// Lower case, blanks as hyphens, and no punctuation.
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
    for page in pages()? {
        let text = fs::read_to_string(files::root().join(&page))?;
        for link in links(&text) {
            checked += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let folder = Path::new(&page).parent().context("a page without a folder")?;
            let target = if path.is_empty() { PathBuf::from(&page) } else { plain(&folder.join(path)) };
            let file = files::root().join(&target);
            let leads = match anchor {
                "" => file.exists(),
                _ => fs::read_to_string(&file).is_ok_and(|text| anchors(&text).contains(anchor)),
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
    let page = "# What is real, and what stands in\n\n## `a_b` & Co.\n";
    let expected = ["what-is-real-and-what-stands-in", "a_b--co"].map(str::to_owned);
    assert_eq!(anchors(page), BTreeSet::from(expected));
}
