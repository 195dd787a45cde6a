//! Who may do what, and why.

use jit_runners_model::{
    Deployment, Node,
    policy::{PolicyCondition, Service, Statement},
    resource::{
        CustomResource, EventSourceMapping, IsKind, Permission, QueuePolicy, ResourceId, Role, Schedule,
    },
};
use serde::Serialize;

use crate::docs::Reader;

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
    deployment.resources().iter().flat_map(|node| callers_by(reader, node)).collect()
}

/// Those whom one resource lets in.
fn callers_by(reader: &Reader<'_>, node: &Node) -> Vec<CallerView> {
    let resource = &node.resource;
    let caller = |target: ResourceId, caller: &str, how: String| CallerView {
        target: target.logical_id.to_owned(),
        caller: caller.to_owned(),
        how,
    };
    let permission = Permission::of(resource).map(|permission| {
        let how = format!("on behalf of `{}`", reader.text(&permission.source_arn));
        caller(permission.function.id(), permission.service.principal(), how)
    });
    let event_source = EventSourceMapping::of(resource).map(|mapping| {
        let queue = mapping.event_source.id().logical_id;
        let how = format!("with messages of `{queue}`, which the function's role lets it receive");
        caller(mapping.function.id(), Service::Lambda.principal(), how)
    });
    let schedule = Schedule::of(resource).map(|schedule| {
        let how = format!("`{}`, with `{}`", schedule.expression(), schedule.role.id().logical_id);
        caller(schedule.target.id(), Service::Scheduler.principal(), how)
    });
    let custom_resource = CustomResource::of(resource).map(|custom| {
        let how = format!("by `{}`: Terraform itself, or CloudFormation for them", node.id.logical_id);
        caller(custom.function.id(), "whoever deploys", how)
    });
    let queue_policy = QueuePolicy::of(resource).into_iter().flat_map(|QueuePolicy { queue, policy }| {
        policy.statements.iter().map(|statement| {
            let conditions = conditions(reader, &statement.conditions);
            let by = statement.service.map_or("this account", Service::principal);
            caller(queue.id(), by, format!("to {}: `{}`", statement.reason, conditions.join("; ")))
        })
    });
    permission
        .into_iter()
        .chain(event_source)
        .chain(schedule)
        .chain(custom_resource)
        .chain(queue_policy)
        .collect()
}
