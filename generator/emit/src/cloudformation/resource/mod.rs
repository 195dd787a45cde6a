//! One file for each group of kinds: from the model's fields to `CloudFormation`'s properties.

mod custom;
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
    resource::{Encryption, Resource as Model},
};

use super::{
    tags,
    tree::{Map, Removal, Resource, Value},
};

/// The section `Resources`.
pub(super) fn section(deployment: &Deployment) -> Vec<Resource> {
    deployment.resources().iter().map(|node| resource(node, deployment)).collect()
}

fn resource(node: &Node, deployment: &Deployment) -> Resource {
    let Node { id, concern, resource } = node;
    let kind = resource.kind();
    let Manner { type_name, tags, removal, depends_on } = manner(resource);
    Resource {
        id: *id,
        concern: *concern,
        kind: type_name,
        depends_on,
        removal,
        properties: properties(resource).with_some("Tags", kind.is_tagged().then(|| tags(deployment))),
    }
}

/// What is said about a kind besides its properties.
struct Manner {
    type_name: String,
    /// The shape that it takes tags in, if it is tagged.
    tags: fn(&Deployment) -> Value,
    removal: Option<Removal>,
    /// The logical ids of what it waits for, where no property refers to that.
    depends_on: Vec<&'static str>,
}

fn manner(resource: &Model) -> Manner {
    let usual = |type_name: &str| Manner {
        type_name: type_name.to_owned(),
        tags: tags::list,
        removal: None,
        depends_on: Vec::new(),
    };
    match resource {
        Model::Api(_) => Manner { tags: tags::map, ..usual("AWS::ApiGatewayV2::Api") },
        Model::Integration(_) => usual("AWS::ApiGatewayV2::Integration"),
        Model::Route(_) => usual("AWS::ApiGatewayV2::Route"),
        Model::Stage(_) => Manner { tags: tags::map, ..usual("AWS::ApiGatewayV2::Stage") },
        Model::Queue(_) => usual("AWS::SQS::Queue"),
        Model::QueuePolicy(_) => usual("AWS::SQS::QueuePolicy"),
        // It says that it is deleted with the stack, because that is where one would ask.
        Model::Table(_) => Manner { removal: Some(Removal::Delete), ..usual("AWS::DynamoDB::Table") },
        Model::Function(_) => usual("AWS::Lambda::Function"),
        Model::Permission(_) => usual("AWS::Lambda::Permission"),
        Model::EventSourceMapping(_) => usual("AWS::Lambda::EventSourceMapping"),
        Model::EventInvokeConfig(_) => usual("AWS::Lambda::EventInvokeConfig"),
        Model::Role(_) => usual("AWS::IAM::Role"),
        Model::InstanceProfile(_) => usual("AWS::IAM::InstanceProfile"),
        Model::SecurityGroup(_) => usual("AWS::EC2::SecurityGroup"),
        Model::Schedule(_) => usual("AWS::Scheduler::Schedule"),
        Model::EventRule(_) => usual("AWS::Events::Rule"),
        Model::CustomResource(custom) => Manner {
            depends_on: custom.depends_on.iter().map(|link| link.id().logical_id).collect(),
            ..usual(&format!("Custom::{}", custom.type_name))
        },
        Model::LogGroup(_) => usual("AWS::Logs::LogGroup"),
        Model::MetricFilter(_) => usual("AWS::Logs::MetricFilter"),
        Model::Alarm(_) => usual("AWS::CloudWatch::Alarm"),
        Model::Dashboard(_) => usual("AWS::CloudWatch::Dashboard"),
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
        Model::SecurityGroup(group) => security_group::security_group(group),
        Model::Schedule(schedule) => schedule::schedule(schedule),
        Model::EventRule(rule) => schedule::event_rule(rule),
        Model::CustomResource(custom) => custom::custom_resource(custom),
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
