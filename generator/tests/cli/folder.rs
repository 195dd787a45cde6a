//! A folder in which the built command runs.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

/// A separate folder for each test, in which the command runs.
pub(crate) struct Folder(pub(crate) tempfile::TempDir);

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, contents: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("the test's own files")).expect("the test's own files");
        fs::write(path, contents).expect("the test's own files");
        self
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("the test's own files")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_in("", arguments)
    }

    /// Runs in a subfolder.
    pub(crate) fn run_in(&self, below: &str, arguments: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_jit-runners"))
            .args(arguments)
            .current_dir(self.0.path().join(below))
            .env_remove("CLICOLOR_FORCE")
            .output()
            .expect("the command starts");
        Run {
            code: output.status.code().expect("it ends by itself"),
            out: String::from_utf8(output.stdout).expect("it prints text"),
            err: String::from_utf8(output.stderr).expect("it prints text"),
        }
    }

    /// The exit code of a run whose output is closed, as with `| head`.
    pub(crate) fn run_unheard(&self, arguments: &[&str]) -> i32 {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let status = Command::new(env!("CARGO_BIN_EXE_jit-runners"))
            .args(arguments)
            .current_dir(self.0.path())
            .stdout(writer.try_clone().expect("a pipe"))
            .stderr(writer)
            .status()
            .expect("the command starts");
        status.code().expect("it ends by itself")
    }

    /// Every file and folder, with its contents and the time when it was last written.
    pub(crate) fn tree(&self) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.0.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("the test's own files") {
                let path = entry.expect("the test's own files").path();
                let modified =
                    path.metadata().expect("the test's own files").modified().expect("the test's own files");
                let contents =
                    if path.is_dir() { Vec::new() } else { fs::read(&path).expect("the test's own files") };
                if path.is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path, (contents, modified));
            }
        }
        found
    }
}

pub(crate) const TEMPLATE: &str = "generated/cloudformation/template.yaml";

#[track_caller]
pub(crate) fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
