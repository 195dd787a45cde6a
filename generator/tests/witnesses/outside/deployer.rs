//! Compares the policies for whoever deploys with what `CloudFormation` says that it calls: the permissions of each
//! resource handler, in the schemas that ship with cfn-lint.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use jit_runners_emit::GeneratedFile;
use jit_runners_generator::{files, read_choices};
use jit_runners_model::{Choices, Deployment};
use jit_runners_witnesses::files::write;
use jit_runners_witnesses::tools;
use regex_lite::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::deployer::{Values, policies};
use crate::support::parliament;

const CHECK: &str = "policies for whoever deploys, against CloudFormation's schemas";

/// The configurations for which an entry applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum If {
    Always,
    NoKey,
    NoBoundary,
    Boundary,
}

impl If {
    fn holds(self, choices: &Choices) -> bool {
        match self {
            Self::Always => true,
            Self::NoKey => choices.kms_key.is_none(),
            Self::NoBoundary => choices.permissions_boundary.is_none(),
            Self::Boundary => choices.permissions_boundary.is_some(),
        }
    }
}

/// Calls of handlers that the policies do not allow, because the deployment does not use their feature.
const LEFT_OUT: [(If, &str, &[&str]); 16] = [
    (
        If::Always,
        "the table is not imported, and has no replica",
        &[
            "dynamodb:AssociateTableReplica",
            "dynamodb:BatchWriteItem",
            "dynamodb:CreateTableReplica",
            "dynamodb:DeleteItem",
            "dynamodb:DescribeImport",
            "dynamodb:GetItem",
            "dynamodb:ImportTable",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
            "iam:CreateServiceLinkedRole",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
            "s3:GetObjectMetadata",
            "s3:ListBucket",
        ],
    ),
    (
        If::Always,
        "the table feeds no stream, has no policy of its own and no insights",
        &[
            "dynamodb:DeleteResourcePolicy",
            "dynamodb:DisableKinesisStreamingDestination",
            "dynamodb:EnableKinesisStreamingDestination",
            "dynamodb:PutResourcePolicy",
            "dynamodb:UpdateContributorInsights",
            "dynamodb:UpdateKinesisStreamingDestination",
            "kinesis:DescribeStream",
            "kinesis:PutRecords",
        ],
    ),
    (
        If::Always,
        "the security group lets nothing in",
        &[
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupIngress",
            "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
        ],
    ),
    (
        If::Always,
        "the functions are in no VPC and have no file system",
        &[
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "elasticfilesystem:DescribeMountTargets",
            "s3files:ListMountTargets",
        ],
    ),
    (
        If::Always,
        "the functions have no layer, and nobody signs their code",
        &[
            "lambda:DeleteFunctionCodeSigningConfig",
            "lambda:GetCodeSigningConfig",
            "lambda:GetLayerVersion",
            "lambda:PutFunctionCodeSigningConfig",
        ],
    ),
    (
        If::Always,
        "the functions reserve no concurrency, and run on no capacity of their own",
        &[
            "lambda:DeleteFunctionConcurrency",
            "lambda:PassCapacityProvider",
            "lambda:PutFunctionConcurrency",
            "lambda:PutFunctionScalingConfig",
        ],
    ),
    (
        If::Always,
        "the functions have no versions, and the runtime's updates and the detection of loops are as Lambda has them",
        &[
            "lambda:AssociateRuntimeAlias",
            "lambda:PublishVersion",
            "lambda:PutFunctionRecursionConfig",
            "lambda:PutRuntimeManagementConfig",
        ],
    ),
    (If::Always, "packages are named by their keys, not by versions of an object", &["s3:GetObjectVersion"]),
    (If::Always, "the API is not described by a document in a bucket", &["s3:getObject"]),
    (
        If::Always,
        "log groups have no data protection, index, policy or token of their own, and are not protected from deletion",
        &[
            "logs:DeleteIndexPolicy",
            "logs:DeleteResourcePolicy",
            "logs:PutBearerTokenAuthentication",
            "logs:PutDataProtectionPolicy",
            "logs:PutIndexPolicy",
            "logs:PutLogGroupDeletionProtection",
        ],
    ),
    (
        If::Always,
        "logs are delivered to no bucket and to no stream",
        &["firehose:TagDeliveryStream", "s3:REST.PUT.OBJECT"],
    ),
    (If::Always, "roles have no managed policies", &["iam:AttachRolePolicy", "iam:DetachRolePolicy"]),
    (If::Always, "a key is given by its ARN", &["kms:ListAliases"]),
    (
        If::NoKey,
        "nothing is encrypted with a key of the account",
        &[
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:RevokeGrant",
            "logs:AssociateKmsKey",
        ],
    ),
    (If::NoBoundary, "roles have no boundary", &["iam:PutRolePermissionsBoundary"]),
    (If::Boundary, "nobody takes the boundary away from a role", &["iam:DeleteRolePermissionsBoundary"]),
];

