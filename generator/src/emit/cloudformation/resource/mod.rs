//! One file for each group of kinds: from the model's fields to `CloudFormation`'s properties.

mod function;
mod http_api;
mod observability;
mod queue;
mod role;
mod schedule;
mod security_group;
mod table;

use jit_runners_model::{
    Deployment, Node,
    resource::{Encryption, Kind, Resource as Model},
};

use super::{
    parameters::condition_name,
    tags,
    tree::{Map, Removal, Resource, Value},
};

/// The section `Resources`.
pub(super) fn section(deployment: &Deployment) -> Vec<Resource> {
    deployment.resources().iter().map(|node| resource(node, deployment)).collect()
}

fn resource(node: &Node, deployment: &Deployment) -> Resource {
    let Node { id, concern, condition, resource } = node;
    let kind = resource.kind();
    Resource {
        id: *id,
        concern: *concern,
        kind: type_name(kind),
        condition: condition.map(condition_name),
        removal: removal(kind),
        properties: properties(resource).with_some("Tags", tags(kind, deployment)),
    }
}

const fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Api => "AWS::ApiGatewayV2::Api",
        Kind::Integration => "AWS::ApiGatewayV2::Integration",
        Kind::Route => "AWS::ApiGatewayV2::Route",
        Kind::Stage => "AWS::ApiGatewayV2::Stage",
        Kind::Queue => "AWS::SQS::Queue",
        Kind::QueuePolicy => "AWS::SQS::QueuePolicy",
        Kind::Table => "AWS::DynamoDB::Table",
        Kind::Function => "AWS::Lambda::Function",
        Kind::Permission => "AWS::Lambda::Permission",
        Kind::EventSourceMapping => "AWS::Lambda::EventSourceMapping",
        Kind::EventInvokeConfig => "AWS::Lambda::EventInvokeConfig",
        Kind::Role => "AWS::IAM::Role",
        Kind::InstanceProfile => "AWS::IAM::InstanceProfile",
        Kind::ServiceLinkedRole => "AWS::IAM::ServiceLinkedRole",
        Kind::SecurityGroup => "AWS::EC2::SecurityGroup",
        Kind::Schedule => "AWS::Scheduler::Schedule",
        Kind::EventRule => "AWS::Events::Rule",
        Kind::LogGroup => "AWS::Logs::LogGroup",
        Kind::MetricFilter => "AWS::Logs::MetricFilter",
        Kind::Alarm => "AWS::CloudWatch::Alarm",
        Kind::Dashboard => "AWS::CloudWatch::Dashboard",
    }
}

fn properties(resource: &Model) -> Map {
    match resource {
        Model::Api(api) => http_api::api(api),
        Model::Integration(integration) => http_api::integration(integration),
        Model::Route(route) => http_api::route(route),
        Model::Stage(stage) => http_api::stage(stage),
        Model::Queue(queue) => queue::queue(queue),
        Model::QueuePolicy(policy) => queue::queue_policy(policy),
        Model::Table(table) => table::table(table),
        Model::Function(function) => function::function(function),
        Model::Permission(permission) => function::permission(permission),
        Model::EventSourceMapping(mapping) => function::event_source_mapping(mapping),
        Model::EventInvokeConfig(config) => function::event_invoke_config(config),
        Model::Role(role) => role::role(role),
        Model::InstanceProfile(profile) => role::instance_profile(profile),
        Model::ServiceLinkedRole(role) => role::service_linked_role(role),
        Model::SecurityGroup(group) => security_group::security_group(group),
        Model::Schedule(schedule) => schedule::schedule(schedule),
        Model::EventRule(rule) => schedule::event_rule(rule),
        Model::LogGroup(group) => observability::log_group(group),
        Model::MetricFilter(filter) => observability::metric_filter(filter),
        Model::Alarm(alarm) => observability::alarm(alarm),
        Model::Dashboard(dashboard) => observability::dashboard(dashboard),
    }
}

/// The tags, in the shape that the kind takes.
fn tags(kind: Kind, deployment: &Deployment) -> Option<Value> {
    let shape = match kind {
        Kind::Api | Kind::Stage => tags::map,
        Kind::Integration
        | Kind::Route
        | Kind::Queue
        | Kind::QueuePolicy
        | Kind::Table
        | Kind::Function
        | Kind::Permission
        | Kind::EventSourceMapping
        | Kind::EventInvokeConfig
        | Kind::Role
        | Kind::InstanceProfile
        | Kind::ServiceLinkedRole
        | Kind::SecurityGroup
        | Kind::Schedule
        | Kind::EventRule
        | Kind::LogGroup
        | Kind::MetricFilter
        | Kind::Alarm
        | Kind::Dashboard => tags::list,
    };
    kind.is_tagged().then(|| shape(deployment))
}

/// The table says that it is deleted with the stack, because that is where one would ask.
const fn removal(kind: Kind) -> Option<Removal> {
    match kind {
        Kind::Table => Some(Removal::Delete),
        Kind::Api
        | Kind::Integration
        | Kind::Route
        | Kind::Stage
        | Kind::Queue
        | Kind::QueuePolicy
        | Kind::Function
        | Kind::Permission
        | Kind::EventSourceMapping
        | Kind::EventInvokeConfig
        | Kind::Role
        | Kind::InstanceProfile
        | Kind::ServiceLinkedRole
        | Kind::SecurityGroup
        | Kind::Schedule
        | Kind::EventRule
        | Kind::LogGroup
        | Kind::MetricFilter
        | Kind::Alarm
        | Kind::Dashboard => None,
    }
}

/// The customer-managed key, if that is how something is encrypted.
fn key(encryption: &Encryption) -> Option<Value> {
    match encryption {
        Encryption::ServiceOwned => None,
        Encryption::CustomerManaged(key) => Some(key.into()),
    }
}
