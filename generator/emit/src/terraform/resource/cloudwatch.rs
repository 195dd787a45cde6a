//! `aws_cloudwatch_*`, apart from rules: log groups, metric filters, alarms and the dashboard.

use jit_runners_model::resource::{Alarm, Dashboard, Encryption, LogGroup, Metric, MetricFilter, ResourceId};

use super::{Emit, Emitted};
use crate::terraform::{
    module_files::topics,
    tree::{Contents, literal, object, path},
    value::{expression, json, jsonencode, text},
};

impl Emit for LogGroup {
    const TYPE: &'static str = "aws_cloudwatch_log_group";
    const NAME_IS_RELIED_ON: bool = true;

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self { log_group_name, retention, encryption } = self;
        let contents =
            Contents::new().set("name", text(log_group_name)).set("retention_in_days", retention.get());
        match encryption {
            // CloudWatch Logs encrypts with its own key unless told otherwise.
            Encryption::ServiceOwned => contents,
            Encryption::CustomerManaged(key) => contents.set("kms_key_id", text(key)),
        }
        .into()
    }
}

impl Emit for MetricFilter {
    const TYPE: &'static str = "aws_cloudwatch_log_metric_filter";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self { filter_name, log_group, filter_pattern, metric_namespace, metric_name } = self;
        Contents::new()
            .set_literal("name", filter_name)
            .set("log_group_name", expression(&log_group.name()))
            .set_literal("pattern", filter_pattern)
            .block(
                "metric_transformation",
                Contents::new()
                    .set("namespace", text(metric_namespace))
                    .set_literal("name", metric_name)
                    .set_literal("value", "1")
                    // Unsaid, it is `None` here and nothing at all in a stack.
                    .set_literal("unit", "Count"),
            )
            .into()
    }
}

impl Emit for Alarm {
    const TYPE: &'static str = "aws_cloudwatch_metric_alarm";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self {
            alarm_name,
            alarm_description,
            metric: Metric { namespace, name, dimensions },
            statistic,
            period,
            evaluation_periods,
            comparison,
            threshold,
            missing_data,
            topic,
        } = self;
        let dimensions = (!dimensions.is_empty())
            .then(|| object(dimensions.iter().map(|(name, value)| (*name, text(value)))));
        let topics = || path(&["local", &topics(*topic)]);
        Contents::new()
            .set("alarm_name", text(alarm_name))
            .set_literal("alarm_description", alarm_description)
            .set("namespace", text(namespace))
            .set_literal("metric_name", name)
            .set_some("dimensions", dimensions)
            .set(
                if statistic.is_percentile() { "extended_statistic" } else { "statistic" },
                literal(statistic.as_str()),
            )
            .set("period", period.get())
            .set("evaluation_periods", *evaluation_periods)
            .set_literal("comparison_operator", comparison.as_str())
            .set("threshold", *threshold)
            .set_literal("treat_missing_data", missing_data.as_str())
            .set("alarm_actions", topics())
            .set("ok_actions", topics())
            .into()
    }
}

impl Emit for Dashboard {
    const TYPE: &'static str = "aws_cloudwatch_dashboard";

    fn emit(&self, _: ResourceId) -> Emitted {
        Contents::new()
            .set("dashboard_name", text(&self.dashboard_name))
            .set("dashboard_body", jsonencode(json(&self.body())))
            .into()
    }
}
