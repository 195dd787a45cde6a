//! checkov's security rules for both dialects. (`deploy::policies` checks IAM policies as they were deployed, with
//! every reference resolved.)

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::support::findings::{self, Finding};
use jit_runners_witnesses::{files, process, tools};

#[test]
fn terraform_findings_are_justified() -> Result<()> {
    judge("checkov-terraform", "terraform", &files::generated("terraform"))
}

#[test]
fn cloudformation_findings_are_justified() -> Result<()> {
    judge("checkov-cloudformation", "cloudformation", &files::generated("cloudformation"))
}

fn judge(tool: &str, framework: &str, folder: &Path) -> Result<()> {
    let Some(program) = tools::require(tool, "checkov")? else { return Ok(()) };
    let mut command = Command::new(program);
    // checkov fetches and sends nothing. This test judges the findings itself, so it ignores the exit code.
    command.args(["--skip-download", "--soft-fail", "--quiet", "--compact", "--output", "json"]);
    let answer = process::stdout_of(command.args(["--framework", framework, "--directory"]).arg(folder))?;
    let report: Value = serde_json::from_str(&answer).with_context(|| format!("checkov said {answer}"))?;
    let summary = &report["summary"];
    ensure!(summary["parsing_errors"] == 0, "checkov could not read it: {report:#}");
    ensure!(summary["passed"].as_u64() > Some(0), "checkov looked at nothing: {report:#}");
    let failed = report["results"]["failed_checks"].as_array().context("a list of failed checks")?;
    findings::must_be_justified(tool, &failed.iter().map(finding).collect::<Vec<_>>())
}

fn finding(check: &Value) -> Finding {
    let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
    Finding { check: text("check_id"), resource: text("resource"), title: text("check_name") }
}
