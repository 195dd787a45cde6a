//! The packages for deployments: those of `make lambda.zip` if [`SETTING`] names their folder, as in CI, or else the
//! program that cargo has built for these tests.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use anyhow::{Result, anyhow, ensure};
use jit_runners_witnesses::{
    files,
    prerequisites::zipped,
    prerequisites::{FUNCTIONS, key},
};
use tempfile::TempDir;

/// A folder with a zip for each function, relative to the project's root.
const SETTING: &str = "JIT_RUNNERS_PACKAGES";
/// For tests, better compression takes more time than it saves.
const FASTEST: Option<i64> = Some(1);

/// The packages in the form of an upload, below a version.
pub(crate) fn uploaded(version: &str) -> Result<TempDir> {
    let from = folder()?;
    let to = TempDir::with_prefix("jit-runners-packages-")?;
    for (function, _) in FUNCTIONS {
        let package = fs::read(from.join(format!("{function}.zip")))?;
        files::write(&to.path().join(key(version, function)), package)?;
    }
    Ok(to)
}

/// The folder of the packages, which all tests of a run share.
pub(crate) fn folder() -> Result<&'static Path> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let found = FOLDER.get_or_init(|| find().map_err(|error| format!("{error:#}")));
    found.as_deref().map_err(|error| anyhow!(error.clone()))
}

fn find() -> Result<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test asks how it is run; it is no function with settings"
    )]
    if let Ok(name) = std::env::var(SETTING) {
        let folder = files::root().join(name);
        for (function, _) in FUNCTIONS {
            let package = folder.join(format!("{function}.zip"));
            ensure!(
                package.is_file(),
                "{SETTING}: {} is not there; run `make lambda.zip`, or unset it",
                package.display()
            );
        }
        return Ok(folder);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
    let package = zipped(&fs::read(env!("CARGO_BIN_EXE_bootstrap"))?, FASTEST)?;
    for (function, _) in FUNCTIONS {
        files::write(&folder.join(format!("{function}.zip")), &package)?;
    }
    Ok(folder)
}
