//! Which other resources a resource refers to.
//!
//! Every struct is taken apart by the names of its fields: a new field does not compile before somebody has said here
//! whether it can hold a link.

use std::collections::BTreeSet;

use super::{
    Alarm, Api, CustomResource, Dashboard, Encryption, EventInvokeConfig, EventPattern, EventRule,
    EventSourceMapping, Function, GlobalSecondaryIndex, InstanceProfile, Integration, IsKind, LogGroup,
    Metric, MetricFilter, Permission, Queue, QueuePolicy, Redrive, Resource, ResourceId, Role, Route,
    Schedule, SecurityGroup, Stage, Table, Widget,
};
use crate::{
    policy::{Policy, PolicyCondition, Statement},
    reference::{AnyRef, Ref},
    value::{Expr, Text},
};

impl Resource {
    /// Every other resource that this one refers to, by a typed link or by an expression in one of its texts:
    /// sorted, each once. It cannot be made before they are.
    pub fn links(&self) -> Vec<ResourceId> {
        let mut links = Links::default();
        match self {
            Self::Api(api) => links.api(api),
            Self::Integration(integration) => links.integration(integration),
            Self::Route(route) => links.route(route),
            Self::Stage(stage) => links.stage(stage),
            Self::Queue(queue) => links.queue(queue),
            Self::QueuePolicy(policy) => links.queue_policy(policy),
            Self::Table(table) => links.table(table),
            Self::Function(function) => links.function(function),
            Self::Permission(permission) => links.permission(permission),
            Self::EventSourceMapping(mapping) => links.event_source_mapping(mapping),
            Self::EventInvokeConfig(config) => links.event_invoke_config(config),
            Self::Role(role) => links.role(role),
            Self::InstanceProfile(profile) => links.instance_profile(profile),
            Self::SecurityGroup(group) => links.security_group(group),
            Self::Schedule(schedule) => links.schedule(schedule),
            Self::EventRule(rule) => links.event_rule(rule),
            Self::CustomResource(custom) => links.custom_resource(custom),
            Self::LogGroup(group) => links.log_group(group),
            Self::MetricFilter(filter) => links.metric_filter(filter),
            Self::Alarm(alarm) => links.alarm(alarm),
            Self::Dashboard(dashboard) => links.dashboard(dashboard),
        }
        links.0.into_iter().collect()
    }
}

#[derive(Default)]
struct Links(BTreeSet<ResourceId>);

impl Links {
    fn api(&mut self, api: &Api) {
        let Api { name, description: _ } = api;
        self.text(name);
    }

    fn integration(&mut self, integration: &Integration) {
        let Integration { api, function, timeout: _ } = integration;
        self.link(api);
        self.link(function);
    }

    fn route(&mut self, route: &Route) {
        let Route { api, route_key: _, target } = route;
        self.link(api);
        self.link(target);
    }

    fn stage(&mut self, stage: &Stage) {
        let Stage {
            api,
            stage_name: _,
            access_log,
            access_log_arn,
            access_log_format: _,
            throttling_burst_limit: _,
            throttling_rate_limit: _,
        } = stage;
        self.link(api);
        self.link(access_log);
        self.text(access_log_arn);
    }

    fn queue(&mut self, queue: &Queue) {
        let Queue {
            queue_name,
            visibility_timeout: _,
            message_retention_period: _,
            maximum_message_size: _,
            receive_message_wait_time: _,
            redrive,
            redrive_allow,
            encryption,
        } = queue;
        self.text(queue_name);
        if let Some(Redrive { dead_letter_target, max_receive_count: _ }) = redrive {
            self.link(dead_letter_target);
        }
        self.texts(redrive_allow.iter().flatten());
        self.encryption(encryption);
    }

    fn queue_policy(&mut self, policy: &QueuePolicy) {
        let QueuePolicy { queue, policy } = policy;
        self.link(queue);
        self.policy(policy);
    }

    fn table(&mut self, table: &Table) {
        let Table {
            table_name,
            attribute_definitions: _,
            hash_key: _,
            global_secondary_indexes,
            time_to_live_attribute: _,
            point_in_time_recovery: _,
            encryption,
        } = table;
        self.text(table_name);
        for GlobalSecondaryIndex { index_name: _, hash_key: _, range_key: _ } in global_secondary_indexes {}
        self.encryption(encryption);
    }

