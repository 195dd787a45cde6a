//! The files of scenarios: a folder of this crate, and any other file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jit_runners_yaml::{MAX_BYTES, closest};

use super::{Refused, Scenario};

/// Where this checkout has its scenarios.
pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");

/// Why there is no scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// A file or a folder cannot be read.
    #[error("cannot read {}: {error}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is wrong.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// There is no such file, and no scenario of that name.
    #[error("there is no file and no scenario `{name}`; {hint}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What to ask for.
        hint: String,
    },
}

/// The files in `folder` and in the folders in it, in the order of their names.
pub fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, ScenarioError> {
    let unreadable = |error| ScenarioError::Unreadable { path: folder.to_owned(), error };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            files.extend(in_folder(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The scenario in a file.
fn of_file(path: &Path) -> Result<Scenario, ScenarioError> {
    let unreadable = |error| ScenarioError::Unreadable { path: path.to_owned(), error };
    let size = fs::metadata(path).map_err(unreadable)?.len();
    // What is too large is refused by its size, in the words of every other problem.
    let bytes = if size > MAX_BYTES as u64 {
        vec![b' '; MAX_BYTES + 1]
    } else {
        fs::read(path).map_err(unreadable)?
    };
    Ok(Scenario::read(&shown(path).to_string_lossy(), &bytes)?)
}

/// The path as people name it: from where they are, if it is below.
fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_owned()
}

/// Every scenario of the folder.
pub fn all() -> Result<Vec<Scenario>, ScenarioError> {
    in_folder(Path::new(FOLDER))?.iter().map(|path| of_file(path)).collect()
}

/// The scenario of the folder with that name.
pub fn named(name: &str) -> Result<Scenario, ScenarioError> {
    let files = in_folder(Path::new(FOLDER))?;
    let stem = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if let Some(path) = files.iter().find(|path| stem(path) == name) {
        return of_file(path);
    }
    let names: Vec<_> = files.iter().map(stem).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let hint = match closest(name, &names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("scenarios are {}", names.join(", ")),
    };
    Err(ScenarioError::Unknown { name: name.to_owned(), hint })
}

/// The scenario of a file, or else the one of that name.
pub fn find(name: &str) -> Result<Scenario, ScenarioError> {
    let path = Path::new(name);
    if path.is_file() { of_file(path) } else { named(name) }
}
