//! `AWS::Logs` and `AWS::CloudWatch`: log groups, metric filters, alarms and the dashboard.

use jit_runners_model::{
    parameter::InputCondition,
    resource::{Alarm, Dashboard, LogGroup, Metric, MetricFilter},
};

use super::{Emit, kms_key};
use crate::cloudformation::{
    parameters::condition_name,
    tree::{Intrinsic, Map, Value},
    value::json_text,
};

impl Emit for LogGroup {
    const TYPE: &'static str = "AWS::Logs::LogGroup";

    fn properties(&self) -> Map {
        let Self { log_group_name, retention, encryption } = self;
        Map::new()
            .with("LogGroupName", log_group_name)
            .with("RetentionInDays", retention.get())
            .with_some("KmsKeyId", kms_key(encryption))
    }
}

impl Emit for MetricFilter {
    const TYPE: &'static str = "AWS::Logs::MetricFilter";

    fn properties(&self) -> Map {
        let Self { filter_name, log_group, filter_pattern, metric_namespace, metric_name } = self;
        let transformation = Map::new()
            .with("MetricNamespace", metric_namespace)
            .with("MetricName", *metric_name)
            .with("MetricValue", "1")
            .with("Unit", "Count");
        Map::new()
            .with("FilterName", *filter_name)
            .with("LogGroupName", *log_group)
            .with("FilterPattern", *filter_pattern)
            .with("MetricTransformations", Value::list([transformation]))
    }
}

impl Emit for Alarm {
    const TYPE: &'static str = "AWS::CloudWatch::Alarm";

    fn properties(&self) -> Map {
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
        let dimensions: Vec<_> = dimensions
            .iter()
            .map(|(name, value)| Map::new().with("Name", *name).with("Value", value))
            .collect();
        let topics = Intrinsic::If(
            condition_name(InputCondition::IsSet(*topic)),
            Box::new(Value::list([*topic])),
            Box::new(Value::List(Vec::new())),
        );
        let statistic_property = if statistic.is_percentile() { "ExtendedStatistic" } else { "Statistic" };
        Map::new()
            .with("AlarmName", alarm_name)
            .with("AlarmDescription", *alarm_description)
            .with("Namespace", namespace)
            .with("MetricName", *name)
            .with_some("Dimensions", (!dimensions.is_empty()).then(|| Value::list(dimensions)))
            .with(statistic_property, statistic.as_str())
            .with("Period", period.get())
            .with("EvaluationPeriods", *evaluation_periods)
            .with("ComparisonOperator", comparison.as_str())
            .with("Threshold", *threshold)
            .with("TreatMissingData", missing_data.as_str())
            .with("AlarmActions", topics.clone())
            .with("OKActions", topics)
    }
}

impl Emit for Dashboard {
    const TYPE: &'static str = "AWS::CloudWatch::Dashboard";

    fn properties(&self) -> Map {
        Map::new().with("DashboardName", &self.dashboard_name).with("DashboardBody", &json_text(&self.body()))
    }
}
