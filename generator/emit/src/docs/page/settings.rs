//! The settings of a resource that matter to people.

use jit_runners_model::{
    AnyRef,
    resource::{
        Alarm, Comparison, Encryption, EventRule, Queue, Resource, ResourceId, SecurityGroup, SystemLogLevel,
        Table,
    },
};

use crate::docs::{Reader, duration};

/// Short phrases without a full stop; `code` marks what is to be set in code.
pub(super) fn settings(reader: &Reader<'_>, resource: &Resource) -> Vec<String> {
    match resource {
        Resource::Api(api) => vec![api.description.to_owned()],
        Resource::Integration(integration) => vec![
            format!("calls `{}`, payload format 2.0", integration.function.id().logical_id),
            format!("gives up after {}", duration(integration.timeout)),
        ],
        Resource::Route(route) => {
            vec![format!("`{}` to `{}`", route.route_key, route.target.id().logical_id)]
        }
        Resource::Stage(stage) => vec![
            format!("`{}`", stage.stage_name),
            format!(
                "{} requests a second, bursts of {}",
                stage.throttling_rate_limit, stage.throttling_burst_limit
            ),
            format!("logs to `{}`", stage.access_log.id().logical_id),
        ],
        Resource::Queue(queue) => self::queue(reader, queue),
        Resource::QueuePolicy(policy) => vec![format!("on `{}`, see below", policy.queue.id().logical_id)],
        Resource::Table(table) => self::table(reader, table),
        Resource::Function(function) => vec![
            format!("{} MiB", function.memory_size.get()),
            format!("stopped after {}", duration(function.timeout.seconds())),
            format!("`{}`", function.architecture.as_str()),
            format!(
                "package `<{}>` in `<{}>`",
                function.s3_key.cloudformation, function.s3_bucket.cloudformation
            ),
            match function.system_log_level {
                SystemLogLevel::Info => "Lambda logs each start and end".to_owned(),
                SystemLogLevel::Warn => "Lambda logs only what fails".to_owned(),
            },
        ],
        Resource::Permission(permission) => vec![format!(
            "`{}` may invoke `{}`",
            permission.service.principal(),
            permission.function.id().logical_id
        )],
        Resource::EventSourceMapping(mapping) => vec![
            format!("`{}` to `{}`", mapping.event_source.id().logical_id, mapping.function.id().logical_id),
            format!("up to {} messages at once", mapping.batch_size),
            format!("up to {} invocations at once", mapping.maximum_concurrency),
            "failed messages are reported one by one".to_owned(),
        ],
        Resource::EventInvokeConfig(config) => vec![
            format!(
                "a failed run of `{}` is {}",
                config.function.id().logical_id,
                repeated(config.maximum_retry_attempts)
            ),
            format!("an event older than {} is dropped", duration(config.maximum_event_age)),
        ],
        Resource::Role(role) => vec![role.description.to_owned()],
        Resource::InstanceProfile(profile) => vec![format!("hands out `{}`", profile.role.id().logical_id)],
        Resource::SecurityGroup(group) => security_group(group),
        Resource::Schedule(schedule) => vec![
            format!("`{}`", schedule.expression()),
            format!("starts `{}`", schedule.target.id().logical_id),
            format!("a start that failed is {}", repeated(schedule.maximum_retry_attempts)),
        ],
        Resource::EventRule(rule) => event_rule(rule),
        Resource::CustomResource(custom) => vec![
            custom.description.to_owned(),
            format!("calls `{}`", custom.function.id().logical_id),
            format!("CloudFormation waits for {}", duration(custom.service_timeout)),
            format!("deleted before {}", listed(custom.depends_on.iter().map(AnyRef::id))),
        ],
        Resource::LogGroup(group) => {
            vec![format!("kept for {} days", group.retention.get()), encryption(reader, &group.encryption)]
        }
        Resource::MetricFilter(filter) => vec![
            format!("counts `{}` in `{}`", filter.filter_pattern, filter.log_group.id().logical_id),
            format!("as `{}` in `{}`", filter.metric_name, reader.text(&filter.metric_namespace)),
        ],
        Resource::Alarm(alarm) => self::alarm(reader, alarm),
        Resource::Dashboard(dashboard) => {
            dashboard.widgets.iter().map(|widget| widget.title.to_owned()).collect()
        }
    }
}

