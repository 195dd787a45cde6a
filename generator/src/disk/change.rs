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

use tempfile::NamedTempFile;

use super::{DiskError, look};
use crate::{
    GeneratedFile,
    plan::{Action, Fix, plan},
};

/// A copy that was made of what somebody else wrote.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    /// The file's path in the output folder.
    pub of: String,
    /// The copy's path in the output folder.
    pub at: String,
}

/// Does what `fixes` say in the folder `out`, then looks again and expects nothing more to do for `generated`.
/// Where something of somebody else's is replaced or removed, it stays as a copy named `<file>.orig`.
pub(crate) fn apply(out: &Path, fixes: &[Fix], generated: &[GeneratedFile]) -> Result<Vec<Copy>, DiskError> {
    let mut change = Change::default();
    let copies = change.stage(out, fixes).and_then(|staged| change.commit(out, staged));
    match copies {
        Ok(copies) => {
            let again = plan(generated, &look(out, generated)?);
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

/// Writes one file, whatever stands there.
pub(crate) fn write(path: &Path, contents: &str) -> Result<(), DiskError> {
    let staged = stage(path, contents.as_bytes())?;
    staged.persist(path).map_err(|error| DiskError::Write { path: path.to_owned(), source: error.error })?;
    Ok(())
}

/// Changes that can be taken back until the last of them is done.
#[derive(Default)]
struct Change {
    folders: Vec<PathBuf>,
    /// What stood at each path before, if anything.
    before: Vec<(PathBuf, Option<Vec<u8>>)>,
}

/// A fix whose text is already on disk, beside its place.
struct Staged<'a> {
    fix: &'a Fix,
    new: Option<NamedTempFile>,
    copy: Option<NamedTempFile>,
}

impl Change {
    /// Writes everything that will be needed, and changes nothing that anybody knows.
    fn stage<'a>(&mut self, out: &Path, fixes: &'a [Fix]) -> Result<Vec<Staged<'a>>, DiskError> {
        let mut staged = Vec::new();
        for fix in fixes {
            let path = out.join(&fix.path);
            let new = match &fix.action {
                Action::Create { new } | Action::Replace { new, .. } => Some(new),
                Action::Remove { .. } => None,
                Action::Keep => continue,
            };
            if new.is_some() {
                self.make_folder(path.parent().unwrap_or(out))?;
            }
            let new = new.map(|new| stage(&path, new.as_bytes())).transpose()?;
            let copy = fix.action.endangered().map(|(old, _)| stage(&path, old)).transpose()?;
            staged.push(Staged { fix, new, copy });
        }
        Ok(staged)
    }

    /// Puts everything in its place; copies first, so that nothing is ever missing.
    fn commit(&mut self, out: &Path, mut staged: Vec<Staged<'_>>) -> Result<Vec<Copy>, DiskError> {
        let mut copies = Vec::new();
        for Staged { fix, copy, .. } in &mut staged {
            if let Some(copy) = copy.take() {
                let at = self.persist_copy(out, &fix.path, copy)?;
                copies.push(Copy { of: fix.path.clone(), at });
            }
        }
        for Staged { fix, new, .. } in staged {
            let path = out.join(&fix.path);
            let old = match &fix.action {
                Action::Replace { old, .. } | Action::Remove { old, .. } => Some(old.clone()),
                Action::Create { .. } | Action::Keep => None,
            };
            match new {
                Some(new) => new.persist(&path).map(drop).map_err(|error| error.error),
                None => fs::remove_file(&path),
            }
            .map_err(|source| DiskError::Write { path: path.clone(), source })?;
            self.before.push((path, old));
        }
        Ok(copies)
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
            folder.ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).map_err(|source| DiskError::Write { path: folder.to_owned(), source })?;
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }

    /// Restores what can be restored. A failure here cannot be told better than the one that led here.
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
    builder
        .tempfile_in(folder)
        .and_then(|mut file| file.write_all(contents).map(|()| file))
        .map_err(|source| DiskError::Write { path: path.to_owned(), source })
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
        apply(out, &plan(files, &look(out, files)?), files)
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
        let planned = plan(&files, &look(&out, &files).unwrap());
        // As if `z` had become a file since.
        fs::write(out.join("z"), "").unwrap();
        assert!(matches!(apply(&out, &planned, &files), Err(DiskError::Write { .. })));
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
        let planned = plan(&files, &look(out, &files).unwrap());
        // As if a folder had come to stand where the last file goes.
        fs::create_dir(out.join("c.tf")).unwrap();
        assert!(matches!(apply(out, &planned, &files), Err(DiskError::Write { .. })));
        assert_eq!(tree(out), before);
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
