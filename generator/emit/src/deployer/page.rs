//! `deployer/README.md`: how to use the policies, and why each statement is there.

use jit_runners_model::Deployment;
use serde::Serialize;

use super::DeployerPolicy;
use crate::{
    NOTICE,
    docs::{Reader, StatementView, render, statement},
};

const TEMPLATE: &str = include_str!("readme.md.j2");

#[derive(Serialize)]
struct Page {
    notice: &'static str,
    /// The permissions boundary of every role, if one is chosen.
    boundary: Option<String>,
    kms_key: bool,
    policies: Vec<PolicyView>,
}

#[derive(Serialize)]
struct PolicyView {
    name: &'static str,
    about: &'static str,
    statements: Vec<StatementView>,
}

pub(super) fn text(reader: &Reader<'_>, deployment: &Deployment, policies: &[DeployerPolicy]) -> String {
    let view = |policy: &DeployerPolicy| PolicyView {
        name: policy.part.name(),
        about: policy.part.about(),
        statements: policy.statements.iter().map(|one| statement(reader, one)).collect(),
    };
    let choices = deployment.choices();
    render(
        TEMPLATE,
        Page {
            notice: NOTICE,
            boundary: choices.permissions_boundary.as_ref().map(ToString::to_string),
            kms_key: choices.kms_key.is_some(),
            policies: policies.iter().map(view).collect(),
        },
    )
}
