//! What would have to change on disk, decided without touching it.

use std::collections::BTreeMap;

use jit_runners_emit::GeneratedFile;

use crate::manifest::{self, Manifest};

/// What stands on disk now.
#[derive(Debug, Default)]
pub(crate) struct OnDisk {
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
        /// Who wrote that.
        by: Author,
        /// What it shall hold.
        new: String,
    },
    /// An earlier run wrote it, and it is no longer needed: remove it.
    Remove {
        /// What it holds.
        old: Vec<u8>,
        /// Who wrote that.
        by: Author,
    },
    /// It is as it should be.
    Keep,
}

/// Who wrote what stands on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    /// An earlier run. It can be made again, so it may go.
    Us,
    /// Somebody edited what an earlier run wrote. It is kept as a copy.
    Editor,
    /// No run of ours. It is kept as a copy.
    Stranger,
}

impl Action {
    /// What is on disk and would be lost, if somebody else than us wrote it.
    pub(crate) const fn endangered(&self) -> Option<(&Vec<u8>, Author)> {
        match self {
            Self::Replace { old, by: by @ (Author::Editor | Author::Stranger), .. }
            | Self::Remove { old, by: by @ (Author::Editor | Author::Stranger) } => Some((old, *by)),
            Self::Replace { by: Author::Us, .. }
            | Self::Remove { by: Author::Us, .. }
            | Self::Create { .. }
            | Self::Keep => None,
        }
    }
}

/// One fix for each file that is generated now or was generated earlier, in the order of their paths; the manifest,
/// which says that all others are done, is last.
pub(crate) fn plan(generated: &[GeneratedFile], on_disk: &OnDisk) -> Vec<Fix> {
    let wanted: BTreeMap<&str, &GeneratedFile> =
        generated.iter().map(|file| (file.path.as_str(), file)).collect();
    let leftovers = on_disk.manifest.paths().filter(|path| !wanted.contains_key(path));
    let mut fixes: Vec<_> = wanted
        .values()
        .map(|file| write(file, on_disk))
        .chain(leftovers.filter_map(|path| remove(path, on_disk)))
        .collect();
    fixes.sort_by(|one, other| one.path.cmp(&other.path));
    fixes.push(write(&Manifest::of(generated).to_file(), on_disk));
    fixes
}

fn write(file: &GeneratedFile, on_disk: &OnDisk) -> Fix {
    let new = file.contents.clone();
    let action = match on_disk.files.get(&file.path) {
        None => Action::Create { new },
        Some(old) if *old == file.contents.as_bytes() => Action::Keep,
        Some(old) => Action::Replace { old: old.clone(), by: author(&file.path, old, on_disk), new },
    };
    Fix { path: file.path.clone(), action }
}

fn remove(path: &str, on_disk: &OnDisk) -> Option<Fix> {
    let old = on_disk.files.get(path)?.clone();
    let by = author(path, &old, on_disk);
    Some(Fix { path: path.to_owned(), action: Action::Remove { old, by } })
}

fn author(path: &str, contents: &[u8], on_disk: &OnDisk) -> Author {
    if path == manifest::PATH || on_disk.manifest.is_as_written(path, contents) {
        Author::Us
    } else if on_disk.manifest.knows(path) {
        Author::Editor
    } else {
        Author::Stranger
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, contents: &str) -> GeneratedFile {
        GeneratedFile { path: path.to_owned(), contents: contents.to_owned() }
    }

    fn on_disk(written: &[GeneratedFile], files: &[(&str, &str)]) -> OnDisk {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        OnDisk { manifest: Manifest::of(written), files }
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
        let disk = on_disk(
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
        let fixes = plan(&wanted, &disk);
        let new = || "2".to_owned();
        assert_eq!(action(&fixes, "same"), Action::Keep);
        assert_eq!(action(&fixes, "adopted"), Action::Keep);
        assert_eq!(action(&fixes, "new"), Action::Create { new: new() });
        assert_eq!(action(&fixes, "old"), Action::Replace { old: b"1".into(), by: Author::Us, new: new() });
        assert_eq!(
            action(&fixes, "edited"),
            Action::Replace { old: b"mine".into(), by: Author::Editor, new: new() }
        );
        assert_eq!(
            action(&fixes, "strange"),
            Action::Replace { old: b"other".into(), by: Author::Stranger, new: new() }
        );
        assert_eq!(action(&fixes, "left"), Action::Remove { old: b"1".into(), by: Author::Us });
        assert_eq!(action(&fixes, "left-edited"), Action::Remove { old: b"mine".into(), by: Author::Editor });
        assert_eq!(fixes.len(), 9);
        assert_eq!(fixes.last().unwrap().path, manifest::PATH);
    }

    #[test]
    fn what_was_applied_needs_nothing_more() {
        let files = [file("a", "1"), file("b/c", "2")];
        let manifest = Manifest::of(&files).to_file();
        let disk = on_disk(&files, &[("a", "1"), ("b/c", "2"), (manifest::PATH, &manifest.contents)]);
        assert!(plan(&files, &disk).iter().all(|fix| fix.action == Action::Keep));
    }
}
