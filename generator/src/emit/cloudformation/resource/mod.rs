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
    let Manner { type_name, tags, removal } = manner(kind);
    Resource {
        id: *id,
        concern: *concern,
        kind: type_name,
        condition: condition.map(condition_name),
        removal,
        properties: properties(resource).with_some("Tags", kind.is_tagged().then(|| tags(deployment))),
    }
}

/// What is said about a kind besides its properties.
struct Manner {
    type_name: &'static str,
    /// The shape that it takes tags in, if it is tagged.
    tags: fn(&Deployment) -> Value,
    removal: Option<Removal>,
}

fn manner(kind: Kind) -> Manner {
    let usual = |type_name| Manner { type_name, tags: tags::list, removal: None };
    match kind {
        Kind::Api => Manner { tags: tags::map, ..usual("AWS::ApiGatewayV2::Api") },
        Kind::Integration => usual("AWS::ApiGatewayV2::Integration"),
        Kind::Route => usual("AWS::ApiGatewayV2::Route"),
        Kind::Stage => Manner { tags: tags::map, ..usual("AWS::ApiGatewayV2::Stage") },
        Kind::Queue => usual("AWS::SQS::Queue"),
        Kind::QueuePolicy => usual("AWS::SQS::QueuePolicy"),
        // It says that it is deleted with the stack, because that is where one would ask.
        Kind::Table => Manner { removal: Some(Removal::Delete), ..usual("AWS::DynamoDB::Table") },
        Kind::Function => usual("AWS::Lambda::Function"),
        Kind::Permission => usual("AWS::Lambda::Permission"),
        Kind::EventSourceMapping => usual("AWS::Lambda::EventSourceMapping"),
        Kind::EventInvokeConfig => usual("AWS::Lambda::EventInvokeConfig"),
        Kind::Role => usual("AWS::IAM::Role"),
        Kind::InstanceProfile => usual("AWS::IAM::InstanceProfile"),
        Kind::ServiceLinkedRole => usual("AWS::IAM::ServiceLinkedRole"),
        Kind::SecurityGroup => usual("AWS::EC2::SecurityGroup"),
        Kind::Schedule => usual("AWS::Scheduler::Schedule"),
        Kind::EventRule => usual("AWS::Events::Rule"),
        Kind::LogGroup => usual("AWS::Logs::LogGroup"),
        Kind::MetricFilter => usual("AWS::Logs::MetricFilter"),
        Kind::Alarm => usual("AWS::CloudWatch::Alarm"),
        Kind::Dashboard => usual("AWS::CloudWatch::Dashboard"),
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

/// The customer-managed key, if that is how something is encrypted.
fn key(encryption: &Encryption) -> Option<Value> {
    match encryption {
        Encryption::ServiceOwned => None,
        Encryption::CustomerManaged(key) => Some(key.into()),
    }
}
