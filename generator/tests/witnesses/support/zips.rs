//! Placeholder packages of the five functions: enough for a deployment, and different per version.

use std::io::{Cursor, Write as _};
use std::path::Path;

use anyhow::Result;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use jit_runners_witnesses::files;
use jit_runners_witnesses::ground::{FUNCTIONS, key};

/// Writes `<folder>/<version>/<function>.zip`, each with an executable `bootstrap` at its root.
pub(crate) fn write_placeholders(folder: &Path, versions: &[&str]) -> Result<()> {
    for version in versions {
        for (function, _) in FUNCTIONS {
            let file = folder.join(key(version, function));
            files::write(&file, placeholder(function, version)?)?;
        }
    }
    Ok(())
}

fn placeholder(function: &str, version: &str) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755))?;
    zip.write_all(
        format!("#!/bin/sh\n# {function} {version}: a placeholder that does nothing\nexit 0\n").as_bytes(),
    )?;
    Ok(zip.finish()?.into_inner())
}
