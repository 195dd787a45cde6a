//! IAM and CloudFormation.

use anyhow::Result;
use jit_runners_functions::{account::AwsAccount, cloud::Cloud};
use jit_runners_runtime::conformance;
use jit_runners_witnesses::{
    emulator::{Aws, Emulator, REGION},
    files,
};
use tempfile::TempDir;

use super::emulated::{configuration, run};

const TEMPLATE: &str = "Resources: { Queue: { Type: 'AWS::SQS::Queue' } }\n";

#[test]
fn iam_and_cloudformation_are_ones_that_handlers_can_rely_on() -> Result<()> {
    let check = "conformance of IAM and CloudFormation";
    let Some(emulator) = Emulator::start(check)? else { return Ok(()) };
    let Some(aws) = Aws::new(check, &emulator)? else { return Ok(()) };
    let folder = TempDir::with_prefix("jit-runners-stack-")?;
    let template = folder.path().join("template.yaml");
    files::write(&template, TEMPLATE)?;
    let template = template.to_string_lossy();
    aws.text(&["cloudformation", "deploy", "--template-file", &template, "--stack-name", "ours"])?;
    let stack =
        aws.word(&["cloudformation", "describe-stacks", "--stack-name", "ours"], "Stacks[0].StackId")?;
    let other = format!("arn:aws:cloudformation:{REGION}:000000000000:stack/theirs/1");
    let account = AwsAccount::new(&Cloud::from(configuration(&emulator.endpoint())));
    run(async {
        let differences = conformance::account(&account, &stack, "CREATE_COMPLETE", &other).await;
        assert_eq!(differences.as_slice(), [""; 0]);
        Ok(())
    })
}
