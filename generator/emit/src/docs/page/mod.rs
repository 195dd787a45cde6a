//! `docs/deployment.md`: every resource by concern, and what each function and each instance may do and why.

mod choices;
mod permissions;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jit_runners_model::{
    Concern, Deployment, Expr, Node, Piece, Text,
    contract::environment::expected,
    resource::{Function, InstanceProfile, LogGroup, ResourceId, Role},
};
use serde::Serialize;

use self::{
    choices::{ChoiceView, MappingView},
    permissions::{CallerView, RoleView},
};
use super::{
    NOTICE,
    readable::{Reader, duration},
    template::render,
};
use crate::key_policy;

pub(crate) use self::permissions::{StatementView, statement};

const TEMPLATE: &str = include_str!("deployment.md.j2");

#[derive(Serialize)]
struct Page {
    notice: &'static str,
    choices: Vec<ChoiceView>,
    mappings: Vec<MappingView>,
    concerns: Vec<ConcernView>,
    functions: Vec<FunctionView>,
    instance: Vec<RoleView>,
    other_roles: Vec<RoleView>,
    callers: Vec<CallerView>,
    keys: String,
    kms_key: bool,
    outputs: Vec<OutputView>,
}

#[derive(Serialize)]
struct ConcernView {
    title: &'static str,
    resources: Vec<ResourceView>,
}

#[derive(Serialize)]
struct ResourceView {
    logical_id: &'static str,
    kind: &'static str,
    name: Option<String>,
    settings: Vec<String>,
}

#[derive(Serialize)]
struct FunctionView {
    handler: &'static str,
    name: String,
    purpose: &'static str,
    memory: u32,
    timeout: String,
    log_retention: Option<u32>,
    role: Option<RoleView>,
    environment: Vec<VariableView>,
}

#[derive(Serialize)]
struct VariableView {
    name: &'static str,
    expected: &'static str,
    source: String,
}

#[derive(Serialize)]
struct OutputView {
    cloudformation: &'static str,
    terraform: &'static str,
    description: &'static str,
    value: String,
}

/// The page.
pub(super) fn text(deployment: &Deployment) -> String {
    render(TEMPLATE, page(deployment))
}

fn page(deployment: &Deployment) -> Page {
    let reader = Reader::new(deployment);
    let used_by = RoleUse::new(deployment);
    let roles = |wanted: fn(&RoleUse, ResourceId) -> bool| -> Vec<RoleView> {
        let roles = deployment.resources_of::<Role>().filter(|(id, _)| wanted(&used_by, *id));
        roles.map(|(id, role)| permissions::role(&reader, id, role)).collect()
    };
    Page {
        notice: NOTICE,
        choices: choices::choices(deployment.choices()),
        mappings: choices::mappings(deployment.choices()),
        concerns: concerns(&reader, deployment),
        functions: functions(&reader, deployment),
        instance: roles(|used_by, id| used_by.instances.contains(&id)),
        other_roles: roles(|used_by, id| {
            !used_by.instances.contains(&id) && !used_by.functions.contains(&id)
        }),
        callers: permissions::callers(&reader, deployment),
        keys: key_policy::sections(deployment),
        kms_key: deployment.choices().kms_key.is_some(),
        outputs: deployment
            .outputs()
            .iter()
            .map(|output| OutputView {
                cloudformation: output.cloudformation,
                terraform: output.terraform,
                description: output.description,
                value: reader.text(&output.value),
            })
            .collect(),
    }
}

/// Which roles functions and instances have.
struct RoleUse {
    functions: BTreeSet<ResourceId>,
    instances: BTreeSet<ResourceId>,
}

impl RoleUse {
    fn new(deployment: &Deployment) -> Self {
        Self {
            functions: deployment
                .resources_of::<Function>()
                .map(|(_, function)| function.role.id())
                .collect(),
            instances: deployment
                .resources_of::<InstanceProfile>()
                .map(|(_, profile)| profile.role.id())
                .collect(),
        }
    }
}

fn concerns(reader: &Reader<'_>, deployment: &Deployment) -> Vec<ConcernView> {
    Concern::ALL
        .into_iter()
        .map(|concern| ConcernView {
            title: concern.title(),
            resources: deployment
                .resources()
                .iter()
                .filter(|node| node.concern == concern)
                .map(|node| resource(reader, node))
                .collect(),
        })
        .filter(|concern| !concern.resources.is_empty())
        .collect()
}

fn resource(reader: &Reader<'_>, node: &Node) -> ResourceView {
    let Node { id, concern: _, resource } = node;
    ResourceView {
        logical_id: id.logical_id,
        kind: resource.kind().as_str(),
        name: reader.physical_name(resource),
        settings: settings::settings(reader, resource),
    }
}

fn functions(reader: &Reader<'_>, deployment: &Deployment) -> Vec<FunctionView> {
    let roles: BTreeMap<_, _> = deployment.resources_of::<Role>().collect();
    let retention: BTreeMap<_, _> =
        deployment.resources_of::<LogGroup>().map(|(id, group)| (id, group.retention.get())).collect();
    let view = |function: &Function| FunctionView {
        handler: function.handler.name(),
        name: reader.text(&function.function_name),
        purpose: function.description,
        memory: function.memory_size.get(),
        timeout: duration(function.timeout.seconds()),
        log_retention: retention.get(&function.log_group.id()).copied(),
        role: roles.get(&function.role.id()).map(|role| permissions::role(reader, function.role.id(), role)),
        environment: environment(reader, function),
    };
    deployment.resources_of::<Function>().map(|(_, function)| view(function)).collect()
}

fn environment(reader: &Reader<'_>, function: &Function) -> Vec<VariableView> {
    let expected: BTreeMap<_, _> = expected(function.handler).into_iter().collect();
    function
        .environment
        .iter()
        .map(|(name, value)| VariableView {
            name,
            expected: expected.get(name).copied().unwrap_or_default(),
            source: source(reader, value),
        })
        .collect()
}

/// Where the value of a variable comes from.
fn source(reader: &Reader<'_>, value: &Text) -> String {
    match value.pieces() {
        [Piece::Expr(Expr::DeploymentName)] => "the deployment's name".to_owned(),
        [Piece::Expr(Expr::Parameter(id))] => {
            format!("input `{}`, `{}`", id.cloudformation, id.terraform)
        }
        [Piece::Expr(Expr::JoinedParameter(id))] => {
            format!("input `{}`, `{}`, joined by commas", id.cloudformation, id.terraform)
        }
        [Piece::Expr(expr @ Expr::Attribute { kind: _, of, attribute: _ })] => {
            format!("`{}`: `{}`", of.logical_id, reader.expr(expr))
        }
        [] | [Piece::Literal(_)] => format!("choice: `{}`", reader.text(value)),
        [Piece::Expr(Expr::Region | Expr::AccountId | Expr::Partition)] | [_, _, ..] => {
            format!("`{}`", reader.text(value))
        }
    }
}
