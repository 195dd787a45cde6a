//! What would have to change on disk, decided without touching it.

use std::collections::BTreeMap;

use jit_runners_emit::GeneratedFile;

use crate::manifest::{self, Manifest};

/// What stands on disk now.
#[derive(Debug, Default)]
pub(crate) struct OutputFolder {
    /// What an earlier run wrote.
    pub manifest: Manifest,
    /// The contents of each file that the manifest or the new run knows, by path in the output folder.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// What to do about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fix {
    /// Its path in the output folder.
    pub path: String,
    /// What to do.
    pub action: Action,
}

/// What to do about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// It is not there: write it.
    Create {
        /// What it shall hold.
        new: String,
    },
    /// It holds something else: write it.
    Replace {
        /// What it holds.
        old: Vec<u8>,
        /// Where that comes from.
        origin: Origin,
        /// What it shall hold.
        new: String,
    },
    /// An earlier run wrote it, and it is no longer needed: remove it.
    Remove {
        /// What it holds.
        old: Vec<u8>,
        /// Where that comes from.
        origin: Origin,
    },
    /// It is as it should be.
    Keep,
}

/// Where the contents of a file on disk come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// An earlier run wrote it. It can be made again, so it may go.
    Generated,
    /// Somebody edited what an earlier run wrote. It is kept as a copy.
    Edited,
    /// No run of this command wrote it. It is kept as a copy.
    Foreign,
}

impl Action {
    /// What is on disk and would be lost, if no earlier run wrote it.
    pub(crate) const fn lost(&self) -> Option<(&Vec<u8>, Origin)> {
        match self {
            Self::Replace { old, origin: origin @ (Origin::Edited | Origin::Foreign), .. }
            | Self::Remove { old, origin: origin @ (Origin::Edited | Origin::Foreign) } => {
                Some((old, *origin))
            }
            Self::Replace { origin: Origin::Generated, .. }
            | Self::Remove { origin: Origin::Generated, .. }
            | Self::Create { .. }
            | Self::Keep => None,
        }
    }
}

/// One fix for each file that is generated now or was generated earlier, in the order of their paths; the manifest,
/// which says that all others are done, is last.
pub(crate) fn needed(generated: &[GeneratedFile], folder: &OutputFolder) -> Vec<Fix> {
    let wanted: BTreeMap<&str, &GeneratedFile> =
        generated.iter().map(|file| (file.path.as_str(), file)).collect();
    let leftovers = folder.manifest.paths().filter(|path| !wanted.contains_key(path));
    let mut fixes: Vec<_> = wanted
        .values()
        .map(|file| write(file, folder))
        .chain(leftovers.filter_map(|path| remove(path, folder)))
        .collect();
    fixes.sort_by(|one, other| one.path.cmp(&other.path));
    fixes.push(write(&Manifest::of(generated).to_file(), folder));
    fixes
}

fn write(file: &GeneratedFile, folder: &OutputFolder) -> Fix {
    let new = file.contents.clone();
    let action = match folder.files.get(&file.path) {
        None => Action::Create { new },
        Some(old) if *old == file.contents.as_bytes() => Action::Keep,
        Some(old) => Action::Replace { old: old.clone(), origin: origin(&file.path, old, folder), new },
    };
    Fix { path: file.path.clone(), action }
}

fn remove(path: &str, folder: &OutputFolder) -> Option<Fix> {
    let old = folder.files.get(path)?.clone();
    let origin = origin(path, &old, folder);
    Some(Fix { path: path.to_owned(), action: Action::Remove { old, origin } })
}

fn origin(path: &str, contents: &[u8], folder: &OutputFolder) -> Origin {
    if path == manifest::PATH || folder.manifest.is_as_written(path, contents) {
        Origin::Generated
    } else if folder.manifest.knows(path) {
        Origin::Edited
    } else {
        Origin::Foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, contents: &str) -> GeneratedFile {
        GeneratedFile { path: path.to_owned(), contents: contents.to_owned() }
    }

    fn folder(written: &[GeneratedFile], files: &[(&str, &str)]) -> OutputFolder {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        OutputFolder { manifest: Manifest::of(written), files }
    }

    fn action(fixes: &[Fix], path: &str) -> Action {
        fixes.iter().find(|fix| fix.path == path).unwrap().action.clone()
    }

    #[test]
    fn every_case() {
        let written =
            ["same", "old", "edited", "left", "left-edited", "left-gone"].map(|path| file(path, "1"));
        let wanted = ["same", "old", "edited", "new", "strange", "adopted"]
            .map(|path| file(path, if path == "same" || path == "adopted" { "1" } else { "2" }));
        let disk = folder(
            &written,
            &[
                ("same", "1"),
                ("old", "1"),
                ("edited", "mine"),
                ("strange", "other"),
                ("adopted", "1"),
                ("left", "1"),
                ("left-edited", "mine"),
            ],
        );
        let fixes = needed(&wanted, &disk);
        let new = || "2".to_owned();
        assert_eq!(action(&fixes, "same"), Action::Keep);
        assert_eq!(action(&fixes, "adopted"), Action::Keep);
        assert_eq!(action(&fixes, "new"), Action::Create { new: new() });
        assert_eq!(
            action(&fixes, "old"),
            Action::Replace { old: b"1".into(), origin: Origin::Generated, new: new() }
        );
        assert_eq!(
            action(&fixes, "edited"),
            Action::Replace { old: b"mine".into(), origin: Origin::Edited, new: new() }
        );
        assert_eq!(
            action(&fixes, "strange"),
            Action::Replace { old: b"other".into(), origin: Origin::Foreign, new: new() }
        );
        assert_eq!(action(&fixes, "left"), Action::Remove { old: b"1".into(), origin: Origin::Generated });
        assert_eq!(
            action(&fixes, "left-edited"),
            Action::Remove { old: b"mine".into(), origin: Origin::Edited }
        );
        assert_eq!(fixes.len(), 9);
        assert_eq!(fixes.last().unwrap().path, manifest::PATH);
    }

    #[test]
    fn what_was_applied_needs_nothing_more() {
        let files = [file("a", "1"), file("b/c", "2")];
        let manifest = Manifest::of(&files).to_file();
        let disk = folder(&files, &[("a", "1"), ("b/c", "2"), (manifest::PATH, &manifest.contents)]);
        assert!(needed(&files, &disk).iter().all(|fix| fix.action == Action::Keep));
    }
}
