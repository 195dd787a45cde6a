//! What an earlier run wrote: the path and the SHA-256 of each file, in `.manifest.json` in the output folder.
//!
//! It tells our files from other people's, and files as we left them from files that somebody edited.

use std::collections::BTreeMap;

use jit_runners_emit::GeneratedFile;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where it stands in the output folder.
pub(crate) const PATH: &str = ".manifest.json";

/// The files of an earlier run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Path in the output folder to SHA-256, in hexadecimal digits as `sha256sum` prints them.
    files: BTreeMap<String, String>,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ManifestError {
    /// Not what we write.
    #[error("not a list of generated files: {source}")]
    Unreadable {
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// A path that leads out of the output folder.
    #[error("`{path}` is not a path inside the output folder")]
    Outside {
        /// The path.
        path: String,
    },
}

impl Manifest {
    /// What a run that writes `files` leaves behind.
    pub(crate) fn of(files: &[GeneratedFile]) -> Self {
        Self {
            files: files.iter().map(|file| (file.path.clone(), digest(file.contents.as_bytes()))).collect(),
        }
    }

    /// Reads what [`Self::to_file`] wrote. Somebody may have edited it, and files are removed because of it, so no
    /// path may lead out of the output folder.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|source| ManifestError::Unreadable { source })?;
        match manifest.files.keys().find(|path| !is_inside(path)) {
            Some(path) => Err(ManifestError::Outside { path: path.clone() }),
            None => Ok(manifest),
        }
    }

    /// The manifest as a file of the output folder.
    pub(crate) fn to_file(&self) -> GeneratedFile {
        // A map of texts always serialises.
        let json = serde_json::to_string_pretty(self).unwrap_or_default();
        GeneratedFile { path: PATH.to_owned(), contents: format!("{json}\n") }
    }

    /// The paths of all files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether the file at `path` was written by us.
    pub(crate) fn knows(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Whether the file at `path` was written by us with these `contents`.
    pub(crate) fn is_as_written(&self, path: &str, contents: &[u8]) -> bool {
        self.files.get(path).is_some_and(|written| *written == digest(contents))
    }
}

fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':', '\0'])
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn digest(contents: &[u8]) -> String {
    Sha256::digest(contents).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let file = GeneratedFile { path: "a/b.tf".to_owned(), contents: "text\n".to_owned() };
        let manifest = Manifest::of(std::slice::from_ref(&file));
        assert_eq!(Manifest::parse(manifest.to_file().contents.as_bytes()).unwrap(), manifest);
        assert!(manifest.is_as_written("a/b.tf", b"text\n"));
        assert!(!manifest.is_as_written("a/b.tf", b"text"));
        assert!(!manifest.is_as_written("b.tf", b"text\n"));
        // `printf 'text\n' | sha256sum`
        assert!(
            manifest
                .to_file()
                .contents
                .contains("b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733")
        );
    }

    #[test]
    fn refuses_paths_that_lead_out() {
        for path in ["../x", "/etc/passwd", "a/../../x", "", "a//b", "C:/x", "a\\..\\b", "./a"] {
            let json = serde_json::json!({ "files": { path: "00" } }).to_string();
            assert!(matches!(Manifest::parse(json.as_bytes()), Err(ManifestError::Outside { .. })), "{path}");
        }
        for text in ["", "[]", "{}", "{\"files\": {}, \"more\": 1}"] {
            assert!(Manifest::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
