//! Deploys with only the generated policies, on an emulator that checks IAM for each call.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use jit_runners_witnesses::emulator::Aws;
use jit_runners_witnesses::emulator::{Caller, Emulator};
use jit_runners_witnesses::files;
use jit_runners_witnesses::prerequisites::{Prerequisites, deploy_stack};
use jit_runners_witnesses::terraform::Terraform;
use serde_json::{Value, json};

use super::fleet::Fleet;
use super::{NAME, VERSIONS, prerequisites};
use crate::support::deployer::{Values, policies};

const CHECK: &str = "deployment with the generated policies";
const USER: &str = "deployer";

/// Actions for which the emulator checks another action than AWS.
const MISNAMED: [(&str, &str); 1] = [("lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings")];

/// Actions for which the emulator checks another resource than AWS, or does not know a condition. Here they are allowed
/// for everything. The test also checks that the policies contain them.
const ASKED_OTHERWISE: [(&str, &[&str]); 7] = [
    (
        "it asks about rules as `rule/default/<rule>`, which is how AWS writes those of other buses only",
        &[
            "events:DeleteRule",
            "events:DescribeRule",
            "events:ListTagsForResource",
            "events:ListTargetsByRule",
            "events:PutRule",
            "events:PutTargets",
            "events:RemoveTargets",
        ],
    ),
    (
        "it knows the ARNs of alarms when they are put, and none of dashboards",
        &[
            "cloudwatch:DeleteAlarms",
            "cloudwatch:DeleteDashboards",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetDashboard",
            "cloudwatch:ListTagsForResource",
            "cloudwatch:PutDashboard",
        ],
    ),
    (
        "it does not know `ec2:Vpc`",
        &[
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:CreateTags",
            "ec2:DeleteSecurityGroup",
            "ec2:RevokeSecurityGroupEgress",
        ],
    ),
    (
        "it knows no ARNs of instance profiles",
        &[
            "iam:AddRoleToInstanceProfile",
            "iam:CreateInstanceProfile",
            "iam:DeleteInstanceProfile",
            "iam:GetInstanceProfile",
            "iam:RemoveRoleFromInstanceProfile",
        ],
    ),
    ("it does not look into requests about a table's tags", &["dynamodb:ListTagsOfResource"]),
    ("it does not look into a request for the function's name", &["lambda:CreateFunction"]),
    (
        "it does not know `lambda:FunctionArn`",
        &[
            "lambda:CreateEventSourceMapping",
            "lambda:DeleteEventSourceMapping",
            "lambda:GetEventSourceMapping",
        ],
    ),
];

#[test]
fn the_generated_policies_are_enough_to_deploy_and_to_remove() -> Result<()> {
    let Some(emulator) = Emulator::start_with_permissions(CHECK, &[])? else { return Ok(()) };
    let Some(aws) = Aws::new(CHECK, &emulator)? else { return Ok(()) };
    let Some(module) = Terraform::prepare(CHECK, &files::generated("terraform"), Some(&emulator))? else {
        return Ok(());
    };
    let fleet = Fleet::new()?;
    let prerequisites = prerequisites::prepare(&aws, &fleet.record())?;
    let caller = make_user(&aws)?;
    let theirs = aws.signed_by(&caller);
    let queue = |name: &str| theirs.text(&["sqs", "create-queue", "--queue-name", name]);
    ensure!(is_denied(queue("jit-runners-scaleup")), "the emulator lets everybody in");
    give_policies(&aws, &prerequisites)?;
    ensure!(is_denied(queue("jit-runners-other")), "the policies are for more than the deployment");

    let module = module.signed_by(&caller);
    for version in VERSIONS {
        module.set_variables(&Value::Object(prerequisites.variables(NAME, version)))?;
        module.stdout(&["apply", "-auto-approve"])?;
    }
    module.stdout(&["destroy", "-auto-approve"])?;

    let template = files::generated("cloudformation/template.yaml");
    for version in VERSIONS {
        deploy_stack(&theirs, &template, NAME, &prerequisites.parameters(version))?;
    }
    theirs.text(&["cloudformation", "delete-stack", "--stack-name", NAME])?;
    theirs.text(&["cloudformation", "wait", "stack-delete-complete", "--stack-name", NAME])?;
    Ok(())
}

/// Whether a call was refused because a permission is missing.
fn is_denied(answer: Result<String>) -> bool {
    answer.is_err_and(|error| format!("{error:#}").contains("AccessDenied"))
}

fn make_user(aws: &Aws<'_>) -> Result<Caller> {
    aws.text(&["iam", "create-user", "--user-name", USER])?;
    let key = aws.json(&["iam", "create-access-key", "--user-name", USER])?;
    let text = |name: &str| key["AccessKey"][name].as_str().map(str::to_owned).context("an access key");
    Ok(Caller { key: text("AccessKeyId")?, secret: text("SecretAccessKey")? })
}

fn give_policies(aws: &Aws<'_>, prerequisites: &Prerequisites) -> Result<()> {
    let account = aws.word(&["sts", "get-caller-identity"], "Account")?;
    let values =
        Values { account: &account, name: NAME, vpc: &prerequisites.vpc, bucket: prerequisites.bucket };
    let mut given = BTreeSet::new();
    for (name, policy) in policies(&values)? {
        let arn = aws.word(
            &["iam", "create-policy", "--policy-name", &name, "--policy-document", &policy],
            "Policy.Arn",
        )?;
        aws.text(&["iam", "attach-user-policy", "--user-name", USER, "--policy-arn", &arn])?;
        let policy: Value = serde_json::from_str(&policy)?;
        let statements = policy["Statement"].as_array().context("statements")?;
        let actions = statements.iter().filter_map(|statement| statement["Action"].as_array());
        given.extend(actions.flatten().filter_map(|action| action.as_str().map(str::to_owned)));
    }
    let otherwise: Vec<&str> =
        ASKED_OTHERWISE.iter().flat_map(|(_, actions)| actions.iter().copied()).collect();
    let not_given: Vec<_> = otherwise.iter().filter(|action| !given.contains(**action)).collect();
    ensure!(not_given.is_empty(), "the policies do not give {not_given:?}");
    let misnamed = MISNAMED.iter().filter(|(action, _)| given.contains(*action)).map(|(_, asked)| *asked);
    let actions: Vec<_> = otherwise.iter().copied().chain(misnamed).collect();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }],
    });
    let put =
        ["iam", "put-user-policy", "--user-name", USER, "--policy-name", "emulator", "--policy-document"];
    aws.text(&[&put[..], &[&policy.to_string()]].concat())?;
    Ok(())
}
