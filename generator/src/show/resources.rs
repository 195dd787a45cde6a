//! Resources as JSON: every field of every kind, under the name that it has in the model. Structs are taken apart by
//! the names of their fields, so that a new field does not compile before it is shown.

use jit_runners_model::{
    choices::EgressRule,
    resource::{
        Alarm, Api, AttributeDefinition, CustomResource, Dashboard, EventInvokeConfig, EventPattern,
        EventRule, EventSourceMapping, Function, GlobalSecondaryIndex, InstanceProfile, Integration,
        LogGroup, Metric, MetricFilter, Permission, Queue, QueuePolicy, Redrive, Resource, Role, Route,
        Schedule, SecurityGroup, Stage, Table, Widget,
    },
};
use serde_json::{Value, json};

use super::values::{conditions, encryption, optional, pairs, policy, text, texts};

pub(super) fn fields(resource: &Resource) -> Value {
    match resource {
        Resource::Api(api) => {
            let Api { name, description } = api;
            json!({ "name": text(name), "description": description })
        }
        Resource::Integration(integration) => {
            let Integration { api, function, timeout } = integration;
            json!({
                "api": api.id().logical_id,
                "function": function.id().logical_id,
                "timeout_seconds": timeout.get(),
            })
        }
        Resource::Route(route) => {
            let Route { api, route_key, target } = route;
            json!({ "api": api.id().logical_id, "route_key": route_key, "target": target.id().logical_id })
        }
        Resource::Stage(stage) => self::stage(stage),
        Resource::Queue(queue) => self::queue(queue),
        Resource::QueuePolicy(queue_policy) => {
            let QueuePolicy { queue, policy } = queue_policy;
            json!({ "queue": queue.id().logical_id, "policy": self::policy(policy) })
        }
        Resource::Table(table) => self::table(table),
        Resource::Function(function) => self::function(function),
        Resource::Permission(permission) => {
            let Permission { function, service, source_arn } = permission;
            json!({
                "function": function.id().logical_id,
                "service": service.principal(),
                "source_arn": text(source_arn),
            })
        }
        Resource::EventSourceMapping(mapping) => {
            let EventSourceMapping { event_source, function, batch_size, maximum_concurrency } = mapping;
            json!({
                "event_source": event_source.id().logical_id,
                "function": function.id().logical_id,
                "batch_size": batch_size,
                "maximum_concurrency": maximum_concurrency,
            })
        }
        Resource::EventInvokeConfig(config) => {
            let EventInvokeConfig { function, maximum_event_age, maximum_retry_attempts } = config;
            json!({
                "function": function.id().logical_id,
                "maximum_event_age_seconds": maximum_event_age.get(),
                "maximum_retry_attempts": maximum_retry_attempts,
            })
        }
        Resource::Role(role) => self::role(role),
        Resource::InstanceProfile(profile) => {
            let InstanceProfile { instance_profile_name, role } = profile;
            json!({ "instance_profile_name": text(instance_profile_name), "role": role.id().logical_id })
        }
        Resource::SecurityGroup(group) => security_group(group),
        Resource::Schedule(schedule) => self::schedule(schedule),
        Resource::EventRule(rule) => event_rule(rule),
        Resource::CustomResource(custom) => custom_resource(custom),
        Resource::LogGroup(group) => {
            let LogGroup { log_group_name, retention, encryption } = group;
            json!({
                "log_group_name": text(log_group_name),
                "retention_days": retention.get(),
                "encryption": self::encryption(encryption),
            })
        }
        Resource::MetricFilter(filter) => {
            let MetricFilter { filter_name, log_group, filter_pattern, metric_namespace, metric_name } =
                filter;
            json!({
                "filter_name": filter_name,
                "log_group": log_group.id().logical_id,
                "filter_pattern": filter_pattern,
                "metric_namespace": text(metric_namespace),
                "metric_name": metric_name,
            })
        }
        Resource::Alarm(alarm) => self::alarm(alarm),
        Resource::Dashboard(dashboard) => {
            let Dashboard { dashboard_name, widgets } = dashboard;
            let widget = |Widget { title, metrics, statistic, period }: &Widget| {
                json!({
                    "title": title,
                    "metrics": metrics.iter().map(metric).collect::<Vec<_>>(),
                    "statistic": statistic.as_str(),
                    "period_seconds": period.get(),
                })
            };
            json!({
                "dashboard_name": text(dashboard_name),
                "widgets": widgets.iter().map(widget).collect::<Vec<_>>(),
            })
        }
    }
}

fn stage(stage: &Stage) -> Value {
    let Stage {
        api,
        stage_name,
        access_log,
        access_log_arn,
        access_log_format,
        throttling_burst_limit,
        throttling_rate_limit,
    } = stage;
    json!({
        "api": api.id().logical_id,
        "stage_name": stage_name,
        "access_log": access_log.id().logical_id,
        "access_log_arn": text(access_log_arn),
        "access_log_format": pairs(access_log_format, |variable| json!(variable)),
        "throttling_burst_limit": throttling_burst_limit,
        "throttling_rate_limit": throttling_rate_limit,
    })
}

fn queue(queue: &Queue) -> Value {
    let Queue {
        queue_name,
        visibility_timeout,
        message_retention_period,
        maximum_message_size,
        receive_message_wait_time,
        redrive,
        redrive_allow,
        encryption,
    } = queue;
    let redrive = redrive.as_ref().map(|Redrive { dead_letter_target, max_receive_count }| {
        json!({
            "dead_letter_target": dead_letter_target.id().logical_id,
            "max_receive_count": max_receive_count,
        })
    });
    json!({
        "queue_name": text(queue_name),
        "visibility_timeout_seconds": visibility_timeout.get(),
        "message_retention_period_seconds": message_retention_period.get(),
        "maximum_message_size_bytes": maximum_message_size,
        "receive_message_wait_time_seconds": receive_message_wait_time.get(),
        "redrive": redrive,
        "redrive_allow": redrive_allow.as_ref().map(texts),
        "encryption": self::encryption(encryption),
    })
}

