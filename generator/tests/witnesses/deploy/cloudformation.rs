//! `aws cloudformation deploy`, `describe-stacks`, an update, `delete-stack`.

use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

use super::account::Account;
use super::ground::{self, Ground};
use super::twins::Deployed;
use super::{NAME, VERSIONS, policies};
use jit_runners_witnesses::aws::Aws;
use jit_runners_witnesses::emulator::Emulator;
use jit_runners_witnesses::files;

const CHECK: &str = "deployment by CloudFormation";

/// The outputs that scripts rely on.
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

/// Functions as the names of their parameters begin.
const FUNCTION_PARAMETERS: [(&str, &str); 5] = [
    ("Webhook", "webhook"),
    ("ScaleUp", "scaleup"),
    ("ScaleDown", "scaledown"),
    ("Lifecycle", "lifecycle"),
    ("Rebalancer", "rebalancer"),
];

/// The emulator does not know `AWS::IAM::ServiceLinkedRole`; it honours the condition that leaves it out.
const WITHOUT_SERVICE_LINKED_ROLE: &str = "CreateSpotServiceLinkedRole=false";

/// Deploys, updates and removes; what stood in between is for the comparison with the other dialect.
pub(crate) fn witness() -> Result<Option<Deployed>> {
    let Some(emulator) = Emulator::start(CHECK)? else { return Ok(None) };
    let Some(aws) = Aws::new(CHECK, &emulator)? else { return Ok(None) };
    let ground = Ground::prepare(&aws)?;
    let Some(before) = Account::describe(CHECK, &emulator)? else { return Ok(None) };
    let start = Instant::now();

    deploy(&aws, &ground, VERSIONS[0])?;
    let created_after = start.elapsed();
    let outputs = outputs(&aws)?;
    let created = aws.word(
        &["cloudformation", "list-stack-resources", "--stack-name", NAME],
        "length(StackResourceSummaries)",
    )?;
    let Some(account) = Account::describe(CHECK, &emulator)? else { return Ok(None) };
    let labels = ground.labels(&aws, &emulator, &outputs)?;
    policies::judge("parliament-cloudformation", &account)?;

    let code = ground::deployed_code(&aws)?;
    deploy(&aws, &ground, VERSIONS[1])?;
    ground::ensure_updated(&code, &ground::deployed_code(&aws)?)?;

    aws.text(&["cloudformation", "delete-stack", "--stack-name", NAME])?;
    aws.text(&["cloudformation", "wait", "stack-delete-complete", "--stack-name", NAME])?;
    let Some(after) = Account::describe(CHECK, &emulator)? else { return Ok(None) };
    after.ensure_same_names_as(&before)?;

    eprintln!(
        "{CHECK}: {created} resources in {created_after:.0?}, all done in {:.0?}\n{outputs:#}",
        start.elapsed()
    );
    Ok(Some(Deployed::new(before, account, labels)))
}

/// The command of the guide; an update is the same command with other keys.
fn deploy(aws: &Aws<'_>, ground: &Ground, version: &str) -> Result<()> {
    let template = files::generated("cloudformation/template.yaml");
    let template = template.to_string_lossy();
    let mut arguments = vec!["cloudformation", "deploy", "--template-file", &template, "--stack-name", NAME];
    arguments.extend(["--capabilities", "CAPABILITY_NAMED_IAM", "--parameter-overrides"]);
    let mut overrides = parameters(ground, version);
    overrides.push(WITHOUT_SERVICE_LINKED_ROLE.to_owned());
    arguments.extend(overrides.iter().map(String::as_str));
    let Err(error) = aws.text(&arguments) else { return Ok(()) };
    // The command only says that it failed; the reasons stand in the stack's events.
    let failed = "StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]";
    let reasons = aws
        .word(&["cloudformation", "describe-stack-events", "--stack-name", NAME], failed)
        .unwrap_or_else(|_| "there is no stack".to_owned());
    bail!("{error:#}\n{reasons}")
}

/// The inputs of the deployment, the same as Terraform's.
pub(crate) fn parameters(ground: &Ground, version: &str) -> Vec<String> {
    let mut parameters = vec![
        "GitHubAppId=123456".to_owned(),
        "GitHubInstallationId=7890123".to_owned(),
        format!("WebhookSecretArn={}", ground.webhook_secret_arn),
        format!("PrivateKeySecretArn={}", ground.private_key_arn),
        format!("LambdaS3Bucket={}", ground.bucket),
        format!("VpcId={}", ground.vpc),
        format!("SubnetIds={}", ground.subnets.join(",")),
        format!("DefaultAMI={}", ground.image),
    ];
    for (prefix, function) in FUNCTION_PARAMETERS {
        parameters.push(format!("{prefix}LambdaS3Key={}", ground::key(version, function)));
    }
    parameters
}

/// The promised outputs, none of them empty.
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
