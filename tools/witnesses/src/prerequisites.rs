//! What must exist before a deployment: a bucket with the packages of the functions, secrets, a network and an image.
//! Also the inputs of a deployment on it, in both dialects.

use std::io::{Cursor, Write as _};
use std::path::Path;

use anyhow::{Result, bail, ensure};
use serde_json::{Map, Value, json};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::emulator::{Aws, REGION};

const BUCKET: &str = "jit-runners-artifacts";

/// The functions: the name of each package, and the beginning of its CloudFormation parameter.
pub const FUNCTIONS: [(&str, &str); 5] = [
    ("webhook", "Webhook"),
    ("scaleup", "ScaleUp"),
    ("scaledown", "ScaleDown"),
    ("lifecycle", "Lifecycle"),
    ("rebalancer", "Rebalancer"),
];

/// The App of the deployment, and its installation.
pub const GITHUB_APP: u64 = 312_555;
/// See [`GITHUB_APP`].
pub const GITHUB_INSTALLATION: u64 = 48_123_456;

/// Answers to the required inputs.
pub struct Prerequisites {
    /// The bucket for the packages.
    pub bucket: &'static str,
    /// The secret that webhooks are signed with.
    pub webhook_secret_arn: String,
    /// The App's private key.
    pub private_key_arn: String,
    /// The network.
    pub vpc: String,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// The image.
    pub image: String,
}

/// A network for runners.
pub struct Network {
    /// The VPC.
    pub vpc: String,
    /// Two subnets of it.
    pub subnets: Vec<String>,
}

impl Network {
    /// Makes one.
    pub fn make(aws: &Aws<'_>) -> Result<Self> {
        let vpc = aws.word(&["ec2", "create-vpc", "--cidr-block", "10.0.0.0/16"], "Vpc.VpcId")?;
        let subnet = |block: &str| {
            aws.word(&["ec2", "create-subnet", "--vpc-id", &vpc, "--cidr-block", block], "Subnet.SubnetId")
        };
        let subnets = vec![subnet("10.0.1.0/24")?, subnet("10.0.2.0/24")?];
        Ok(Self { vpc, subnets })
    }
}

/// The texts of the two secrets.
pub struct Secrets<'a> {
    /// What webhooks are signed with.
    pub webhook: &'a str,
    /// The App's private key.
    pub private_key: &'a str,
}

impl Prerequisites {
    /// Makes all of it; `packages` holds `<version>/<function>.zip`.
    pub fn prepare(aws: &Aws<'_>, packages: &Path, secrets: &Secrets<'_>) -> Result<Self> {
        let prerequisites = Self::around(aws, Network::make(aws)?, BUCKET, secrets)?;
        let folder = packages.to_string_lossy();
        aws.text(&["s3", "cp", "--recursive", "--quiet", &folder, &format!("s3://{BUCKET}")])?;
        Ok(prerequisites)
    }

    /// Makes what else is needed besides a network: an empty bucket, and secrets.
    pub fn around(
        aws: &Aws<'_>,
        network: Network,
        bucket: &'static str,
        secrets: &Secrets<'_>,
    ) -> Result<Self> {
        aws.text(&["s3", "mb", &format!("s3://{bucket}")])?;
        let secret = |name: &str, value: &str| {
            aws.word(&["secretsmanager", "create-secret", "--name", name, "--secret-string", value], "ARN")
        };
        let webhook_secret_arn = secret("webhook", secrets.webhook)?;
        let private_key_arn = secret("private-key", secrets.private_key)?;
        let Network { vpc, subnets } = network;
        let image = aws.word(&["ec2", "describe-images"], "Images[0].ImageId")?;
        ensure!(image.starts_with("ami-"), "the emulator knows no image: {image}");
        Ok(Self { bucket, webhook_secret_arn, private_key_arn, vpc, subnets, image })
    }

    /// The module's variables.
    pub fn variables(&self, name: &str, version: &str) -> Map<String, Value> {
        let mut variables = Map::from_iter([
            ("aws_region".to_owned(), json!(REGION)),
            ("project_name".to_owned(), json!(name)),
            ("github_app_id".to_owned(), json!(GITHUB_APP.to_string())),
            ("github_installation_id".to_owned(), json!(GITHUB_INSTALLATION.to_string())),
            ("webhook_secret_arn".to_owned(), json!(self.webhook_secret_arn)),
            ("private_key_arn".to_owned(), json!(self.private_key_arn)),
            ("lambda_s3_bucket".to_owned(), json!(self.bucket)),
            ("vpc_id".to_owned(), json!(self.vpc)),
            ("subnet_ids".to_owned(), json!(self.subnets)),
            ("default_ami".to_owned(), json!(self.image)),
        ]);
        for (function, _) in FUNCTIONS {
            variables.insert(format!("{function}_lambda_s3_key"), json!(key(version, function)));
        }
        variables
    }

    /// The template's parameters, the same inputs.
    pub fn parameters(&self, version: &str) -> Vec<String> {
        let mut parameters = vec![
            format!("GitHubAppId={GITHUB_APP}"),
            format!("GitHubInstallationId={GITHUB_INSTALLATION}"),
            format!("WebhookSecretArn={}", self.webhook_secret_arn),
            format!("PrivateKeySecretArn={}", self.private_key_arn),
            format!("LambdaS3Bucket={}", self.bucket),
            format!("VpcId={}", self.vpc),
            format!("SubnetIds={}", self.subnets.join(",")),
            format!("DefaultAMI={}", self.image),
        ];
        for (function, prefix) in FUNCTIONS {
            parameters.push(format!("{prefix}LambdaS3Key={}", key(version, function)));
        }
        parameters
    }
}

/// The package of a function: a zip with one executable `bootstrap`, compressed at a level from 1 to 9, or not at all.
pub fn zipped(bootstrap: &[u8], level: Option<i64>) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let method = if level.is_some() { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    let options = SimpleFileOptions::default().compression_method(method).compression_level(level);
    zip.start_file("bootstrap", options.unix_permissions(0o755))?;
    zip.write_all(bootstrap)?;
    Ok(zip.finish()?.into_inner())
}

/// The key of a function's package in the bucket.
pub fn key(version: &str, function: &str) -> String {
    format!("{version}/{function}.zip")
}

/// `aws cloudformation deploy`, the command of the guide; an update is the same command with other parameters.
pub fn deploy_stack(aws: &Aws<'_>, template: &Path, name: &str, parameters: &[String]) -> Result<()> {
    let template = template.to_string_lossy();
    let mut arguments = vec!["cloudformation", "deploy", "--template-file", &template, "--stack-name", name];
    arguments.extend(["--capabilities", "CAPABILITY_NAMED_IAM", "--parameter-overrides"]);
    arguments.extend(parameters.iter().map(String::as_str));
    let Err(error) = aws.text(&arguments) else { return Ok(()) };
    // The command only says that it failed. The reasons are in the stack's events.
    let failed = "StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]";
    let reasons = aws
        .word(&["cloudformation", "describe-stack-events", "--stack-name", name], failed)
        .unwrap_or_else(|_| "there is no stack".to_owned());
    bail!("{error:#}\n{reasons}")
}

/// An output of a stack.
pub fn stack_output(aws: &Aws<'_>, name: &str, output: &str) -> Result<String> {
    let value = format!("Stacks[0].Outputs[?OutputKey=='{output}'].OutputValue");
    aws.word(&["cloudformation", "describe-stacks", "--stack-name", name], &value)
}
