//! The resources of the kinds that pages and pictures ask for by kind.

use jit_runners_model::{
    Deployment,
    resource::{
        Alarm, EventSourceMapping, Function, InstanceProfile, LogGroup, MetricFilter, Queue, Resource,
        ResourceId, Role,
    },
};

/// Resources of one kind, in the deployment's order.
type Of<'a, K> = Vec<(ResourceId, &'a K)>;

/// A deployment's resources, sorted by kind.
#[derive(Default)]
pub(super) struct OfKind<'a> {
    pub(super) functions: Of<'a, Function>,
    pub(super) event_source_mappings: Of<'a, EventSourceMapping>,
    pub(super) queues: Of<'a, Queue>,
    pub(super) roles: Of<'a, Role>,
    pub(super) instance_profiles: Of<'a, InstanceProfile>,
    pub(super) log_groups: Of<'a, LogGroup>,
    pub(super) metric_filters: Of<'a, MetricFilter>,
    pub(super) alarms: Of<'a, Alarm>,
}

impl<'a> OfKind<'a> {
    pub(super) fn new(deployment: &'a Deployment) -> Self {
        let mut all = Self::default();
        for node in deployment.resources() {
            let id = node.id;
            match &node.resource {
                Resource::Function(function) => all.functions.push((id, function)),
                Resource::EventSourceMapping(mapping) => all.event_source_mappings.push((id, mapping)),
                Resource::Queue(queue) => all.queues.push((id, queue)),
                Resource::Role(role) => all.roles.push((id, role)),
                Resource::InstanceProfile(profile) => all.instance_profiles.push((id, profile)),
                Resource::LogGroup(group) => all.log_groups.push((id, group)),
                Resource::MetricFilter(filter) => all.metric_filters.push((id, filter)),
                Resource::Alarm(alarm) => all.alarms.push((id, alarm)),
                // Nobody asks for these by kind.
                Resource::Api(_)
                | Resource::Integration(_)
                | Resource::Route(_)
                | Resource::Stage(_)
                | Resource::QueuePolicy(_)
                | Resource::Table(_)
                | Resource::Permission(_)
                | Resource::EventInvokeConfig(_)
                | Resource::SecurityGroup(_)
                | Resource::Schedule(_)
                | Resource::EventRule(_)
                | Resource::CustomResource(_)
                | Resource::Dashboard(_) => {}
            }
        }
        all
    }
}
