//! Changes files, all or none.
//!
//! A file is written beside its place and then renamed into it, so nobody ever sees half of one. Everything is
//! written before anything is renamed; if a rename fails, those before it are taken back.
#![expect(clippy::disallowed_methods, reason = "this is the one place that changes files")]

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use jit_runners_emit::GeneratedFile;
use tempfile::NamedTempFile;

use super::{DiskError, exists, look};
use crate::fixes::{self, Action, Fix};

/// A copy of a file that no earlier run wrote as it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    /// The file's path in the output folder.
    pub of: String,
    /// The copy's path in the output folder.
    pub at: String,
}

/// Does what `fixes` say in the folder `out`, then looks again and expects nothing more to do for `generated`.
/// What other people wrote stays as a copy named `<file>.orig` when it is replaced or removed.
pub(crate) fn apply(out: &Path, fixes: &[Fix], generated: &[GeneratedFile]) -> Result<Vec<Copy>, DiskError> {
    let mut change = Change::default();
    let copies = change.stage(out, fixes).and_then(|(copies, steps)| change.commit(out, copies, steps));
    match copies {
        Ok(copies) => {
            let again = fixes::needed(generated, &look(out, generated)?);
            match again.into_iter().find(|fix| fix.action != Action::Keep) {
                None => Ok(copies),
                Some(fix) => Err(DiskError::Unsettled { path: out.join(fix.path) }),
            }
        }
        Err(error) => {
            change.take_back();
            Err(error)
        }
    }
}

/// Writes `files`, all or none, whatever stands there. Where there is a link to a file, that file is written.
pub(crate) fn write_all(files: &[(&Path, &str)]) -> Result<(), DiskError> {
    let staged =
        files.iter().map(|(path, contents)| Step::overwrite(path, contents)).collect::<Result<_, _>>()?;
    let mut change = Change::default();
    let done = change.put_in_place(staged);
    if done.is_err() {
        change.take_back();
    }
    done
}

/// Changes that can be taken back until the last of them is done.
#[derive(Default)]
struct Change {
    folders: Vec<PathBuf>,
    /// What stood at each path before, if anything.
    before: Vec<(PathBuf, Option<Vec<u8>>)>,
}

/// What becomes of one path. The text is already on disk, beside its place.
struct Step {
    path: PathBuf,
    /// What stands there, if anything.
    old: Option<Vec<u8>>,
    /// What shall stand there, if anything.
    new: Option<NamedTempFile>,
}

/// A copy that is already on disk, beside its place.
struct StagedCopy<'a> {
    of: &'a str,
    copy: NamedTempFile,
}

impl Step {
    fn overwrite(path: &Path, contents: &str) -> Result<Self, DiskError> {
        let refuse = |source| DiskError::Write { path: path.to_owned(), source };
        let path = match path.canonicalize() {
            Err(error) if error.kind() == io::ErrorKind::NotFound && exists(path) => {
                return Err(DiskError::LeadsNowhere { path: path.to_owned() });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            found => found.map_err(refuse)?,
        };
        let old = match path.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Ok(metadata) if metadata.is_dir() => return Err(refuse(io::ErrorKind::IsADirectory.into())),
            // Reading a pipe could take forever.
            Ok(metadata) if !metadata.is_file() => {
                return Err(refuse(io::Error::other("it is not a plain file")));
            }
            _ => Some(fs::read(&path).map_err(|source| DiskError::Read { path: path.clone(), source })?),
        };
        let new = Some(stage(&path, contents.as_bytes())?);
        Ok(Self { path, old, new })
    }
}

