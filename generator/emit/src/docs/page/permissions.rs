//! Who may do what, and why.

use jit_runners_model::{
    Deployment,
    policy::{PolicyCondition, Statement},
    resource::{Resource, ResourceId, Role},
};
use serde::Serialize;

use crate::docs::readable::Reader;

/// A role and what it allows.
#[derive(Serialize)]
pub(super) struct RoleView {
    logical_id: &'static str,
    name: String,
    description: &'static str,
    trusted: &'static str,
    trust_conditions: Vec<String>,
    boundary: Option<String>,
    statements: Vec<StatementView>,
}

/// A row of a table of permissions.
#[derive(Serialize)]
pub(crate) struct StatementView {
    sid: &'static str,
    actions: Vec<&'static str>,
    resources: Vec<String>,
    conditions: Vec<String>,
    reason: &'static str,
}

/// Somebody who may call a function, or send to a queue.
#[derive(Serialize)]
pub(super) struct CallerView {
    target: String,
    caller: String,
    how: String,
}

pub(super) fn role(reader: &Reader<'_>, id: ResourceId, role: &Role) -> RoleView {
    let Role { role_name, description, trusted, trust_conditions, policy, permissions_boundary } = role;
    RoleView {
        logical_id: id.logical_id,
        name: reader.text(role_name),
        description,
        trusted: trusted.principal(),
        trust_conditions: conditions(reader, trust_conditions),
        boundary: permissions_boundary.as_ref().map(|arn| reader.text(arn)),
        statements: policy.statements.iter().map(|one| statement(reader, one)).collect(),
    }
}

/// What a statement says, as people read it.
pub(crate) fn statement(reader: &Reader<'_>, statement: &Statement) -> StatementView {
    let Statement { sid, reason, service: _, actions, resources, conditions } = statement;
    StatementView {
        sid,
        actions: actions.clone(),
        resources: resources.iter().map(|arn| reader.text(arn)).collect(),
        conditions: self::conditions(reader, conditions),
        reason,
    }
}

fn conditions(reader: &Reader<'_>, conditions: &[PolicyCondition]) -> Vec<String> {
    conditions
        .iter()
        .map(|PolicyCondition { operator, key, values }| {
            let values: Vec<_> = values.iter().map(|value| reader.text(value)).collect();
            format!("{} {key} = {}", operator.as_str(), values.join(" or "))
        })
        .collect()
}

/// Everybody who may call a function or send to a queue without a role of this deployment's functions.
pub(super) fn callers(reader: &Reader<'_>, deployment: &Deployment) -> Vec<CallerView> {
    let mut callers = Vec::new();
    let mut add = |target: ResourceId, caller: String, how: String| {
        callers.push(CallerView { target: target.logical_id.to_owned(), caller, how });
    };
    for node in deployment.resources() {
        match &node.resource {
            Resource::Permission(permission) => add(
                permission.function.id(),
                permission.service.principal().to_owned(),
                format!("on behalf of `{}`", reader.text(&permission.source_arn)),
            ),
            Resource::EventSourceMapping(mapping) => add(
                mapping.function.id(),
                "lambda.amazonaws.com".to_owned(),
                format!(
                    "with messages of `{}`, which the function's role lets it receive",
                    mapping.event_source.id().logical_id
                ),
            ),
            Resource::Schedule(schedule) => add(
                schedule.target.id(),
                "scheduler.amazonaws.com".to_owned(),
                format!("`{}`, with `{}`", schedule.expression(), schedule.role.id().logical_id),
            ),
            Resource::QueuePolicy(policy) => {
                for statement in &policy.policy.statements {
                    let conditions = conditions(reader, &statement.conditions);
                    add(
                        policy.queue.id(),
                        statement.service.map_or("this account", |service| service.principal()).to_owned(),
                        format!("to {}: `{}`", statement.reason, conditions.join("; ")),
                    );
                }
            }
            Resource::CustomResource(custom) => add(
                custom.function.id(),
                "whoever deploys".to_owned(),
                format!("by `{}`: Terraform itself, or CloudFormation for them", node.id.logical_id),
            ),
            Resource::Api(_)
            | Resource::Integration(_)
            | Resource::Route(_)
            | Resource::Stage(_)
            | Resource::Queue(_)
            | Resource::Table(_)
            | Resource::Function(_)
            | Resource::EventInvokeConfig(_)
            | Resource::Role(_)
            | Resource::InstanceProfile(_)
            | Resource::SecurityGroup(_)
            | Resource::EventRule(_)
            | Resource::LogGroup(_)
            | Resource::MetricFilter(_)
            | Resource::Alarm(_)
            | Resource::Dashboard(_) => {}
        }
    }
    callers
}
