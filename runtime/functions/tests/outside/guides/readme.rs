//! The quick start of the README, in both dialects, one after the other in one account. Each deployment is then removed
//! without scale-down, as the guide says.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use jit_runners_witnesses::{
    emulator::{Aws, REGION},
    files,
    prerequisites::{Network, Prerequisites, Secrets},
    terraform::Terraform,
};
use serde_json::{Value, json};

use super::{guide::Guide, reader::Reader};
use crate::{
    end_to_end::{
        doubles::TestDoubles,
        fixture::{NAME, WEBHOOK_SECRET},
    },
    github::fake::KEY as PRIVATE_KEY,
};

const BUCKET: &str = "my-lambda-packages";

#[test]
fn a_newcomer_follows_the_readme() -> Result<()> {
    let check = "the quick start of the README";
    let Some(doubles) = TestDoubles::set(check)? else { return Ok(()) };
    let Some(mut reader) = Reader::at(check, &doubles)? else { return Ok(()) };
    let Some(aws) = Aws::new(check, &doubles.emulator)? else { return Ok(()) };
    let terraform = reader.checkout.join("generated/terraform");
    if Terraform::prepare(check, &terraform, None)?.is_none() {
        return Ok(());
    }
    let network = Network::make(&aws)?;
    let secrets = Secrets { webhook: WEBHOOK_SECRET, private_key: PRIVATE_KEY };
    let prerequisites = Prerequisites::around(&aws, network, BUCKET, &secrets)?;
    let guide = Guide::open("README.md")?;

    // The reader has used the account before.
    reader.types(&format!("export AWS_DEFAULT_REGION={REGION}"))?;
    reader.follow_own(&guide, "jit-runners")?;
    reader.follow_own(&guide, "Quick start")?;
    let with_terraform = "OpenTofu or Terraform";
    reader.follow_first(&guide, with_terraform)?;
    let variables = prerequisites.variables(NAME, "v1.0.0");
    let file = terraform.join("terraform.tfvars");
    files::write(&file, filled_in(&fs::read_to_string(&file)?, &variables))?;
    reader.follow_rest(&guide, with_terraform)?;
    let functions = "length(Functions)";
    let deployed = aws.word(&["lambda", "list-functions"], functions)?;
    ensure!(deployed == "5", "{deployed} functions");
    let update = Guide::open("docs/update.md")?;
    reader.types(&format!("NAME={NAME}\naws lambda delete-function --function-name {NAME}-scaledown"))?;
    reader.types("if terraform -chdir=generated/terraform destroy; then exit 1; fi")?;
    reader.follow(&update, "Without the function, with OpenTofu or Terraform")?;
    ensure!(aws.word(&["lambda", "list-functions"], functions)? == "0", "functions are left");

    reader.follow_first(&guide, "CloudFormation")?;
    let file = reader.checkout.join("parameters.json");
    let mut parameters: Vec<Value> = serde_json::from_slice(&fs::read(&file)?)?;
    for given in prerequisites.parameters("v1.0.0") {
        let (name, value) = given.split_once('=').context("no parameter")?;
        parameters.retain(|parameter| parameter["ParameterKey"] != name);
        parameters.push(json!({ "ParameterKey": name, "ParameterValue": value }));
    }
    files::write(&file, serde_json::to_vec(&parameters)?)?;
    reader.follow_rest(&guide, "CloudFormation")?;
    ensure!(aws.word(&["lambda", "list-functions"], functions)? == "5");
    reader.types(&format!("aws lambda delete-function --function-name {NAME}-scaledown"))?;
    reader.types(&format!("aws cloudformation delete-stack --stack-name {NAME}"))?;
    let gone = format!("aws cloudformation wait stack-delete-complete --stack-name {NAME}");
    reader.types(&format!("if {gone}; then exit 1; fi"))?;
    reader.follow(&update, "Without the function, with CloudFormation")?;
    ensure!(aws.word(&["lambda", "list-functions"], functions)? == "0", "functions are left");

    // A new user does not have this file yet.
    reader.types("rm jit-runners.yaml")?;
    reader.follow(&guide, "Choose, and check")?;
    let commands = reader.has_followed(&guide, &[])?;
    eprintln!("{check}: {commands} commands were typed");
    Ok(())
}

/// The example with the values of its variables.
fn filled_in(example: &str, values: &serde_json::Map<String, Value>) -> String {
    let line = |line: &str| {
        let name = line.split('=').next().unwrap_or_default().trim();
        values.get(name).map_or_else(|| line.to_owned(), |value| format!("{name} = {value}"))
    };
    example.lines().map(line).collect::<Vec<_>>().join("\n")
}