impl Change {
    /// Writes everything that will be needed under temporary names, and changes no file that is in use.
    fn stage<'a>(
        &mut self,
        out: &Path,
        fixes: &'a [Fix],
    ) -> Result<(Vec<StagedCopy<'a>>, Vec<Step>), DiskError> {
        let mut copies = Vec::new();
        let mut steps = Vec::new();
        for fix in fixes {
            let path = out.join(&fix.path);
            let (old, new) = match &fix.action {
                Action::Create { new } => (None, Some(new)),
                Action::Replace { old, new, .. } => (Some(old.clone()), Some(new)),
                Action::Remove { old, .. } => (Some(old.clone()), None),
                Action::Keep => continue,
            };
            if new.is_some() {
                self.make_folder(path.parent().unwrap_or(out))?;
            }
            let new = new.map(|new| stage(&path, new.as_bytes())).transpose()?;
            if let Some((old, _)) = fix.action.lost() {
                copies.push(StagedCopy { of: &fix.path, copy: stage(&path, old)? });
            }
            steps.push(Step { path, old, new });
        }
        Ok((copies, steps))
    }

    /// Puts everything in its place; copies first, so that nothing is ever missing.
    fn commit(
        &mut self,
        out: &Path,
        copies: Vec<StagedCopy<'_>>,
        steps: Vec<Step>,
    ) -> Result<Vec<Copy>, DiskError> {
        let copies = copies
            .into_iter()
            .map(|StagedCopy { of, copy }| {
                Ok(Copy { of: of.to_owned(), at: self.persist_copy(out, of, copy)? })
            })
            .collect::<Result<_, DiskError>>()?;
        self.put_in_place(steps)?;
        Ok(copies)
    }

    fn put_in_place(&mut self, steps: Vec<Step>) -> Result<(), DiskError> {
        for Step { path, old, new } in steps {
            match new {
                Some(new) => new.persist(&path).map(drop).map_err(|error| error.error),
                None => fs::remove_file(&path),
            }
            .map_err(|source| DiskError::Write { path: path.clone(), source })?;
            self.before.push((path, old));
        }
        Ok(())
    }

    /// Names the copy of `path`: `.orig`, or with a number if there is one already.
    fn persist_copy(&mut self, out: &Path, path: &str, mut copy: NamedTempFile) -> Result<String, DiskError> {
        for number in 1_u32.. {
            let suffix = if number == 1 { ".orig".to_owned() } else { format!(".orig.{number}") };
            let at = format!("{path}{suffix}");
            match copy.persist_noclobber(out.join(&at)) {
                Ok(_) => {
                    self.before.push((out.join(&at), None));
                    return Ok(at);
                }
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => copy = error.file,
                Err(error) => return Err(DiskError::Write { path: out.join(at), source: error.error }),
            }
        }
        Err(DiskError::Unsettled { path: out.join(path) })
    }

    fn make_folder(&mut self, folder: &Path) -> Result<(), DiskError> {
        let missing: Vec<_> =
            folder.ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.is_dir()).collect();
        for folder in missing.into_iter().rev() {
            match fs::create_dir(folder) {
                Ok(()) => self.folders.push(folder.to_owned()),
                // Somebody else was quicker, or it is spelled in two ways.
                Err(_) if folder.is_dir() => {}
                Err(source) => return Err(DiskError::Write { path: folder.to_owned(), source }),
            }
        }
        Ok(())
    }

    /// Restores what can be restored. The failure that led here is reported, and none from here.
    fn take_back(self) {
        for (path, old) in self.before.into_iter().rev() {
            let _ = match old {
                Some(old) => stage(&path, &old).map(|file| file.persist(&path).is_ok()).is_ok(),
                None => fs::remove_file(&path).is_ok(),
            };
        }
        for folder in self.folders.into_iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A new file with these `contents` beside `path`; it vanishes unless it is renamed.
fn stage(path: &Path, contents: &[u8]) -> Result<NamedTempFile, DiskError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".jit-runners-");
    // Temporary files are private by default, but these become files like any other: the umask decides.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder).and_then(|mut file| file.write_all(contents).map(|()| file)).map_err(
        |source| match source.kind() {
            io::ErrorKind::NotFound => {
                DiskError::NoFolder { path: path.to_owned(), folder: folder.to_owned() }
            }
            _ => DiskError::Write { path: path.to_owned(), source },
        },
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::manifest;

    fn file(path: &str, contents: &str) -> GeneratedFile {
        GeneratedFile { path: path.to_owned(), contents: contents.to_owned() }
    }

    fn generate(out: &Path, files: &[GeneratedFile]) -> Result<Vec<Copy>, DiskError> {
        apply(out, &fixes::needed(files, &look(out, files)?), files)
    }

    /// Every file below `folder` with its text, sorted.
    fn tree(folder: &Path) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                    found.insert(name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned());
                }
            }
        }
        found
    }

    #[test]
    fn writes_what_is_missing_and_leaves_the_rest_alone() {
        let temporary = tempfile::tempdir().unwrap();
        let out = temporary.path().join("new/out");
        let files = [file("a.tf", "1\n"), file("sub/b.tf", "2\n")];
        assert_eq!(generate(&out, &files).unwrap(), []);
        fs::write(out.join("sub/terraform.tfvars"), "mine").unwrap();
        let before = fs::metadata(out.join("a.tf")).unwrap().modified().unwrap();
        let identity = same_file(&out.join("a.tf"));
        generate(&out, &[file("a.tf", "1\n"), file("sub/b.tf", "3\n")]).unwrap();
        assert_eq!(fs::metadata(out.join("a.tf")).unwrap().modified().unwrap(), before);
        assert_eq!(same_file(&out.join("a.tf")), identity);
        let found = tree(&out);
        assert_eq!(found["sub/b.tf"], "3\n");
        assert_eq!(found["sub/terraform.tfvars"], "mine");
        assert_eq!(found.len(), 4, "{found:?}");
    }

    #[cfg(unix)]
    fn same_file(path: &Path) -> u64 {
        std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).unwrap())
    }

    #[cfg(unix)]
    #[test]
    fn files_can_be_read_by_everybody_whom_the_umask_allows() {
        use std::os::unix::fs::PermissionsExt as _;
        let temporary = tempfile::tempdir().unwrap();
        fs::write(temporary.path().join("usual"), "").unwrap();
        generate(temporary.path(), &[file("a.tf", "1\n")]).unwrap();
        let mode = |name| fs::metadata(temporary.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode("a.tf"), mode("usual"));
    }

    #[test]
    fn what_somebody_wrote_stays_as_a_copy() {
        let temporary = tempfile::tempdir().unwrap();
        let out = temporary.path();
        fs::write(out.join("theirs.tf"), "theirs").unwrap();
        fs::write(out.join("theirs.tf.orig"), "older").unwrap();
        let copies =
            generate(out, &[file("theirs.tf", "ours\n"), file("b.tf", "1\n"), file("c.tf", "1\n")]).unwrap();
        assert_eq!(copies, [Copy { of: "theirs.tf".into(), at: "theirs.tf.orig.2".into() }]);
        fs::write(out.join("b.tf"), b"edited \xff").unwrap();
        fs::write(out.join("c.tf"), "edited").unwrap();
        let copies = generate(out, &[file("b.tf", "2\n")]).unwrap();
        assert_eq!(
            copies.iter().map(|copy| copy.at.as_str()).collect::<Vec<_>>(),
            ["b.tf.orig", "c.tf.orig"]
        );
        assert_eq!(fs::read(out.join("b.tf.orig")).unwrap(), b"edited \xff");
        let found = tree(out);
        assert_eq!(found["c.tf.orig"], "edited");
        assert_eq!(found["theirs.tf.orig"], "older");
        assert_eq!(found["theirs.tf.orig.2"], "theirs");
        assert!(!found.contains_key("c.tf") && !found.contains_key("theirs.tf"), "{found:?}");
    }

    #[test]
    fn a_failure_while_staging_changes_nothing() {
        let temporary = tempfile::tempdir().unwrap();
        let out = temporary.path().join("out");
        generate(&out, &[file("a.tf", "1\n")]).unwrap();
        fs::write(out.join("blocked"), "a file").unwrap();
        let before = tree(&out);
        let files = [file("a.tf", "2\n"), file("new/folder/b.tf", "2\n"), file("z/deep/c.tf", "2\n")];
        let needed = fixes::needed(&files, &look(&out, &files).unwrap());
        // As if `z` had become a file since.
        fs::write(out.join("z"), "").unwrap();
        assert!(matches!(apply(&out, &needed, &files), Err(DiskError::Write { .. })));
        fs::remove_file(out.join("z")).unwrap();
        assert_eq!(tree(&out), before);
        assert!(!out.join("new").exists());
    }

    #[test]
    fn a_failure_while_renaming_is_taken_back() {
        let temporary = tempfile::tempdir().unwrap();
        let out = temporary.path();
        generate(out, &[file("a.tf", "1\n"), file("b.tf", "1\n")]).unwrap();
        fs::write(out.join("b.tf"), "edited").unwrap();
        let before = tree(out);
        let files = [file("a.tf", "2\n"), file("b.tf", "2\n"), file("c.tf", "2\n")];
        let needed = fixes::needed(&files, &look(out, &files).unwrap());
        // As if a folder had come to stand where the last file goes.
        fs::create_dir(out.join("c.tf")).unwrap();
        assert!(matches!(apply(out, &needed, &files), Err(DiskError::Write { .. })));
        assert_eq!(tree(out), before);
    }

    #[test]
    fn files_are_overwritten_all_or_none() {
        let temporary = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| temporary.path().join(name));
        fs::write(&a, "old").unwrap();
        let steps = ["1", "2"]
            .iter()
            .zip([&a, &b])
            .map(|(text, path)| Step::overwrite(path, text).unwrap())
            .collect();
        // As if a folder had come to stand where the last file goes.
        fs::create_dir_all(b.join("full")).unwrap();
        let mut change = Change::default();
        assert!(matches!(change.put_in_place(steps), Err(DiskError::Write { .. })));
        assert_eq!(fs::read_to_string(&a).unwrap(), "1");
        change.take_back();
        assert_eq!(tree(temporary.path()), [("a".to_owned(), "old".to_owned())].into());
        assert!(matches!(write_all(&[(&a, "1"), (&b, "2")]), Err(DiskError::Write { .. })));
        assert_eq!(fs::read_to_string(&a).unwrap(), "old");
    }

    #[test]
    fn a_folder_that_came_to_be_meanwhile_is_fine() {
        let temporary = tempfile::tempdir().unwrap();
        let mut change = Change::default();
        // `a/..` is a folder as soon as `a` is.
        change.make_folder(&temporary.path().join("a/../b")).unwrap();
        assert!(temporary.path().join("b").is_dir());
        change.take_back();
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_used_is_told_before_anything_changes() {
        let temporary = tempfile::tempdir().unwrap();
        let out = temporary.path().join("out");
        fs::write(&out, "a file").unwrap();
        assert!(matches!(generate(&out, &[file("a", "1")]), Err(DiskError::NotAFolder { .. })));
        fs::remove_file(&out).unwrap();
        fs::create_dir_all(out.join("a")).unwrap();
        assert!(matches!(generate(&out, &[file("a", "1")]), Err(DiskError::Read { .. })));
        fs::remove_dir(out.join("a")).unwrap();
        fs::write(out.join(manifest::PATH), "{").unwrap();
        assert!(matches!(generate(&out, &[file("a", "1")]), Err(DiskError::Manifest { .. })));
        assert_eq!(tree(&out).len(), 1);
    }
}
