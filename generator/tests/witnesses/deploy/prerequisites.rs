//! The prerequisites of a deployment: fixed names for the comparison, and code for the functions.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use jit_runners_witnesses::emulator::Aws;
use jit_runners_witnesses::emulator::{Emulator, REGION};
use jit_runners_witnesses::prerequisites::{FUNCTIONS, Prerequisites, Secrets};
use serde_json::Value;
use tempfile::TempDir;

use super::twins::Labels;
use super::{NAME, VERSIONS};
use crate::support::zips;

/// The prerequisites, with unused secrets, and packages that only write their requests to `record`.
pub(crate) fn prepare(aws: &Aws<'_>, record: &Path) -> Result<Prerequisites> {
    let packages = TempDir::with_prefix("jit-runners-zips-")?;
    zips::write_stand_ins(packages.path(), &VERSIONS, record)?;
    Prerequisites::prepare(
        aws,
        packages.path(),
        &Secrets { webhook: "placeholder", private_key: "placeholder" },
    )
}

/// The values that differ by chance between deployments, with labels that replace them in a comparison.
pub(crate) fn labels(
    prerequisites: &Prerequisites,
    aws: &Aws<'_>,
    emulator: &Emulator,
    outputs: &Value,
) -> Result<Labels> {
    let mut labels = vec![
        (emulator.endpoint(), "(endpoint)"),
        (prerequisites.webhook_secret_arn.clone(), "(webhook secret)"),
        (prerequisites.private_key_arn.clone(), "(private key)"),
        (prerequisites.vpc.clone(), "(network)"),
    ];
    labels.extend(prerequisites.subnets.iter().map(|subnet| (subnet.clone(), "(subnet)")));
    let words = |name: &str| outputs[name].as_str().map(str::to_owned);
    let group = words("runner_security_group_id").or_else(|| words("RunnerSecurityGroupId"));
    labels.extend(group.map(|id| (id, "(runner security group)")));
    // http://<API>.execute-api...
    let url = words("webhook_url").or_else(|| words("WebhookUrl")).unwrap_or_default();
    let api = url.split_once("://").and_then(|(_, host)| host.split_once('.'));
    labels.extend(api.map(|(id, _)| (id.to_owned(), "(API)")));
    let role = format!("{NAME}-{REGION}-runner");
    let role = aws.word(&["iam", "get-role", "--role-name", &role], "Role.RoleId")?;
    labels.push((role, "(runner role)"));
    Ok(labels)
}

/// The code that each function runs, to show that an update changed it.
pub(crate) fn deployed_code(aws: &Aws<'_>) -> Result<BTreeMap<String, String>> {
    let code = |(function, _): &(&str, &str)| {
        let name = format!("{NAME}-{function}");
        let hash =
            aws.word(&["lambda", "get-function", "--function-name", &name], "Configuration.CodeSha256");
        hash.map(|hash| (name.clone(), hash)).with_context(|| format!("the function {name}"))
    };
    FUNCTIONS.iter().map(code).collect()
}

/// Every function must have changed.
pub(crate) fn ensure_updated(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Result<()> {
    for (function, code) in before {
        ensure!(after.get(function) != Some(code), "{function} still runs the old code after the update");
    }
    Ok(())
}
