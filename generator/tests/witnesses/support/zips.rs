//! Stand-ins for the packages of the five functions: enough for a deployment, and different per version.

use std::io::{Cursor, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use jit_runners_witnesses::files;
use jit_runners_witnesses::ground::{FUNCTIONS, key};

/// What runs in place of a function.
const STAND_IN: &str = include_str!("stand_in.py");

/// Writes `<folder>/<version>/<function>.zip`, each with an executable `bootstrap` at its root. It writes into `record`
/// what dialects ask of the custom resource.
pub(crate) fn write_stand_ins(folder: &Path, versions: &[&str], record: &Path) -> Result<()> {
    let record = serde_json::to_string(record.to_str().context("a path in Unicode")?)?;
    for version in versions {
        for (function, _) in FUNCTIONS {
            let file = folder.join(key(version, function));
            let names = format!("VERSION = \"{function} {version}\"\nRECORD = {record}");
            ensure!(STAND_IN.contains("# (names)"), "no place for names in the stand-in");
            files::write(&file, zipped(&STAND_IN.replace("# (names)", &names))?)?;
        }
    }
    Ok(())
}

/// What was asked of the custom resource so far: the events, each with the version that was asked.
pub(crate) fn asked(record: &Path) -> Result<Vec<Value>> {
    if !record.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(record)?;
    text.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
}

fn zipped(bootstrap: &str) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Not packed, so that packages of one version have one size, whatever path is in them.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("bootstrap", options.unix_permissions(0o755))?;
    zip.write_all(bootstrap.as_bytes())?;
    Ok(zip.finish()?.into_inner())
}