    fn function(&mut self, function: &Function) {
        let Function {
            handler: _,
            function_name,
            description: _,
            role,
            architecture: _,
            memory_size: _,
            timeout: _,
            s3_bucket: _,
            s3_key: _,
            environment,
            kms_key_arn,
            log_group,
            system_log_level: _,
        } = function;
        self.text(function_name);
        self.link(role);
        self.texts(environment.iter().map(|(_, value)| value));
        self.texts(kms_key_arn);
        self.link(log_group);
    }

    fn permission(&mut self, permission: &Permission) {
        let Permission { function, service: _, source_arn } = permission;
        self.link(function);
        self.text(source_arn);
    }

    fn event_source_mapping(&mut self, mapping: &EventSourceMapping) {
        let EventSourceMapping { event_source, function, batch_size: _, maximum_concurrency: _ } = mapping;
        self.link(event_source);
        self.link(function);
    }

    fn event_invoke_config(&mut self, config: &EventInvokeConfig) {
        let EventInvokeConfig { function, maximum_event_age: _, maximum_retry_attempts: _ } = config;
        self.link(function);
    }

    fn role(&mut self, role: &Role) {
        let Role { role_name, description: _, trusted: _, trust_conditions, policy, permissions_boundary } =
            role;
        self.text(role_name);
        self.conditions(trust_conditions);
        self.policy(policy);
        self.texts(permissions_boundary);
    }

    fn instance_profile(&mut self, profile: &InstanceProfile) {
        let InstanceProfile { instance_profile_name, role } = profile;
        self.text(instance_profile_name);
        self.link(role);
    }

    fn security_group(&mut self, group: &SecurityGroup) {
        // Rules of egress are choices, which exist before any resource does.
        let SecurityGroup { group_name, group_description: _, vpc: _, egress: _ } = group;
        self.text(group_name);
    }

    fn schedule(&mut self, schedule: &Schedule) {
        let Schedule {
            name,
            description: _,
            rate_minutes: _,
            target,
            role,
            maximum_event_age: _,
            maximum_retry_attempts: _,
        } = schedule;
        self.text(name);
        self.link(target);
        self.link(role);
    }

    fn event_rule(&mut self, rule: &EventRule) {
        let EventRule { name, description: _, pattern, target_id: _, target } = rule;
        let EventPattern { source: _, detail_type: _, detail: _ } = pattern;
        self.text(name);
        self.link(target);
    }

    fn custom_resource(&mut self, custom: &CustomResource) {
        let CustomResource {
            type_name: _,
            description: _,
            function,
            service_timeout: _,
            properties,
            depends_on,
        } = custom;
        self.link(function);
        self.texts(properties.iter().map(|(_, value)| value));
        self.0.extend(depends_on.iter().map(AnyRef::id));
    }

    fn log_group(&mut self, group: &LogGroup) {
        let LogGroup { log_group_name, retention: _, encryption } = group;
        self.text(log_group_name);
        self.encryption(encryption);
    }

    fn metric_filter(&mut self, filter: &MetricFilter) {
        let MetricFilter { filter_name: _, log_group, filter_pattern: _, metric_namespace, metric_name: _ } =
            filter;
        self.link(log_group);
        self.text(metric_namespace);
    }

    fn alarm(&mut self, alarm: &Alarm) {
        let Alarm {
            alarm_name,
            alarm_description: _,
            metric,
            statistic: _,
            period: _,
            evaluation_periods: _,
            comparison: _,
            threshold: _,
            missing_data: _,
            topic: _,
        } = alarm;
        self.text(alarm_name);
        self.metric(metric);
    }

    fn dashboard(&mut self, dashboard: &Dashboard) {
        let Dashboard { dashboard_name, widgets } = dashboard;
        self.text(dashboard_name);
        for Widget { title: _, metrics, statistic: _, period: _ } in widgets {
            for metric in metrics {
                self.metric(metric);
            }
        }
    }

    fn metric(&mut self, metric: &Metric) {
        let Metric { namespace, name: _, dimensions } = metric;
        self.text(namespace);
        self.texts(dimensions.iter().map(|(_, value)| value));
    }

    fn encryption(&mut self, encryption: &Encryption) {
        match encryption {
            Encryption::ServiceOwned => {}
            Encryption::CustomerManaged(key) => self.text(key),
        }
    }

    fn policy(&mut self, policy: &Policy) {
        let Policy { statements } = policy;
        for Statement { sid: _, reason: _, service: _, actions: _, resources, conditions } in statements {
            self.texts(resources);
            self.conditions(conditions);
        }
    }

