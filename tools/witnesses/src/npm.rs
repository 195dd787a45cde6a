//! Packages of the npm registry, as `make tools` fetched them: archives of which single files are read.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::{files, process, tools};

/// The archive of a package such as `@octokit/openapi`. `None`: the check was skipped, as it is not there.
pub fn require(check: &str, package: &str) -> Result<Option<PathBuf>> {
    let found = find(package)?;
    if found.is_none() {
        let why = format!("`{package}` is not below .tools/npm; run `make tools` (needs npm)");
        tools::skip(check, &why)?;
    }
    Ok(found)
}

/// The text of one file of an archive.
pub fn read(archive: &Path, file: &str) -> Result<String> {
    process::stdout_of(Command::new("tar").arg("-xzOf").arg(archive).arg(format!("package/{file}")))
}

fn find(package: &str) -> Result<Option<PathBuf>> {
    let folder = files::root().join(".tools/npm");
    if !folder.is_dir() {
        return Ok(None);
    }
    // As `npm pack` calls them: @scope/name@1.2.3 is scope-name-1.2.3.tgz.
    let start = format!("{}-", package.trim_start_matches('@').replace('/', "-"));
    let is_it = |file: &PathBuf| {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let version = name.strip_prefix(&start).and_then(|rest| rest.strip_suffix(".tgz"));
        version.is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit()))
    };
    Ok(files::files_below(&folder)?.into_iter().find(is_it))
}
