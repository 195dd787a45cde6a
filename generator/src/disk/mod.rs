//! The only place that reads or writes files. Looking is here, changing in [`change`].

mod change;
mod module;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _},
    path::{Component, Path, PathBuf},
};

use jit_runners_emit::GeneratedFile;

pub(crate) use change::{apply, write_all};
pub(crate) use module::{beside, generated_module, plan_file, source_file, terraform_files};

use crate::{
    fixes::OutputFolder,
    manifest::{self, Manifest, ManifestError},
};

/// Why files could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiskError {
    /// It is there, or should be, and cannot be read.
    #[error("cannot read {}: {}", .path.display(), reason(.source))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write {}: {}", .path.display(), reason(.source))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Nobody made the folder that it goes into.
    #[error("cannot write {}: there is no folder {}; create it first", .path.display(), .folder.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// A link to nothing.
    #[error("cannot write {}: it is a link to something that is not there; remove the link", .path.display())]
    LeadsNowhere {
        /// The link.
        path: PathBuf,
    },
    /// A file stands where a folder is needed.
    #[error("{} is a file; name a folder, or move the file away", .path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The list of what an earlier run wrote is damaged.
    #[error(
        "cannot use {}: {source}; restore it, or delete it to have files that differ copied before they are replaced",
        .path.display()
    )]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: ManifestError,
    },
    /// A file that changes what the others say, or says it in JSON.
    #[error(
        "{} is outside what the check understands: it reads *.tf files without overrides; write what it says in one of them",
        .path.display()
    )]
    OutsideTheSubset {
        /// The file.
        path: PathBuf,
    },
    /// A file whose name no message could show.
    #[error("the name of {} is not UTF-8; rename the file", .path.display())]
    NameNotText {
        /// The file.
        path: PathBuf,
    },
    /// No folder where there should be a module.
    #[error("there is no folder {}; name the folder of the module", .path.display())]
    NoModuleFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A folder without a module.
    #[error("there is no *.tf file in {}; name the folder of the module", .path.display())]
    NoModule {
        /// The folder.
        path: PathBuf,
    },
    /// A folder with more files than a module has.
    #[error("{} has more than {most} *.tf files; is it the right folder?", .path.display())]
    TooManyFiles {
        /// The folder.
        path: PathBuf,
        /// How many would do.
        most: usize,
    },
    /// A folder with more text than a module has.
    #[error("the *.tf files in {} have more than {most} bytes together; is it the right folder?", .path.display())]
    TooManyBytes {
        /// The folder.
        path: PathBuf,
        /// How many would do.
        most: usize,
    },
    /// Somebody else wrote at the same time.
    #[error("{} changed while it was written; run the command again", .path.display())]
    Unsettled {
        /// The file.
        path: PathBuf,
    },
}

/// Says it in our words where the system's are of no help.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
        io::ErrorKind::NotADirectory => "a part of its path is a file, not a folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// The first bytes of the file at `path`, at most one more than `limit`, so that a larger one can be told.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, DiskError> {
    let mut bytes = Vec::new();
    match fs::File::open(path).and_then(|file| file.take(limit as u64 + 1).read_to_end(&mut bytes)) {
        Ok(_) => Ok(bytes),
        Err(error) => {
            // Whoever sees a name in the folder does not believe that there is no such file.
            let leads_nowhere = error.kind() == io::ErrorKind::NotFound && path.is_symlink();
            let source = if leads_nowhere {
                io::Error::other("it is a link to something that is not there")
            } else {
                error
            };
            Err(DiskError::Read { path: path.to_owned(), source })
        }
    }
}

/// Whether there is anything at `path`.
pub(crate) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The nearest file called `similar` here, or called `name` or `similar` in a folder above, as seen from here.
pub(crate) fn near(name: &str, similar: &str) -> Option<PathBuf> {
    if exists(Path::new(similar)) {
        return Some(PathBuf::from(similar));
    }
    // Without a known working directory, the folders above it are unknown too.
    let here = std::env::current_dir().ok()?;
    let mut up = PathBuf::new();
    here.ancestors().skip(1).find_map(|_| {
        up.push("..");
        [name, similar].into_iter().map(|name| up.join(name)).find(|path| exists(path))
    })
}

/// Whether the file at `path` holds `text` and nothing else.
pub(crate) fn holds(path: &Path, text: &str) -> bool {
    fs::read(path).is_ok_and(|bytes| bytes == text.as_bytes())
}

/// Whether both are the same file, even if they are not spelled the same.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    let same = || Some(one.canonicalize().ok()? == other.canonicalize().ok()?);
    one == other || same() == Some(true)
}

/// `folder` without parts that are not there and are left again at once: where there is no `a`, `a/../b` is `b`.
pub(crate) fn without_detours(folder: &Path) -> PathBuf {
    let mut direct = PathBuf::new();
    for part in folder.components() {
        let leaves = part == Component::ParentDir;
        if leaves && matches!(direct.components().next_back(), Some(Component::Normal(_))) && !exists(&direct)
        {
            direct.pop();
        } else {
            direct.push(part);
        }
    }
    if direct.as_os_str().is_empty() { PathBuf::from(".") } else { direct }
}

/// What stands in the output folder `out`, as far as an earlier run or the `generated` files are concerned.
pub(crate) fn look(out: &Path, generated: &[GeneratedFile]) -> Result<OutputFolder, DiskError> {
    if out.metadata().is_ok_and(|metadata| !metadata.is_dir()) {
        return Err(DiskError::NotAFolder { path: out.to_owned() });
    }
    let mut files = BTreeMap::new();
    let mut manifest = Manifest::default();
    if let Some(bytes) = find(out, manifest::PATH)? {
        manifest = Manifest::parse(&bytes)
            .map_err(|source| DiskError::Manifest { path: out.join(manifest::PATH), source })?;
        files.insert(manifest::PATH.to_owned(), bytes);
    }
    for path in manifest.paths().chain(generated.iter().map(|file| file.path.as_str())) {
        if let Some(bytes) = find(out, path)? {
            files.insert(path.to_owned(), bytes);
        }
    }
    Ok(OutputFolder { manifest, files })
}

fn find(out: &Path, path: &str) -> Result<Option<Vec<u8>>, DiskError> {
    let path = out.join(path);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DiskError::Read { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detours_through_what_is_not_there() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |path: &str| temporary.path().join(path);
        fs::create_dir(at("there")).unwrap();
        assert_eq!(without_detours(&at("q/../z")), at("z"));
        assert_eq!(without_detours(&at("q/r/../../there/z")), at("there/z"));
        assert_eq!(without_detours(&at("q/../../z")), at("../z"));
        // What is there may be a link, so only the system knows where `..` leads.
        assert_eq!(without_detours(&at("there/../z")), at("there/../z"));
        assert_eq!(without_detours(Path::new("..//a/")), Path::new("../a"));
        assert_eq!(without_detours(Path::new("no-such-folder/..")), Path::new("."));
    }
}
