//! What a test deployed, to update it or to remove it.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use jit_runners_witnesses::{emulator::Aws, prerequisites::deploy_stack, terraform::Terraform};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::fixture::{Fixture, NAME, within};

/// The longest time for the deletion or the rollback of a stack.
const REMOVAL: Duration = Duration::from_mins(10);
/// A package that is not in the bucket.
const NO_PACKAGE: &str = "v1.0.0/none.zip";
/// The kinds of resources whose deletion is recorded: the one that ends all instances, those that it needs, and the
/// stack.
const TOLD: [&str; 6] =
    ["RunnerFleet", "ScaleDownFunction", "RunnersTable", "RunnerSecurityGroup", "RunnerRole", NAME];
/// The template, in the folder in which `generate` ran.
pub(crate) const TEMPLATE: &str = "generated/cloudformation/template.yaml";

/// What a test deployed.
#[derive(Debug, Default)]
pub(crate) enum Source {
    /// A module, with its state.
    Terraform { folder: TempDir, variables: Map<String, Value> },
    /// A template.
    CloudFormation { folder: TempDir, parameters: Vec<String> },
    /// Deployed outside of the test.
    #[default]
    Elsewhere,
}

impl Source {
    /// An update that changes a function.
    pub(crate) fn change(&mut self, check: &str, fixture: &Fixture, aws: &Aws<'_>) -> Result<()> {
        match self {
            Self::Terraform { folder, variables } => {
                variables.insert("stale_threshold_minutes".to_owned(), json!(11));
                let told = module(check, fixture, folder, variables)?.stdout(&["apply", "-auto-approve"])?;
                ensure!(told.contains("Apply complete") && told.contains(" 0 destroyed"), "{told}");
                Ok(())
            }
            Self::CloudFormation { folder, parameters } => {
                parameters.push("StaleThresholdMinutes=11".to_owned());
                deploy_stack(aws, &folder.path().join(TEMPLATE), NAME, parameters)
            }
            Self::Elsewhere => elsewhere(),
        }
    }

    /// An update that fails, and that CloudFormation rolls back.
    pub(crate) fn fail(&self, check: &str, fixture: &Fixture, aws: &Aws<'_>) -> Result<()> {
        match self {
            Self::Terraform { folder, variables } => {
                let mut wrong = variables.clone();
                wrong.insert("webhook_lambda_s3_key".to_owned(), json!(NO_PACKAGE));
                let failed = module(check, fixture, folder, &wrong)?.stdout(&["apply", "-auto-approve"]);
                ensure!(failed.is_err(), "a package that is not there was deployed");
                module(check, fixture, folder, variables)?.stdout(&["apply", "-auto-approve"]).map(drop)
            }
            Self::CloudFormation { folder, parameters } => {
                let mut wrong = parameters.clone();
                wrong.retain(|parameter| !parameter.starts_with("WebhookLambdaS3Key="));
                wrong.push(format!("WebhookLambdaS3Key={NO_PACKAGE}"));
                let failed = deploy_stack(aws, &folder.path().join(TEMPLATE), NAME, &wrong);
                ensure!(failed.is_err(), "a package that is not there was deployed");
                // The command exits at the first failure.
                within(REMOVAL, "the update is taken back", || {
                    let status = status(aws, NAME)?;
                    ensure!(!status.ends_with("FAILED"), "the stack is in {status}");
                    Ok((status == "UPDATE_ROLLBACK_COMPLETE").then_some(()))
                })
            }
            Self::Elsewhere => elsewhere(),
        }
    }

    /// Removes the deployment. Returns the removed resources in order.
    pub(crate) fn remove(&self, check: &str, fixture: &Fixture, aws: &Aws<'_>) -> Result<String> {
        match self {
            Self::Terraform { folder, variables } => {
                let told =
                    module(check, fixture, folder, variables)?.stdout(&["destroy", "-auto-approve"])?;
                let lines = told.lines().filter(|line| line.contains("Destr") || line.contains("destr"));
                Ok(lines.filter(|line| !line.contains("# ")).flat_map(|line| [line, "\n"]).collect())
            }
            Self::CloudFormation { .. } => {
                let id = aws.word(
                    &["cloudformation", "describe-stacks", "--stack-name", NAME],
                    "Stacks[0].StackId",
                )?;
                aws.text(&["cloudformation", "delete-stack", "--stack-name", NAME])?;
                within(REMOVAL, "the stack is deleted", || {
                    let status = status(aws, &id)?;
                    ensure!(status != "DELETE_FAILED", "{}", events(aws, &id)?);
                    Ok((status == "DELETE_COMPLETE").then_some(()))
                })?;
                events(aws, &id)
            }
            Self::Elsewhere => elsewhere(),
        }
    }
}

fn elsewhere<T>() -> Result<T> {
    bail!("nobody knows what it was deployed from")
}

fn module<'a>(
    check: &str,
    fixture: &'a Fixture,
    folder: &TempDir,
    variables: &Map<String, Value>,
) -> Result<Terraform<'a>> {
    let module = Terraform::at(check, folder.path(), Some(&fixture.emulator))?.context("no Terraform")?;
    module.set_variables(&Value::Object(variables.clone()))?;
    Ok(module)
}

pub(crate) fn status(aws: &Aws<'_>, stack: &str) -> Result<String> {
    aws.word(&["cloudformation", "describe-stacks", "--stack-name", stack], "Stacks[0].StackStatus")
}

/// The deletions of the relevant resources, oldest first, with their times.
fn events(aws: &Aws<'_>, stack: &str) -> Result<String> {
    let query =
        "StackEvents[?starts_with(ResourceStatus, 'DELETE')].[Timestamp, ResourceStatus, LogicalResourceId]";
    let told = aws.word(&["cloudformation", "describe-stack-events", "--stack-name", stack], query)?;
    let matters = |line: &&str| line.split('\t').nth(2).is_some_and(|id| TOLD.contains(&id));
    // The client joins pages of events, which have the latest event first.
    let mut lines: Vec<_> = told.lines().filter(matters).collect();
    lines.sort_unstable();
    Ok(lines.join("\n"))
}
