//! All files that the witnesses check: the shipped files, and those of other configurations.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use jit_runners_witnesses::{files, process};

/// The files of one configuration.
pub(crate) struct Output {
    /// The configuration's name.
    pub(crate) name: String,
    folder: PathBuf,
    /// The folder in which this test generated them; the shipped files are in the repository.
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

    /// The path of a file or folder in it.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }
}
