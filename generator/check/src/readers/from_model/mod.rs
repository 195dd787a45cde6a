//! Reads the model into a graph: what both files must say.
//!
//! Names of properties and constants come from the service documentation, not from the emitters. Every struct is
//! taken apart by the names of its fields, so a new field does not compile before somebody has said here what it means.

mod converter;
mod input;
mod resource;
#[cfg(test)]
mod tests;

use converter::{Converter, entries};
use jit_runners_model::{Deployment, Node as ModelNode, Output, resource::Resource};

use crate::graph::{Condition, Dialect, Graph, Held, Node, Properties, Symbol, SymbolicText};

/// What `deployment` states, in raw properties.
pub(crate) fn from_model(deployment: &Deployment) -> Graph {
    let converter = Converter::new();
    let tags = tags(&converter, deployment);
    let resources = deployment.resources().iter().map(|node| {
        let ModelNode { id, concern: _, resource } = node;
        let mut properties = converter.resource(resource);
        if resource.kind().is_tagged() {
            properties.insert("Tags".to_owned(), tags.clone());
        }
        Node {
            kind: resource.kind().into(),
            address: id.logical_id.into(),
            place: converter.place(),
            condition: Condition::Always,
            properties,
        }
    });
    let outputs = deployment.outputs().iter().map(|output| converter.output(output));
    Graph {
        dialect: Dialect::Model,
        resources: resources.collect(),
        inputs: input::inputs(&converter, deployment),
        requirements: input::requirements(&converter, deployment),
        outputs: outputs.collect(),
    }
}

fn tags(converter: &Converter, deployment: &Deployment) -> Held {
    let tags = deployment.tags().into_iter().map(|(key, value)| (key.to_owned(), converter.text(&value)));
    converter.held(tags.collect::<Properties>())
}

impl Converter {
    fn resource(&self, resource: &Resource) -> Properties {
        match resource {
            Resource::Api(api) => self.api(api),
            Resource::Integration(integration) => self.integration(integration),
            Resource::Route(route) => self.route(route),
            Resource::Stage(stage) => self.stage(stage),
            Resource::Queue(queue) => self.queue(queue),
            Resource::QueuePolicy(policy) => self.queue_policy(policy),
            Resource::Table(table) => self.table(table),
            Resource::Function(function) => self.function(function),
            Resource::Permission(permission) => self.permission(permission),
            Resource::EventSourceMapping(mapping) => self.event_source_mapping(mapping),
            Resource::EventInvokeConfig(config) => self.event_invoke_config(config),
            Resource::Role(role) => self.role(role),
            Resource::InstanceProfile(profile) => self.instance_profile(profile),
            Resource::SecurityGroup(group) => self.security_group(group),
            Resource::Schedule(schedule) => self.schedule(schedule),
            Resource::EventRule(rule) => self.event_rule(rule),
            Resource::CustomResource(custom) => self.custom_resource(custom),
            Resource::LogGroup(group) => self.log_group(group),
            Resource::MetricFilter(filter) => self.metric_filter(filter),
            Resource::Alarm(alarm) => self.alarm(alarm),
            Resource::Dashboard(dashboard) => self.dashboard(dashboard),
        }
    }

    fn output(&self, output: &Output) -> Node<()> {
        let Output { cloudformation, terraform: _, description, value } = output;
        let mut export = SymbolicText::from(Symbol::DeploymentName);
        export.push_str(&format!("-{cloudformation}"));
        Node {
            kind: (),
            address: (*cloudformation).into(),
            place: self.place(),
            condition: Condition::Always,
            properties: entries([
                ("Value", self.text(value)),
                ("Description", self.held(*description)),
                ("Export", self.held(export)),
            ]),
        }
    }
}
