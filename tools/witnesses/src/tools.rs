//! Finds the tools and the archives of npm packages, and records every check that had to be skipped because one is missing.

use std::env;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{files, process};

/// What `make tools` does not install.
const NOT_OURS: [&str; 5] = ["curl", "jq", "openssl", "python3", "terraform"];

/// A tool for a check: the one of `.tools/` (pinned, see `tools/`), else the one of `PATH`.
///
/// `None` means that the check was skipped, which is printed. Under `CI=true`, a missing tool is an error.
pub fn require(check: &str, tool: &str) -> Result<Option<PathBuf>> {
    let found = find(tool);
    if found.is_none() {
        let remedy = if NOT_OURS.contains(&tool) { "install it" } else { "run `make tools`" };
        skip(check, &format!("`{tool}` is not there; {remedy}"))?;
    }
    Ok(found)
}

/// Where a tool is, if anywhere.
pub fn find(tool: &str) -> Option<PathBuf> {
    let environments =
        ["venv", "checkov", "moto"].map(|name| files::root().join(".tools").join(name).join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    environments
        .into_iter()
        .chain(env::split_paths(&path))
        .map(|bin| bin.join(tool))
        .find(|file| file.is_file())
}

/// A `PATH` with `folders` first, then the pinned tools, then the usual folders.
pub fn path_after(folders: &[&Path]) -> Result<OsString> {
    let pinned = files::root().join(".tools/venv/bin");
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = folders.iter().map(|folder| folder.to_path_buf()).chain([pinned]);
    env::join_paths(folders.chain(env::split_paths(&path))).context("a PATH of these folders")
}

/// The archive of a package of the npm registry, as `make tools` fetched it, such as `@octokit/openapi`. `None` if it
/// is missing and the check was skipped.
pub fn require_npm(check: &str, package: &str) -> Result<Option<PathBuf>> {
    let found = find_npm(package)?;
    if found.is_none() {
        let why = format!("`{package}` is not below .tools/npm; run `make tools` (needs npm)");
        skip(check, &why)?;
    }
    Ok(found)
}

/// The text of one file of an archive.
pub fn read_npm(archive: &Path, file: &str) -> Result<String> {
    process::stdout_of(Command::new("tar").arg("-xzOf").arg(archive).arg(format!("package/{file}")))
}

fn find_npm(package: &str) -> Result<Option<PathBuf>> {
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

/// Records a skipped check in `target/skipped-checks.txt`, which `make test` prints at its end.
pub fn skip(check: &str, why: &str) -> Result<()> {
    if env::var_os("CI").is_some_and(|value| value == "true") {
        bail!("{check} cannot be skipped under CI=true: {why}");
    }
    eprintln!("SKIPPED CHECK {check}: {why}");
    let record = files::target().join("skipped-checks.txt");
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&record)
        .with_context(|| format!("opening {}", record.display()))?;
    // One write, so that two tests at once do not mix their lines.
    file.write_all(format!("{check}: {why}\n").as_bytes())?;
    Ok(())
}
