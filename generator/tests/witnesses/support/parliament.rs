//! parliament's findings for policies: whether actions exist, and whether resources and conditions fit them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::findings::{self, Finding};
use jit_runners_witnesses::{process, tools};

/// Checks every `*.json` of a folder.
pub(crate) fn judge(tool: &str, folder: &Path) -> Result<()> {
    let Some(program) = tools::require(tool, "parliament")? else { return Ok(()) };
    let finished = process::run(Command::new(program).arg("--directory").arg(folder).arg("--json"))?;
    // The exit code 1 means that there are findings; they are lines of JSON.
    ensure!(matches!(finished.status.code(), Some(0 | 1)), "{}", finished.report());
    let lines = finished.stdout.lines().filter(|line| !line.trim().is_empty());
    let found: Result<BTreeSet<Finding>> = lines.map(finding).collect();
    let found: Vec<Finding> = found.with_context(|| finished.report())?.into_iter().collect();
    findings::must_be_justified(tool, &found)
}

/// A line of parliament's output. The resource of a finding is its role and policy, and what the finding names.
fn finding(line: &str) -> Result<Finding> {
    let line: Value = serde_json::from_str(line)?;
    let file = line["location"]["filepath"].as_str().unwrap_or_default();
    let policy = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let detail = match &line["detail"] {
        Value::String(text) => text.clone(),
        // Either texts, or what each action would have needed.
        Value::Array(parts) => {
            let parts = parts.iter().filter_map(|part| part.as_str().or_else(|| part["action"].as_str()));
            parts.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    let check = line["issue"].as_str().unwrap_or_default().to_owned();
    let title = line["title"].as_str().unwrap_or_default().to_owned();
    Ok(Finding { check, resource: format!("{policy}: {detail}"), title })
}
