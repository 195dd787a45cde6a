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
    parameter::{Condition, DefaultValue, Parameter},
    resource::{Function, Resource, ResourceId, Role},
};
use minijinja::{Environment, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;

use self::{
    choices::{ChoiceView, MappingView},
    permissions::{CallerView, RoleView},
};
use super::{
    NOTICE,
    readable::{Reader, duration},
};

const TEMPLATE: &str = include_str!("deployment.md.j2");

#[derive(Serialize)]
struct Page {
    notice: &'static str,
    choices: Vec<ChoiceView>,
    mappings: Vec<MappingView>,
    inputs: Vec<InputView>,
    concerns: Vec<ConcernView>,
    functions: Vec<FunctionView>,
    instance: Vec<RoleView>,
    other_roles: Vec<RoleView>,
    callers: Vec<CallerView>,
    outputs: Vec<OutputView>,
}

#[derive(Serialize)]
struct InputView {
    cloudformation: &'static str,
    terraform: &'static str,
    group: &'static str,
    default: Option<String>,
    description: &'static str,
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
    only_if: Option<String>,
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
///
/// # Panics
/// Never: the template is a part of this program and is rendered by its tests.
pub(super) fn text(deployment: &Deployment) -> String {
    // Tags of the template leave no blank lines behind, which would end a table.
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    let mut environment = Environment::new();
    environment.set_syntax(syntax.expect("the usual delimiters"));
    environment.add_filter("code", |text: &str| code(text));
    environment.add_filter("cell", |text: &str| cell(text));
    environment.render_str(TEMPLATE, Serde(page(deployment))).expect("the template fits the page")
}

/// `text` as code in a cell of a table.
fn code(text: &str) -> String {
    // A pipe ends a cell even inside code.
    format!("`{}`", text.replace('|', "\\|"))
}

/// `text` in a cell of a table; what stands between backticks stays code.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn page(deployment: &Deployment) -> Page {
    let reader = Reader::new(deployment);
    let used_by = RoleUse::new(deployment);
    let roles = |wanted: fn(&RoleUse, ResourceId) -> bool| -> Vec<RoleView> {
        deployment
            .resources()
            .iter()
            .filter_map(|node| match &node.resource {
                Resource::Role(role) if wanted(&used_by, node.id) => {
                    Some(permissions::role(&reader, node.id, role))
                }
                _ => None,
            })
            .collect()
    };
    Page {
        notice: NOTICE,
        choices: choices::choices(deployment.choices()),
        mappings: choices::mappings(deployment.choices()),
        inputs: deployment.parameters().iter().map(input).collect(),
        concerns: concerns(&reader, deployment),
        functions: functions(&reader, deployment),
        instance: roles(|used_by, id| used_by.instances.contains(&id)),
        other_roles: roles(|used_by, id| {
            !used_by.instances.contains(&id) && !used_by.functions.contains(&id)
        }),
        callers: permissions::callers(&reader, deployment),
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
        let mut roles = Self { functions: [].into(), instances: [].into() };
        for node in deployment.resources() {
            if let Resource::Function(function) = &node.resource {
                roles.functions.insert(function.role.id());
            }
            if let Resource::InstanceProfile(profile) = &node.resource {
                roles.instances.insert(profile.role.id());
            }
        }
        roles
    }
}

fn input(parameter: &Parameter) -> InputView {
    InputView {
        cloudformation: parameter.id.cloudformation,
        terraform: parameter.id.terraform,
        group: parameter.group.title(),
        default: parameter.default.as_ref().map(|default| match default {
            DefaultValue::Text(text) => text.clone(),
            DefaultValue::Integer(number) => number.to_string(),
            DefaultValue::Flag(flag) => flag.to_string(),
        }),
        description: parameter.description,
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
    let Node { id, concern: _, condition, resource } = node;
    ResourceView {
        logical_id: id.logical_id,
        kind: resource.kind().as_str(),
        name: reader.physical_name(resource),
        settings: settings::settings(reader, resource),
        only_if: condition.map(|condition| match condition {
            Condition::IsTrue(id) => format!("only if `{}` is true", id.cloudformation),
            Condition::IsSet(id) => format!("only if `{}` is set", id.cloudformation),
        }),
    }
}

fn functions(reader: &Reader<'_>, deployment: &Deployment) -> Vec<FunctionView> {
    let mut roles: BTreeMap<ResourceId, &Role> = BTreeMap::new();
    let mut retention: BTreeMap<ResourceId, u32> = BTreeMap::new();
    for node in deployment.resources() {
        if let Resource::Role(role) = &node.resource {
            roles.insert(node.id, role);
        }
        if let Resource::LogGroup(group) = &node.resource {
            retention.insert(node.id, group.retention.get());
        }
    }
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
    deployment
        .resources()
        .iter()
        .filter_map(|node| match &node.resource {
            Resource::Function(function) => Some(view(function)),
            _ => None,
        })
        .collect()
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
        _ => format!("`{}`", reader.text(value)),
    }
}
