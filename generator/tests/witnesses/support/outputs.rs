//! Everything that the witnesses judge: the shipped files, and what other configurations give.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use jit_runners_witnesses::{files, process};

/// The files that one configuration gives.
pub(crate) struct Output {
    /// The configuration's name.
    pub(crate) name: String,
    folder: PathBuf,
    /// Where they were made for this test; the shipped ones stand in the repository.
    _scratch: Option<TempDir>,
}

impl Output {
    /// The shipped files, then those of each configuration in `tests/configurations`.
    pub(crate) fn all() -> Result<Vec<Self>> {
        let mut outputs =
            vec![Self { name: "shipped".to_owned(), folder: files::generated(""), _scratch: None }];
        let configurations = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configurations");
        for configuration in files::files_with_extension(&configurations, "yaml")? {
            let scratch = TempDir::with_prefix("jit-runners-generated-")?;
            let mut generate = Command::new(env!("CARGO_BIN_EXE_jit-runners"));
            generate.args(["generate", "--config"]).arg(&configuration).arg("--out").arg(scratch.path());
            process::stdout_of(&mut generate)?;
            outputs.push(Self {
                name: configuration.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
                folder: scratch.path().to_path_buf(),
                _scratch: Some(scratch),
            });
        }
        Ok(outputs)
    }

    /// A folder or file of it.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }
}
