//! What `aws cloudformation deploy` takes besides what it makes, and what people look at when it fails.

use std::collections::BTreeSet;

use jit_runners_model::{Deployment, Expr, contract::arn, parameter::ParameterType, text};

use super::{Grant, allow, anything};
use crate::deployer::PolicyArea;

pub(super) fn grants(deployment: &Deployment) -> Vec<Grant> {
    let looks: BTreeSet<_> =
        deployment.parameters().iter().filter_map(|parameter| look(&parameter.kind)).collect();
    let inputs = allow(
        "CheckInputs",
        "CloudFormation looks whether the network and the image that it is given are there",
        &Vec::from_iter(looks),
        anything(),
    );
    let stack = allow(
        "Stack",
        "deploy the stack, look at it, roll it back, remove it",
        STACK,
        arn("cloudformation", &text!["stack/", Expr::DeploymentName, "/*"]),
    );
    let template = allow(
        "ReadTemplate",
        "have a template looked at that is no stack yet",
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
        ParameterType::Text { .. } | ParameterType::LabelMappings | ParameterType::Integer { .. } => None,
    }
}
