//! What calls functions, and what watches them: the properties of the resources of API Gateway, `EventBridge` and
//! `CloudWatch`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>).

use jit_runners_model::{
    parameter,
    resource::{
        Alarm, Api, Dashboard, Encryption, EventPattern, EventRule, Integration, LogGroup, Metric,
        MetricFilter, Route, Schedule, Stage,
    },
};

use super::converter::{Convert, Converter, condition, entries};
use crate::graph::{Held, Properties, ResourceAttribute, Symbol, SymbolicText, Value};

impl Convert<Api> for Converter {
    fn convert(&self, api: &Api) -> Properties {
        let Api { name, description } = api;
        entries([
            ("Name", self.text(name)),
            ("Description", self.held(*description)),
            ("ProtocolType", self.held("HTTP")),
        ])
    }
}

impl Convert<Integration> for Converter {
    fn convert(&self, integration: &Integration) -> Properties {
        let Integration { api, function, timeout } = integration;
        entries([
            ("ApiId", self.attribute(api, ResourceAttribute::Id)),
            ("IntegrationType", self.held("AWS_PROXY")),
            // A function is always invoked by POST, whatever the request was.
            ("IntegrationMethod", self.held("POST")),
            ("IntegrationUri", self.attribute(function, ResourceAttribute::Arn)),
            ("PayloadFormatVersion", self.held("2.0")),
            ("TimeoutInMillis", self.held(timeout.get().saturating_mul(1_000))),
        ])
    }
}

impl Convert<Route> for Converter {
    fn convert(&self, route: &Route) -> Properties {
        let Route { api, route_key, target } = route;
        let mut integration = SymbolicText::literal("integrations/");
        integration.push_symbol(Symbol::attribute(target.id().logical_id, ResourceAttribute::Id));
        entries([
            ("ApiId", self.attribute(api, ResourceAttribute::Id)),
            ("RouteKey", self.held(*route_key)),
            // Webhooks carry a signature, which the function checks.
            ("AuthorizationType", self.held("NONE")),
            ("Target", self.held(integration)),
        ])
    }
}

impl Convert<Stage> for Converter {
    fn convert(&self, stage: &Stage) -> Properties {
        let Stage {
            api,
            stage_name,
            // The ARN names the group, too.
            access_log: _,
            access_log_arn,
            access_log_format,
            throttling_burst_limit,
            throttling_rate_limit,
        } = stage;
        let format = access_log_format.iter().map(|(name, value)| ((*name).to_owned(), self.held(*value)));
        let format = self.held(format.collect::<Properties>());
        entries([
            ("ApiId", self.attribute(api, ResourceAttribute::Id)),
            ("StageName", self.held(*stage_name)),
            ("AutoDeploy", self.held(true)),
            (
                "AccessLogSettings",
                self.map([("DestinationArn", self.text(access_log_arn)), ("Format", self.json(format))]),
            ),
            (
                "DefaultRouteSettings",
                self.map([
                    ("ThrottlingBurstLimit", self.held(*throttling_burst_limit)),
                    ("ThrottlingRateLimit", self.held(*throttling_rate_limit)),
                ]),
            ),
        ])
    }
}

impl Convert<Schedule> for Converter {
    fn convert(&self, schedule: &Schedule) -> Properties {
        let Schedule {
            name,
            description,
            rate_minutes,
            target,
            role,
            maximum_event_age,
            maximum_retry_attempts,
        } = schedule;
        // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
        let rate = match rate_minutes {
            1 => "rate(1 minute)".to_owned(),
            minutes => format!("rate({minutes} minutes)"),
        };
        let retries = self.map([
            ("MaximumEventAgeInSeconds", self.held(maximum_event_age.get())),
            ("MaximumRetryAttempts", self.held(*maximum_retry_attempts)),
        ]);
        entries([
            ("Name", self.text(name)),
            ("Description", self.held(*description)),
            ("ScheduleExpression", self.held(rate.as_str())),
            ("FlexibleTimeWindow", self.map([("Mode", self.held("OFF"))])),
            (
                "Target",
                self.map([
                    ("Arn", self.attribute(target, ResourceAttribute::Arn)),
                    ("RoleArn", self.attribute(role, ResourceAttribute::Arn)),
                    ("RetryPolicy", retries),
                ]),
            ),
            ("DependsOn", self.literals([role.id().logical_id])),
        ])
    }
}