fn table(table: &Table) -> Value {
    let Table {
        table_name,
        attribute_definitions,
        hash_key,
        global_secondary_indexes,
        time_to_live_attribute,
        point_in_time_recovery,
        encryption,
    } = table;
    let definition = |AttributeDefinition { name, kind }: &AttributeDefinition| json!({ "name": name, "kind": kind.as_str() });
    let index = |GlobalSecondaryIndex { index_name, hash_key, range_key }: &GlobalSecondaryIndex| json!({ "index_name": index_name, "hash_key": hash_key, "range_key": range_key });
    json!({
        "table_name": text(table_name),
        "attribute_definitions": attribute_definitions.iter().map(definition).collect::<Vec<_>>(),
        "hash_key": hash_key,
        "global_secondary_indexes": global_secondary_indexes.iter().map(index).collect::<Vec<_>>(),
        "time_to_live_attribute": time_to_live_attribute,
        "point_in_time_recovery": point_in_time_recovery,
        "encryption": self::encryption(encryption),
    })
}

fn function(function: &Function) -> Value {
    let Function {
        handler,
        function_name,
        description,
        role,
        architecture,
        memory_size,
        timeout,
        s3_bucket,
        s3_key,
        environment,
        kms_key_arn,
        log_group,
        system_log_level,
    } = function;
    json!({
        "handler": handler.name(),
        "function_name": text(function_name),
        "description": description,
        "role": role.id().logical_id,
        "architecture": architecture.as_str(),
        "memory_size_mebibytes": memory_size.get(),
        "timeout_seconds": timeout.seconds().get(),
        "s3_bucket": { "input": s3_bucket.cloudformation },
        "s3_key": { "input": s3_key.cloudformation },
        "environment": pairs(environment, text),
        "kms_key_arn": optional(kms_key_arn.as_ref()),
        "log_group": log_group.id().logical_id,
        "system_log_level": system_log_level.as_str(),
    })
}

fn role(role: &Role) -> Value {
    let Role { role_name, description, trusted, trust_conditions, policy, permissions_boundary } = role;
    json!({
        "role_name": text(role_name),
        "description": description,
        "trusted": trusted.principal(),
        "trust_conditions": conditions(trust_conditions),
        "policy": self::policy(policy),
        "permissions_boundary": optional(permissions_boundary.as_ref()),
    })
}

fn security_group(group: &SecurityGroup) -> Value {
    let SecurityGroup { group_name, group_description, vpc, egress } = group;
    json!({
        "group_name": text(group_name),
        "group_description": group_description,
        "vpc": { "input": vpc.cloudformation },
        "egress": egress.iter().map(egress_rule).collect::<Vec<_>>(),
    })
}

pub(super) fn egress_rule(rule: &EgressRule) -> Value {
    let EgressRule { protocol, port, cidr, description } = rule;
    json!({
        "protocol": protocol.as_str(),
        "port": port,
        "cidr": cidr.as_str(),
        "description": description,
    })
}

fn schedule(schedule: &Schedule) -> Value {
    let Schedule { name, description, rate_minutes, target, role, maximum_event_age, maximum_retry_attempts } =
        schedule;
    json!({
        "name": text(name),
        "description": description,
        "rate_minutes": rate_minutes,
        "target": target.id().logical_id,
        "role": role.id().logical_id,
        "maximum_event_age_seconds": maximum_event_age.get(),
        "maximum_retry_attempts": maximum_retry_attempts,
    })
}

fn event_rule(rule: &EventRule) -> Value {
    let EventRule { name, description, pattern, target_id, target } = rule;
    let EventPattern { source, detail_type, detail } = pattern;
    json!({
        "name": text(name),
        "description": description,
        "pattern": {
            "source": source,
            "detail_type": detail_type,
            "detail": detail.map(|detail| pairs([&detail], |values| json!(values))),
        },
        "target_id": target_id,
        "target": target.id().logical_id,
    })
}

fn custom_resource(custom: &CustomResource) -> Value {
    let CustomResource { type_name, description, function, service_timeout, properties, depends_on } = custom;
    json!({
        "type_name": type_name,
        "description": description,
        "function": function.id().logical_id,
        "service_timeout_seconds": service_timeout.get(),
        "properties": pairs(properties, text),
        "depends_on": depends_on.iter().map(|link| link.id().logical_id).collect::<Vec<_>>(),
    })
}

fn alarm(alarm: &Alarm) -> Value {
    let Alarm {
        alarm_name,
        alarm_description,
        metric,
        statistic,
        period,
        evaluation_periods,
        comparison,
        threshold,
        missing_data,
        topic,
    } = alarm;
    json!({
        "alarm_name": text(alarm_name),
        "alarm_description": alarm_description,
        "metric": self::metric(metric),
        "statistic": statistic.as_str(),
        "period_seconds": period.get(),
        "evaluation_periods": evaluation_periods,
        "comparison": comparison.as_str(),
        "threshold": threshold,
        "missing_data": missing_data.as_str(),
        "topic": { "input": topic.cloudformation },
    })
}

fn metric(metric: &Metric) -> Value {
    let Metric { namespace, name, dimensions } = metric;
    json!({ "namespace": text(namespace), "name": name, "dimensions": pairs(dimensions, text) })
}
