//! Compares findings of the security tools with the list of known findings that are justified.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use jit_runners_witnesses::files;

/// The file that lists the accepted findings, with their reasons.
const LEDGER: &str = "tools/justified-findings.yaml";

/// One finding of a tool about one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) check: String,
    pub(crate) resource: String,
    /// The tool's own text, which is not compared.
    pub(crate) title: String,
}

/// An entry of the list: findings of one check with the same reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Justified {
    tool: String,
    check: String,
    reason: String,
    resources: Vec<String>,
}

/// Fails unless the findings are exactly those of the list for this tool. A new finding must be judged, and a finding
/// that has gone must leave the list.
pub(crate) fn must_be_justified(tool: &str, findings: &[Finding]) -> Result<()> {
    let justified = justified(tool)?;
    let found: BTreeSet<_> = findings.iter().map(|one| (one.check.clone(), one.resource.clone())).collect();
    eprintln!(
        "{tool}: {} findings, {} justified in {LEDGER}",
        found.len(),
        justified.intersection(&found).count()
    );
    let mut complaint = String::new();
    let news = findings.iter().filter(|one| !justified.contains(&(one.check.clone(), one.resource.clone())));
    let mut news_by_check: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for finding in news {
        news_by_check.entry((&finding.check, &finding.title)).or_default().insert(&finding.resource);
    }
    if !news_by_check.is_empty() {
        complaint.push_str("\nnot justified; correct the model, or give a reason:");
    }
    for ((check, title), resources) in news_by_check {
        let _ =
            write!(complaint, "\n- tool: {tool}\n  check: {check}\n  reason: TODO ({title})\n  resources:");
        for resource in resources {
            let _ = write!(complaint, "\n    - {resource:?}");
        }
    }
    for (check, resource) in justified.difference(&found) {
        let _ = write!(complaint, "\nno longer found; take it off the list: {check} at {resource}");
    }
    if complaint.is_empty() {
        return Ok(());
    }
    bail!("{tool} and {LEDGER} disagree:{complaint}")
}

fn justified(tool: &str) -> Result<BTreeSet<(String, String)>> {
    let path = files::root().join(LEDGER);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let entries: Vec<Justified> = serde_yaml::from_str(&text).context(LEDGER)?;
    let mut all = BTreeSet::new();
    for entry in entries {
        if entry.reason.trim().is_empty() || entry.reason.starts_with("TODO") {
            bail!("{LEDGER}: {} of {} has no reason", entry.check, entry.tool);
        }
        for resource in entry.resources {
            if entry.tool == tool && !all.insert((entry.check.clone(), resource.clone())) {
                bail!("{LEDGER}: {} at {resource} is listed twice", entry.check);
            }
        }
    }
    Ok(all)
}
