//! What has to be there before anybody deploys: a bucket with the functions, secrets, a network, an image.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::twins::Labels;
use super::{NAME, VERSIONS};
use crate::support::zips::{self, FUNCTIONS};
use jit_runners_witnesses::aws::Aws;
use jit_runners_witnesses::emulator::{Emulator, REGION};

const BUCKET: &str = "jit-runners-artifacts";

/// Answers to the required inputs.
pub(crate) struct Ground {
    pub(crate) bucket: &'static str,
    pub(crate) webhook_secret_arn: String,
    pub(crate) private_key_arn: String,
    pub(crate) vpc: String,
    pub(crate) subnets: Vec<String>,
    pub(crate) image: String,
}

impl Ground {
    pub(crate) fn prepare(aws: &Aws<'_>) -> Result<Self> {
        let zips = TempDir::with_prefix("jit-runners-zips-")?;
        zips::write_placeholders(zips.path(), &VERSIONS)?;
        aws.text(&["s3", "mb", &format!("s3://{BUCKET}")])?;
        let folder = zips.path().to_string_lossy();
        aws.text(&["s3", "cp", "--recursive", "--quiet", &folder, &format!("s3://{BUCKET}")])?;

        let secret = |name: &str, value: &str| {
            aws.word(&["secretsmanager", "create-secret", "--name", name, "--secret-string", value], "ARN")
        };
        let webhook_secret_arn = secret("webhook", "placeholder")?;
        let private_key_arn = secret("private-key", "placeholder")?;

        let vpc = aws.word(&["ec2", "create-vpc", "--cidr-block", "10.0.0.0/16"], "Vpc.VpcId")?;
        let subnet = |block: &str| {
            aws.word(&["ec2", "create-subnet", "--vpc-id", &vpc, "--cidr-block", block], "Subnet.SubnetId")
        };
        let subnets = vec![subnet("10.0.1.0/24")?, subnet("10.0.2.0/24")?];
        let image = aws.word(&["ec2", "describe-images"], "Images[0].ImageId")?;
        ensure!(image.starts_with("ami-"), "the emulator knows no image: {image}");
        Ok(Self { bucket: BUCKET, webhook_secret_arn, private_key_arn, vpc, subnets, image })
    }

    /// What is this deployment's own by accident, to be read as a label in a comparison.
    pub(crate) fn labels(&self, aws: &Aws<'_>, emulator: &Emulator, outputs: &Value) -> Result<Labels> {
        let mut labels = vec![
            (emulator.endpoint(), "(endpoint)"),
            (self.webhook_secret_arn.clone(), "(webhook secret)"),
            (self.private_key_arn.clone(), "(private key)"),
            (self.vpc.clone(), "(network)"),
        ];
        labels.extend(self.subnets.iter().map(|subnet| (subnet.clone(), "(subnet)")));
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
}

/// The key of a function's package in the bucket.
pub(crate) fn key(version: &str, function: &str) -> String {
    format!("{version}/{function}.zip")
}

/// What each function runs, so that an update can be seen.
pub(crate) fn deployed_code(aws: &Aws<'_>) -> Result<BTreeMap<String, String>> {
    let code = |function: &&str| {
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
