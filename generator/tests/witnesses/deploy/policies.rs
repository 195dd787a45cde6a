//! parliament's opinion of every policy as it was deployed, with all references resolved.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::account::Account;
use crate::support::findings::{self, Finding};
use jit_runners_witnesses::{files, process, tools};

/// Takes the policies of all roles out of the account and has them judged.
pub(crate) fn judge(tool: &str, account: &Account) -> Result<()> {
    let Some(program) = tools::require(tool, "parliament")? else { return Ok(()) };
    let folder = TempDir::with_prefix("jit-runners-policies-")?;
    let count = collect(account, folder.path())?;
    ensure!(count > 0, "no role has a policy");
    let finished = process::run(Command::new(program).arg("--directory").arg(folder.path()).arg("--json"))?;
    // 1 says that there are findings; they are lines of JSON.
    ensure!(matches!(finished.status.code(), Some(0 | 1)), "{}", finished.report());
    let lines = finished.stdout.lines().filter(|line| !line.trim().is_empty());
    let found: Result<BTreeSet<Finding>> = lines.map(finding).collect();
    let found: Vec<Finding> = found.with_context(|| finished.report())?.into_iter().collect();
    eprintln!("{tool}: {count} policies judged");
    findings::must_be_justified(tool, &found)
}

/// Writes each inline policy as `<role>.<policy>.json`.
fn collect(account: &Account, folder: &Path) -> Result<usize> {
    let mut count = 0;
    for (role, description) in account.0.get("role").into_iter().flatten() {
        for (policy, document) in description["Policies"].as_object().into_iter().flatten() {
            files::write(
                &folder.join(format!("{role}.{policy}.json")),
                serde_json::to_vec_pretty(document)?,
            )?;
            count += 1;
        }
    }
    Ok(count)
}

/// A line of parliament's output: the resource of a finding is its role and policy, and what it names.
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
