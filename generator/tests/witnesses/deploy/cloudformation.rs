//! `aws cloudformation deploy`, `describe-stacks`, an update, `delete-stack`.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value};

use super::account::Account;
use super::fleet::Fleet;
use super::prerequisites;
use super::twins::Deployed;
use super::{NAME, VERSIONS, policies};
use jit_runners_witnesses::emulator::Aws;
use jit_runners_witnesses::emulator::Emulator;
use jit_runners_witnesses::files;
use jit_runners_witnesses::prerequisites::{Prerequisites, deploy_stack};

const CHECK: &str = "deployment by CloudFormation";

/// The outputs that scripts use.
const OUTPUTS: [&str; 11] = [
    "WebhookUrl",
    "WebhookLambdaArn",
    "ScaleUpLambdaArn",
    "ScaleDownLambdaArn",
    "LifecycleLambdaArn",
    "RebalancerLambdaArn",
    "DynamoDBTableName",
    "SQSQueueUrl",
    "LifecycleQueueUrl",
    "RunnerSecurityGroupId",
    "RunnerInstanceProfileName",
];

/// Deploys, updates and removes. Returns what was deployed, to compare it with the other dialect.
pub(crate) fn witness() -> Result<Option<Deployed>> {
    let Some(emulator) = Emulator::start(CHECK)? else { return Ok(None) };
    let Some(aws) = Aws::new(CHECK, &emulator)? else { return Ok(None) };
    let fleet = Fleet::new()?;
    let prerequisites = prerequisites::prepare(&aws, &fleet.record())?;
    let Some(before) = Account::describe(CHECK, &emulator)? else { return Ok(None) };
    let start = Instant::now();

    deploy(&aws, &prerequisites, VERSIONS[0])?;
    let created_after = start.elapsed();
    let outputs = outputs(&aws)?;
    let created = aws.word(
        &["cloudformation", "list-stack-resources", "--stack-name", NAME],
        "length(StackResourceSummaries)",
    )?;
    let Some(account) = Account::describe(CHECK, &emulator)? else { return Ok(None) };
    let labels = prerequisites::labels(&prerequisites, &aws, &emulator, &outputs)?;
    policies::judge("parliament-cloudformation", &account)?;

    let code = prerequisites::deployed_code(&aws)?;
    deploy(&aws, &prerequisites, VERSIONS[1])?;
    prerequisites::ensure_updated(&code, &prerequisites::deployed_code(&aws)?)?;

    aws.text(&["cloudformation", "delete-stack", "--stack-name", NAME])?;
    aws.text(&["cloudformation", "wait", "stack-delete-complete", "--stack-name", NAME])?;
    let Some(after) = Account::describe(CHECK, &emulator)? else { return Ok(None) };
    after.ensure_same_names_as(&before)?;
    fleet.was_asked_by_a_stack()?;

    eprintln!(
        "{CHECK}: {created} resources in {created_after:.0?}, all done in {:.0?}\n{outputs:#}",
        start.elapsed()
    );
    Ok(Some(Deployed::new(before, account, labels)))
}

fn deploy(aws: &Aws<'_>, prerequisites: &Prerequisites, version: &str) -> Result<()> {
    let template = files::generated("cloudformation/template.yaml");
    deploy_stack(aws, &template, NAME, &prerequisites.parameters(version))
}

/// The promised outputs, none of which is empty.
fn outputs(aws: &Aws<'_>) -> Result<Value> {
    let listed = aws.json(&["cloudformation", "describe-stacks", "--stack-name", NAME])?;
    let listed = listed["Stacks"][0]["Outputs"].as_array().context("outputs of the stack")?;
    let mut values = Map::new();
    for name in OUTPUTS {
        let output = listed.iter().find(|output| output["OutputKey"] == name);
        let value = output.map_or(&Value::Null, |output| &output["OutputValue"]);
        ensure!(value.as_str().is_some_and(|text| !text.is_empty()), "the output {name} is {value}");
        ensure!(
            name != "WebhookUrl" || value.as_str().is_some_and(|url| url.ends_with("/webhook")),
            "{value}"
        );
        values.insert(name.to_owned(), value.clone());
    }
    Ok(Value::Object(values))
}