/// Actions that no handler calls, but that are needed.
const BESIDES: [(&str, &[&str]); 4] = [
    (
        "API Gateway asks for them when an HTTP API gets an access log",
        &[
            "logs:DeleteLogDelivery",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:UpdateLogDelivery",
        ],
    ),
    (
        "Terraform's provider looks at them when it reads a function",
        &["lambda:GetFunctionConfiguration", "lambda:ListVersionsByFunction"],
    ),
    (
        "a custom resource calls its function in the name of whoever deploys; what that calls, its own role allows",
        &["lambda:InvokeFunction"],
    ),
    (
        "Terraform's provider looks for profiles before it deletes a role",
        &["iam:ListInstanceProfilesForRole"],
    ),
];

#[test]
fn whoever_deploys_may_do_what_cloudformation_says_and_no_more() -> Result<()> {
    let Some(schemas) = Schemas::read()? else { return Ok(()) };
    let everything = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configurations/everything.yaml");
    for choices in [Choices::default(), read_choices(&everything)?] {
        compare(&schemas, &choices)?;
    }
    Ok(())
}

fn compare(schemas: &Schemas, choices: &Choices) -> Result<()> {
    let generated = files(&Deployment::new(choices.clone())?);
    let given = given(&generated)?;
    let (mut called, mut tags) = (BTreeSet::new(), BTreeSet::new());
    for kind in kinds(&generated)? {
        let schema = schemas.of(&kind)?;
        called.extend(schema.called.iter().map(String::as_str));
        tags.extend(schema.tags.iter().map(String::as_str));
    }
    let left_out: BTreeSet<&str> = LEFT_OUT
        .iter()
        .filter(|(when, _, _)| when.holds(choices))
        .flat_map(|(_, _, actions)| actions.iter().copied())
        .collect();
    let besides: BTreeSet<&str> = BESIDES.iter().flat_map(|(_, actions)| actions.iter().copied()).collect();
    let given: BTreeSet<&str> = given.iter().map(String::as_str).collect();

    let all = |wrong: Vec<&str>, what: &str| {
        ensure!(wrong.is_empty(), "{what}: {wrong:#?}");
        Ok(())
    };
    let called_only = called.difference(&given).filter(|it| !left_out.contains(*it)).copied().collect();
    all(called_only, "CloudFormation may call these, and the policies neither give them nor say why not")?;
    let unknown =
        given.iter().filter(|it| !called.contains(*it) && !tags.contains(*it) && !besides.contains(*it));
    all(unknown.copied().collect(), "the policies give what nobody is said to need")?;
    all(left_out.intersection(&given).copied().collect(), "these are said to be left out, and are given")?;
    all(
        left_out.difference(&called).copied().collect(),
        "these are said to be left out, and nobody calls them",
    )?;
    let idle = besides.iter().filter(|it| called.contains(*it) || !given.contains(*it));
    all(idle.copied().collect(), "these need no explanation")
}