fn listed(ids: impl Iterator<Item = ResourceId>) -> String {
    let names: Vec<_> = ids.map(|id| format!("`{}`", id.logical_id)).collect();
    names.join(", ")
}

fn queue(reader: &Reader<'_>, queue: &Queue) -> Vec<String> {
    let mut settings = vec![
        format!("a received message is hidden for {}", duration(queue.visibility_timeout)),
        format!("kept for {}", duration(queue.message_retention_period)),
    ];
    settings.extend(queue.redrive.as_ref().map(|redrive| {
        format!(
            "to `{}` after {} receives",
            redrive.dead_letter_target.id().logical_id,
            redrive.max_receive_count
        )
    }));
    settings.extend(
        queue.redrive_allow.iter().flatten().map(|source| format!("only for `{}`", reader.text(source))),
    );
    settings.push(encryption(reader, &queue.encryption));
    settings
}

fn table(reader: &Reader<'_>, table: &Table) -> Vec<String> {
    let mut settings = vec![
        "billed by request".to_owned(),
        format!("key `{}`", table.hash_key),
        format!("items expire by `{}`", table.time_to_live_attribute),
    ];
    settings.extend(
        table.global_secondary_indexes.iter().map(|index| {
            format!("index `{}` on `{}`, `{}`", index.index_name, index.hash_key, index.range_key)
        }),
    );
    if table.point_in_time_recovery {
        settings.push("can be restored to any second of the last 35 days".to_owned());
    }
    settings.push(encryption(reader, &table.encryption));
    settings
}

fn security_group(group: &SecurityGroup) -> Vec<String> {
    let mut settings = vec!["nothing comes in".to_owned()];
    settings.extend(group.egress.iter().map(|rule| {
        let (protocol, port, cidr) = (rule.protocol.as_str(), rule.port, rule.cidr.as_str());
        format!("out to `{protocol}` {port} of `{cidr}`: {}", rule.description)
    }));
    settings
}

fn event_rule(rule: &EventRule) -> Vec<String> {
    let mut settings = vec![format!("`{}` of `{}`", rule.pattern.detail_type, rule.pattern.source)];
    settings.extend(rule.pattern.detail.map(|(field, values)| {
        let values: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
        format!("where `{field}` is {}", values.join(", "))
    }));
    settings.push(format!("to `{}`", rule.target.id().logical_id));
    settings
}

fn alarm(reader: &Reader<'_>, alarm: &Alarm) -> Vec<String> {
    let of: Vec<_> =
        alarm.metric.dimensions.iter().map(|(_, value)| format!(" of `{}`", reader.text(value))).collect();
    let side = match alarm.comparison {
        Comparison::GreaterThan => "above",
        Comparison::LessThan => "below",
        Comparison::LessThanOrEqual => "at or below",
    };
    let times = match alarm.evaluation_periods {
        1 => String::new(),
        more => format!(", {more} times in a row"),
    };
    vec![
        format!(
            "{} of `{}`{} over {} {side} {}{times}",
            alarm.statistic.as_str(),
            alarm.metric.name,
            of.concat(),
            duration(alarm.period),
            alarm.threshold,
        ),
        format!("\"{}\"", alarm.alarm_description),
    ]
}

fn repeated(times: u32) -> String {
    match times {
        0 => "not repeated".to_owned(),
        1 => "repeated once".to_owned(),
        more => format!("repeated up to {more} times"),
    }
}

fn encryption(reader: &Reader<'_>, encryption: &Encryption) -> String {
    match encryption {
        Encryption::ServiceOwned => "encrypted with a key of the service".to_owned(),
        Encryption::CustomerManaged(key) => format!("encrypted with `{}`", reader.text(key)),
    }
}
