//! The files of a Terraform module.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use jit_runners_check::{Beside, FileRole, MAX_PLAN_BYTES, OtherFiles, SourceFile};
use jit_runners_yaml::MAX_BYTES;

use super::{DiskError, read};

/// Files of a module, at most.
const MOST_FILES: usize = 500;
/// Bytes of a module, at most.
const MOST_BYTES: usize = 16 * MAX_BYTES;

/// The `*.tf` files in `folder`, sorted by name, and the values beside them; each at most one byte longer than a reader takes.
pub(crate) fn terraform_files(folder: &Path) -> Result<Vec<SourceFile>, DiskError> {
    let Names { mut parts, overrides, values } = names(folder)?;
    if let Some(path) = overrides.into_iter().next() {
        return Err(DiskError::OutsideTheSubset { path });
    }
    parts.extend(values);
    read_all(folder, &parts)
}

/// The `*.tf` files in `folder`: those whose names `is_own` knows, and those that somebody else put beside them.
pub(crate) fn generated_module(
    folder: &Path,
    is_own: impl Fn(&str) -> bool,
) -> Result<(Vec<SourceFile>, OtherFiles), DiskError> {
    // Values for the generated module are those of whoever deploys it.
    let Names { parts, overrides, values: _ } = names(folder)?;
    let is_own = |path: &PathBuf| path.file_name().and_then(OsStr::to_str).is_some_and(&is_own);
    let (own, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(is_own);
    let own = read_all(folder, &own)?;
    let others = OtherFiles {
        parts: read_all(folder, &others)?,
        overrides: read_all(folder, &overrides)?,
        beside: beside(folder),
    };
    Ok((own, others))
}

/// The files in the folder of a module and below it. They are read when somebody asks for them.
pub(crate) fn beside(folder: &Path) -> Beside {
    let (root, same_root) = (folder.to_owned(), folder.to_owned());
    let read = move |path: &str| {
        let file = inside(&root, path).filter(|file| file.is_file())?;
        read(&file, MAX_BYTES).ok().filter(|bytes| bytes.len() <= MAX_BYTES)
    };
    let list = move |path: &str| {
        let mut names = Vec::new();
        for entry in fs::read_dir(inside(&same_root, path)?).ok()? {
            let entry = entry.ok()?;
            // A folder is no part of a module, whatever it is called.
            if entry.file_type().is_ok_and(|kind| !kind.is_dir()) {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        Some(names)
    };
    Beside::new(read, list)
}

/// What stands at `path` below `root`. What a link leads out of the folder to, is not there.
fn inside(root: &Path, path: &str) -> Option<PathBuf> {
    let root = root.canonicalize().ok()?;
    root.join(path).canonicalize().ok().filter(|found| found.starts_with(&root))
}

/// The files of a module, sorted by name.
struct Names {
    parts: Vec<PathBuf>,
    overrides: Vec<PathBuf>,
    values: Vec<PathBuf>,
}

fn names(folder: &Path) -> Result<Names, DiskError> {
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => DiskError::NoModuleFolder { path: folder.to_owned() },
        io::ErrorKind::NotADirectory if folder.is_file() => DiskError::NotAFolder { path: folder.to_owned() },
        _ => DiskError::Read { path: folder.to_owned(), source },
    };
    let (mut parts, mut overrides, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut outside = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let path = folder.join(&name);
        match (FileRole::of(&name.to_string_lossy()), name.to_str()) {
            (FileRole::Part, Some(_)) => parts.push(path),
            (FileRole::Override, Some(_)) => overrides.push(path),
            (FileRole::Values, Some(_)) => values.push(path),
            (FileRole::Part | FileRole::Override | FileRole::Values, None) => {
                outside.push(DiskError::NameNotText { path });
            }
            (FileRole::Outside, _) => outside.push(DiskError::OutsideTheSubset { path }),
            (FileRole::Other, _) => {}
        }
    }
    // Folders have no order; the message must not change from run to run.
    outside.sort_by_key(ToString::to_string);
    if let Some(first) = outside.into_iter().next() {
        return Err(first);
    }
    if parts.is_empty() {
        return Err(DiskError::NoModule { path: folder.to_owned() });
    }
    if parts.len() + overrides.len() + values.len() > MOST_FILES {
        return Err(DiskError::TooManyFiles { path: folder.to_owned(), most: MOST_FILES });
    }
    parts.sort();
    overrides.sort();
    values.sort();
    Ok(Names { parts, overrides, values })
}

fn read_all(folder: &Path, paths: &[PathBuf]) -> Result<Vec<SourceFile>, DiskError> {
    let mut bytes = 0;
    let mut files = Vec::new();
    for path in paths {
        // Reading a pipe could take forever. What is a folder, or not there, reading says better.
        if path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            let source = io::Error::other("it is not a plain file");
            return Err(DiskError::Read { path: path.clone(), source });
        }
        let file = source_file(path)?;
        bytes += file.bytes.len();
        if bytes > MOST_BYTES {
            return Err(DiskError::TooManyBytes { path: folder.to_owned(), most: MOST_BYTES });
        }
        files.push(file);
    }
    Ok(files)
}

/// The file at `path`, at most one byte longer than a reader takes.
pub(crate) fn source_file(path: &Path) -> Result<SourceFile, DiskError> {
    up_to(path, MAX_BYTES)
}

/// The plan at `path`, at most one byte longer than its reader takes.
pub(crate) fn plan_file(path: &Path) -> Result<SourceFile, DiskError> {
    up_to(path, MAX_PLAN_BYTES)
}

fn up_to(path: &Path, most: usize) -> Result<SourceFile, DiskError> {
    Ok(SourceFile::new(path.display().to_string(), read(path, most)?))
}