impl Convert<EventRule> for Converter {
    fn convert(&self, rule: &EventRule) -> Properties {
        let EventRule { name, description, pattern, target_id, target } = rule;
        let target = self
            .map([("Id", self.held(*target_id)), ("Arn", self.attribute(target, ResourceAttribute::Arn))]);
        entries([
            ("Name", self.text(name)),
            ("Description", self.held(*description)),
            ("EventPattern", self.event_pattern(pattern)),
            ("Targets", self.list([target])),
        ])
    }
}

impl Convert<LogGroup> for Converter {
    fn convert(&self, group: &LogGroup) -> Properties {
        let LogGroup { log_group_name, retention, encryption } = group;
        let key = match encryption {
            Encryption::ServiceOwned => self.absent(),
            Encryption::CustomerManaged(key) => self.text(key),
        };
        entries([
            ("LogGroupName", self.text(log_group_name)),
            ("RetentionInDays", self.held(retention.get())),
            ("KmsKeyId", key),
        ])
    }
}

impl Convert<MetricFilter> for Converter {
    fn convert(&self, filter: &MetricFilter) -> Properties {
        let MetricFilter { filter_name, log_group, filter_pattern, metric_namespace, metric_name } = filter;
        let transformation = self.map([
            ("MetricNamespace", self.text(metric_namespace)),
            ("MetricName", self.held(*metric_name)),
            ("MetricValue", self.held("1")),
            ("Unit", self.held("Count")),
        ]);
        entries([
            ("FilterName", self.held(*filter_name)),
            ("LogGroupName", self.attribute(log_group, ResourceAttribute::Name)),
            ("FilterPattern", self.held(*filter_pattern)),
            ("MetricTransformations", self.list([transformation])),
        ])
    }
}

impl Convert<Alarm> for Converter {
    fn convert(&self, alarm: &Alarm) -> Properties {
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
        let Metric { namespace, name, dimensions } = metric;
        let dimensions = dimensions
            .iter()
            .map(|(name, value)| self.map([("Name", self.held(*name)), ("Value", self.text(value))]));
        let statistic_field = if statistic.is_percentile() { "ExtendedStatistic" } else { "Statistic" };
        let topics = self.held(Value::choice(
            condition(parameter::InputCondition::IsSet(*topic)),
            self.list([self.parameter(*topic)]),
            self.list([]),
        ));
        entries([
            ("AlarmName", self.text(alarm_name)),
            ("AlarmDescription", self.held(*alarm_description)),
            ("Namespace", self.text(namespace)),
            ("MetricName", self.held(*name)),
            ("Dimensions", self.list(dimensions)),
            (statistic_field, self.held(statistic.as_str())),
            ("Period", self.held(period.get())),
            ("EvaluationPeriods", self.held(*evaluation_periods)),
            ("ComparisonOperator", self.held(comparison.as_str())),
            ("Threshold", self.held(*threshold)),
            ("TreatMissingData", self.held(missing_data.as_str())),
            ("AlarmActions", topics.clone()),
            ("OKActions", topics),
        ])
    }
}

impl Convert<Dashboard> for Converter {
    fn convert(&self, dashboard: &Dashboard) -> Properties {
        // The widgets are taken apart where the model lays the page out.
        let Dashboard { dashboard_name, widgets: _ } = dashboard;
        let body: Held = self.document(&dashboard.body());
        entries([("DashboardName", self.text(dashboard_name)), ("DashboardBody", self.json(body))])
    }
}

impl Converter {
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
    fn event_pattern(&self, pattern: &EventPattern) -> Held {
        let EventPattern { source, detail_type, detail } = pattern;
        let mut pattern =
            entries([("source", self.literals([*source])), ("detail-type", self.literals([*detail_type]))]);
        if let Some((field, accepted)) = detail {
            let accepted = self.literals(accepted.iter().copied());
            pattern.insert("detail".to_owned(), self.map([(*field, accepted)]));
        }
        self.held(pattern)
    }
}
