//! The actions that it takes to create, read, change and remove a resource of each kind, in the file of the policy that
//! has them. Those of the stack itself are here.
//!
//! The actions are those of `CloudFormation`'s resource handlers, as far as the deployment uses what they are for, and those
//! that Terraform's provider calls besides. A test holds them against the schemas that ship with cfn-lint, and says of each
//! action that is left out why.

use std::collections::BTreeSet;

use jit_runners_model::{
    Choices, Deployment, Expr, Text, contract::arn, match_resource, parameter::ParameterType,
    policy::Statement, text,
};

use super::PolicyArea;

mod functions;
mod observability;
mod roles;
mod services;

/// A statement, and the policy that it belongs to.
type Grant = (PolicyArea, Statement);

/// What the resources of one kind take. Each kind of the model has it, or [`grants`] does not compile.
trait Grants {
    /// What this resource takes; nothing, where another resource's statements are enough.
    fn grants(&self, choices: &Choices) -> Vec<Grant>;
}

/// Everything that the deployment takes, resource by resource.
pub(super) fn grants(deployment: &Deployment) -> Vec<Grant> {
    let choices = deployment.choices();
    let nodes = deployment.resources().iter();
    let of_resources = nodes.flat_map(|node| match_resource!(&node.resource, it => it.grants(choices)));
    of_resources.chain(services::key(choices)).chain(stack(deployment)).collect()
}

/// For actions without resource-level permissions, or none by name.
fn anything() -> Text {
    Text::literal("*")
}

fn allow(sid: &'static str, reason: &'static str, actions: &[&'static str], resource: Text) -> Statement {
    Statement {
        sid,
        reason,
        service: None,
        actions: actions.to_vec(),
        resources: vec![resource],
        conditions: Vec::new(),
    }
}

/// What `aws cloudformation deploy` takes besides what it makes, and what people look at when it fails.
fn stack(deployment: &Deployment) -> Vec<Grant> {
    let looks: BTreeSet<_> =
        deployment.parameters().iter().filter_map(|parameter| look(&parameter.kind)).collect();
    let inputs = allow(
        "CheckInputs",
        "CloudFormation checks that the network and the image exist",
        &Vec::from_iter(looks),
        anything(),
    );
    let stack = allow(
        "Stack",
        "deploy the stack, look at it, roll it back, delete it",
        STACK,
        arn("cloudformation", &text!["stack/", Expr::DeploymentName, "/*"]),
    );
    let template = allow(
        "ReadTemplate",
        "validate a template before there is a stack",
        &["cloudformation:GetTemplateSummary", "cloudformation:ValidateTemplate"],
        anything(),
    );
    vec![(PolicyArea::Stack, stack), (PolicyArea::Stack, template), (PolicyArea::Stack, inputs)]
}

const STACK: &[&str] = &[
    "cloudformation:CancelUpdateStack",
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:CreateChangeSet",
    "cloudformation:CreateStack",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResource",
    "cloudformation:DescribeStackResources",
    "cloudformation:DescribeStacks",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetTemplate",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListChangeSets",
    "cloudformation:ListStackResources",
    "cloudformation:TagResource",
    "cloudformation:UntagResource",
    "cloudformation:UpdateStack",
];

/// How an input's type is checked
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html>).
const fn look(kind: &ParameterType) -> Option<&'static str> {
    match kind {
        ParameterType::VpcId => Some("ec2:DescribeVpcs"),
        ParameterType::SubnetIds => Some("ec2:DescribeSubnets"),
        ParameterType::ImageId => Some("ec2:DescribeImages"),
        ParameterType::Text { .. }
        | ParameterType::LabelMappings
        | ParameterType::Integer { .. }
        | ParameterType::Flag => None,
    }
}
