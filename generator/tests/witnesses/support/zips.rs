//! Stand-ins for the packages of the five functions: enough for a deployment, and different for each version.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use jit_runners_witnesses::files;
use jit_runners_witnesses::prerequisites::zipped;
use jit_runners_witnesses::prerequisites::{FUNCTIONS, key};

/// The code that runs instead of a function.
const STAND_IN: &str = include_str!("stand_in.py");

/// Writes `<folder>/<version>/<function>.zip`, each with an executable `bootstrap` at its root. It records in `record`
/// what the dialects ask the custom resource.
pub(crate) fn write_stand_ins(folder: &Path, versions: &[&str], record: &Path) -> Result<()> {
    let record = serde_json::to_string(record.to_str().context("a path in Unicode")?)?;
    for version in versions {
        for (function, _) in FUNCTIONS {
            let file = folder.join(key(version, function));
            let names = format!("VERSION = \"{function} {version}\"\nRECORD = {record}");
            ensure!(STAND_IN.contains("# (names)"), "no place for names in the stand-in");
            // Not compressed, so that all packages of a version have the same size, whatever path is in them.
            files::write(&file, zipped(STAND_IN.replace("# (names)", &names).as_bytes(), None)?)?;
        }
    }
    Ok(())
}

/// The requests to the custom resource so far: the events, each with the version that received it.
pub(crate) fn asked(record: &Path) -> Result<Vec<Value>> {
    if !record.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(record)?;
    text.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
}
