//! `terraform init, plan, apply, output webhook_url`, an update, `destroy`.

use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::account::Account;
use super::fleet::Fleet;
use super::plans::{self, Knows};
use super::prerequisites;
use super::twins::Deployed;
use super::{NAME, VERSIONS, policies};
use jit_runners_witnesses::emulator::Aws;
use jit_runners_witnesses::emulator::Emulator;
use jit_runners_witnesses::files;
use jit_runners_witnesses::terraform::Terraform;

const CHECK: &str = "deployment by Terraform";

/// The outputs that scripts use.
const OUTPUTS: [&str; 11] = [
    "webhook_url",
    "webhook_lambda_arn",
    "scaleup_lambda_arn",
    "scaledown_lambda_arn",
    "lifecycle_lambda_arn",
    "rebalancer_lambda_arn",
    "dynamodb_table_name",
    "sqs_queue_url",
    "lifecycle_queue_url",
    "runner_security_group_id",
    "runner_instance_profile_name",
];

/// The plan for the existing deployment.
const SECOND_PLAN: &str = "second.tfplan";

/// Differences of a second plan that wrong answers of the emulator cause, by resource type, with what AWS does instead.
/// Any other difference is our mistake.
const EMULATOR_DRIFT: [(&str, &str); 2] = [
    ("aws_cloudwatch_metric_alarm", "DescribeAlarms leaves out half of the fields in the XML protocol"),
    ("aws_security_group", "RevokeSecurityGroupEgress does not find the rule that allows everything"),
];

/// Deploys, updates and removes. Returns what was deployed, to compare it with the other dialect.
pub(crate) fn witness() -> Result<Option<Deployed>> {
    let Some(emulator) = Emulator::start(CHECK)? else { return Ok(None) };
    let Some(aws) = Aws::new(CHECK, &emulator)? else { return Ok(None) };
    let Some(module) = Terraform::prepare(CHECK, &files::generated("terraform"), Some(&emulator))? else {
        return Ok(None);
    };
    let fleet = Fleet::new()?;
    let prerequisites = prerequisites::prepare(&aws, &fleet.record())?;
    let Some(before) = Account::describe(CHECK, &emulator)? else { return Ok(None) };
    let start = Instant::now();

    module.set_variables(&Value::Object(prerequisites.variables(NAME, VERSIONS[0])))?;
    module.stdout(&["plan", "-out=first.tfplan"])?;
    let parameters = prerequisites.parameters(VERSIONS[0]);
    plans::judge(CHECK, &module, "first.tfplan", &parameters, Knows::NotYetAll)?;
    module.stdout(&["apply", "first.tfplan"])?;
    let outputs = outputs(&module)?;
    let resources = module.stdout(&["state", "list"])?;
    let created = resources.lines().filter(|line| !line.starts_with("data.")).count();
    ensure_settled(&module)?;
    plans::judge(CHECK, &module, SECOND_PLAN, &parameters, Knows::All)?;
    let created_after = start.elapsed();
    let Some(account) = Account::describe(CHECK, &emulator)? else { return Ok(None) };
    let labels = prerequisites::labels(&prerequisites, &aws, &emulator, &outputs)?;
    policies::judge("parliament-terraform", &account)?;

    let code = prerequisites::deployed_code(&aws)?;
    module.set_variables(&Value::Object(prerequisites.variables(NAME, VERSIONS[1])))?;
    module.stdout(&["apply", "-auto-approve"])?;
    prerequisites::ensure_updated(&code, &prerequisites::deployed_code(&aws)?)?;

    module.stdout(&["destroy", "-auto-approve"])?;
    let Some(after) = Account::describe(CHECK, &emulator)? else { return Ok(None) };
    after.ensure_same_names_as(&before)?;
    fleet.was_asked_by_terraform()?;

    eprintln!(
        "{CHECK}: {created} resources in {created_after:.0?}, all done in {:.0?}\n{outputs:#}",
        start.elapsed()
    );
    Ok(Some(Deployed::new(before, account, labels)))
}

/// The promised outputs, none of which is empty.
fn outputs(module: &Terraform<'_>) -> Result<Value> {
    let answer = module.json(&["output", "-json"])?;
    let mut values = Map::new();
    for name in OUTPUTS {
        let value = &answer[name]["value"];
        ensure!(value.as_str().is_some_and(|text| !text.is_empty()), "the output {name} is {value}");
        values.insert(name.to_owned(), value.clone());
    }
    let url = module.stdout(&["output", "-raw", "webhook_url"])?;
    ensure!(url.ends_with("/webhook"), "the webhook's URL is {url}");
    Ok(Value::Object(values))
}

/// Right after an apply, a plan has no changes, except for what the emulator forgets.
fn ensure_settled(module: &Terraform<'_>) -> Result<()> {
    let finished = module.run(&["plan", "-detailed-exitcode", &format!("-out={SECOND_PLAN}")])?;
    match finished.status.code() {
        Some(0) => return Ok(()),
        Some(2) => {}
        _ => bail!("{}", finished.report()),
    }
    let plan = module.json(&["show", "-json", SECOND_PLAN])?;
    let changes = plan["resource_changes"].as_array().context("changes of the second plan")?;
    for change in changes.iter().filter(|change| change["change"]["actions"] != json!(["no-op"])) {
        let kind = change["type"].as_str().unwrap_or_default();
        let actions = &change["change"]["actions"];
        let known =
            EMULATOR_DRIFT.iter().find(|(drifting, _)| *drifting == kind && *actions == json!(["update"]));
        match known {
            Some((_, why)) => eprintln!("{CHECK}: drift of {}: {why}", change["address"]),
            None => bail!("a second plan is not empty: {change:#}"),
        }
    }
    Ok(())
}
