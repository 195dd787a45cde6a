//! Real plans against the template, with the command that users type: what the provider plans, with its defaults, is
//! what a stack creates with the same inputs.

use std::{path::Path, process::Command};

use anyhow::{Result, ensure};
use serde_json::json;

use jit_runners_witnesses::{
    files,
    process::{self, Finished},
    terraform::Terraform,
};

/// The values that a plan knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Knows {
    /// Ids and ARNs are not known yet.
    NotYetAll,
    /// Everything is already deployed.
    All,
}

/// Compares the plan in the file `plan`, in the module's folder, with the template and `parameters` (`Name=value`).
pub(crate) fn judge(
    check: &str,
    module: &Terraform<'_>,
    plan: &str,
    parameters: &[String],
    knows: Knows,
) -> Result<()> {
    let planned = module.folder().join(format!("{plan}.json"));
    files::write(&planned, module.stdout(&["show", "-json", plan])?)?;
    let same = compare(module, &planned, parameters)?;
    ensure!(same.status.code() == Some(0), "{}", same.report());
    let leaves_out = same.stdout.contains("not known before the plan is applied");
    ensure!(leaves_out == (knows == Knows::NotYetAll), "{}", same.report());
    eprintln!("{check}: {plan}: {}", same.stdout.lines().last().unwrap_or_default());

    let mut other = parameters.to_vec();
    other.push("MaxRunners=7".to_owned());
    let differs = compare(module, &planned, &other)?;
    let found = differs.stdout.contains("Input MaxRunners: Value")
        && (knows == Knows::NotYetAll || differs.stdout.contains("Environment.Variables.MAX_RUNNERS"));
    ensure!(differs.status.code() == Some(5) && found, "{}", differs.report());
    Ok(())
}

fn compare(module: &Terraform<'_>, plan: &Path, parameters: &[String]) -> Result<Finished> {
    let file = module.folder().join("parameters.json");
    files::write(&file, json!(parameters).to_string())?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_jit-runners"));
    command.current_dir(files::root()).arg("check");
    process::run(command.arg("--plan").arg(plan).arg("--parameters").arg(file))
}