/// All actions of the policies except `stack.json`, which no resource needs.
fn given(generated: &[GeneratedFile]) -> Result<BTreeSet<String>> {
    let mut given = BTreeSet::new();
    for file in generated {
        let of_resources = file.path.strip_prefix("deployer/").and_then(|name| name.strip_suffix(".json"));
        if of_resources.is_none_or(|name| name == "stack") {
            continue;
        }
        let policy: Value = serde_json::from_str(&file.contents)?;
        for statement in policy["Statement"].as_array().context("statements")? {
            given.extend(texts(&statement["Action"]));
        }
    }
    ensure!(!given.is_empty(), "there are no policies");
    Ok(given)
}

/// The kinds of resources in the template, with their names in `CloudFormation`.
fn kinds(generated: &[GeneratedFile]) -> Result<BTreeSet<String>> {
    let template = generated.iter().find(|file| file.path == "cloudformation/template.yaml");
    let (_, resources) =
        template.context("the template")?.contents.split_once("\nResources:").context("its resources")?;
    let kind = Regex::new(r"(?m)^  Type: (AWS::\S+)$")?;
    let kinds: BTreeSet<_> = kind.captures_iter(resources).map(|found| found[1].to_owned()).collect();
    ensure!(kinds.len() > 10, "the template has changed its form: {kinds:?}");
    Ok(kinds)
}

/// The permissions in the schema of a kind.
#[derive(Default)]
struct Schema {
    /// Of the handlers that create, read, update and delete.
    called: BTreeSet<String>,
    /// For its tags.
    tags: BTreeSet<String>,
}

struct Schemas(BTreeMap<String, Schema>);

impl Schemas {
    /// The schemas that ship with cfn-lint; the pinned version has handlers. `None` if the check is skipped.
    fn read() -> Result<Option<Self>> {
        let Some(program) = tools::require(CHECK, "cfn-lint")? else { return Ok(None) };
        // <environment>/bin/cfn-lint, <environment>/lib/python3.x/site-packages/cfnlint/...
        let environment = program.ancestors().nth(2).context("cfn-lint's place")?;
        let packages = fs::read_dir(environment.join("lib"))?
            .flatten()
            .map(|entry| entry.path().join("site-packages/cfnlint/data/schemas/resources"))
            .find(|folder| folder.is_dir())
            .with_context(|| format!("no schemas of cfn-lint below {}", environment.display()))?;
        let mut schemas = BTreeMap::new();
        for entry in fs::read_dir(packages)?.flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "json") {
                let schema: Value = serde_json::from_slice(&fs::read(entry.path())?)?;
                let name = schema["typeName"].as_str().unwrap_or_default().to_owned();
                schemas.insert(name, Schema::of(&schema));
            }
        }
        Ok(Some(Self(schemas)))
    }

    fn of(&self, kind: &str) -> Result<&Schema> {
        let schema = self.0.get(kind).with_context(|| format!("cfn-lint knows no {kind}"))?;
        ensure!(
            !schema.called.is_empty(),
            "{kind} has no handlers: is it the cfn-lint of tools/requirements.txt?"
        );
        Ok(schema)
    }
}

impl Schema {
    fn of(schema: &Value) -> Self {
        let handlers =
            ["create", "read", "update", "delete"].map(|name| &schema["handlers"][name]["permissions"]);
        Self {
            called: handlers.into_iter().flat_map(texts).collect(),
            tags: texts(&schema["tagging"]["permissions"]).collect(),
        }
    }
}

/// The texts of a list, or none if there is no list.
fn texts(list: &Value) -> impl Iterator<Item = String> + use<'_> {
    list.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned))
}

#[test]
fn actions_resources_and_conditions_of_the_policies_fit_together() -> Result<()> {
    let folder = TempDir::with_prefix("jit-runners-deployer-")?;
    let values = Values {
        account: "123456789012",
        name: "jit-runners",
        vpc: "vpc-0123456789abcdef0",
        bucket: "packages",
    };
    for (name, policy) in policies(&values)? {
        write(&folder.path().join(format!("{name}.json")), policy)?;
    }
    parliament::judge("parliament-deployer", folder.path())
}