    fn conditions(&mut self, conditions: &[PolicyCondition]) {
        for PolicyCondition { operator: _, key: _, values } in conditions {
            self.texts(values);
        }
    }

    fn link<K: IsKind>(&mut self, link: &Ref<K>) {
        self.0.insert(link.id());
    }

    fn texts<'a>(&mut self, texts: impl IntoIterator<Item = &'a Text>) {
        for text in texts {
            self.text(text);
        }
    }

    fn text(&mut self, text: &Text) {
        for expr in text.expressions() {
            match expr {
                Expr::Attribute { kind: _, of, attribute: _ } => {
                    self.0.insert(*of);
                }
                Expr::DeploymentName
                | Expr::Region
                | Expr::AccountId
                | Expr::Partition
                | Expr::Parameter(_)
                | Expr::JoinedParameter(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::ResourceId;
    use crate::{Choices, Deployment, KeyArn, PolicyArn, resource::Kind};

    /// The default deployment, the smallest one, and the one with everything that can be switched on.
    fn deployments() -> [Deployment; 3] {
        let small = Choices { alarms: false, dashboard: false, ..Choices::default() };
        let everything = Choices {
            permissions_boundary: Some(PolicyArn::new("arn:aws:iam::123456789012:policy/boundary").unwrap()),
            kms_key: Some(KeyArn::new("arn:aws:kms:us-east-1:123456789012:key/1234abcd").unwrap()),
            ..Choices::default()
        };
        [Choices::default(), small, everything].map(|choices| Deployment::new(choices).unwrap())
    }

    #[test]
    fn logical_ids_are_unique() {
        for deployment in deployments() {
            let ids: BTreeSet<_> = deployment.resources().iter().map(|node| node.id.logical_id).collect();
            assert_eq!(ids.len(), deployment.resources().len());
        }
    }

    #[test]
    fn labels_are_unique_within_a_kind() {
        for deployment in deployments() {
            let mut seen: BTreeMap<(Kind, &str), ResourceId> = BTreeMap::new();
            for node in deployment.resources() {
                let earlier = seen.insert((node.resource.kind(), node.id.label), node.id);
                assert_eq!(earlier, None, "{:?}", node.id);
            }
        }
    }

    #[test]
    fn no_link_dangles() {
        for deployment in deployments() {
            let all: BTreeSet<_> = deployment.resources().iter().map(|node| node.id).collect();
            for node in deployment.resources() {
                for link in node.resource.links() {
                    assert!(all.contains(&link), "{:?} -> {link:?}", node.id);
                }
            }
        }
    }

    #[test]
    fn no_resource_waits_for_itself() {
        for deployment in deployments() {
            let mut waiting: BTreeMap<_, _> =
                deployment.resources().iter().map(|node| (node.id, node.resource.links())).collect();
            // What waits for nothing is made; what is left in the end goes round in circles.
            let mut made = BTreeSet::new();
            loop {
                let ready: Vec<_> = waiting
                    .iter()
                    .filter(|(_, links)| links.iter().all(|link| made.contains(link)))
                    .map(|(id, _)| *id)
                    .collect();
                if ready.is_empty() {
                    break;
                }
                for id in ready {
                    waiting.remove(&id);
                    made.insert(id);
                }
            }
            assert!(waiting.is_empty(), "a circle among {:?}", waiting.keys());
        }
    }

    #[test]
    fn links_are_found_in_fields_and_in_texts() {
        let [deployment, ..] = deployments();
        let links = |logical_id: &str| -> Vec<_> {
            let node = deployment.resources().iter().find(|node| node.id.logical_id == logical_id).unwrap();
            node.resource.links().into_iter().map(|link| link.logical_id).collect()
        };
        assert_eq!(links("LifecycleDeadLetterQueue"), Vec::<&str>::new());
        assert_eq!(links("LifecycleQueue"), ["LifecycleDeadLetterQueue"]);
        assert_eq!(
            links("LifecycleQueuePolicy"),
            ["InstanceStateRule", "LifecycleQueue", "SpotInterruptionRule"]
        );
        assert_eq!(
            links("WebhookFunction"),
            ["LifecycleQueue", "ScaleUpQueue", "WebhookLogGroup", "WebhookRole"]
        );
        assert_eq!(links("ScaleUpDeadLettersAlarm"), ["ScaleUpDeadLetterQueue"]);
    }
}
