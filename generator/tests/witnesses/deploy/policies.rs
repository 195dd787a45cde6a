//! parliament's findings for every deployed policy, with all references resolved.

use std::path::Path;

use anyhow::{Result, ensure};
use tempfile::TempDir;

use super::account::Account;
use crate::support::parliament;
use jit_runners_witnesses::files;

/// Reads the policies of all roles from the account and checks them.
pub(crate) fn judge(tool: &str, account: &Account) -> Result<()> {
    let folder = TempDir::with_prefix("jit-runners-policies-")?;
    let count = collect(account, folder.path())?;
    ensure!(count > 0, "no role has a policy");
    eprintln!("{tool}: {count} policies judged");
    parliament::judge(tool, folder.path())
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
