//! `AWS::Logs` and `AWS::CloudWatch`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Logs.html>,
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_CloudWatch.html>).

use jit_runners_model::{
    parameter,
    resource::{Alarm, Dashboard, Encryption, LogGroup, Metric, MetricFilter},
};

use super::converter::{Converter, condition, entries};
use crate::graph::{Held, Properties, ResourceAttribute, Value};

impl Converter {
    pub(super) fn log_group(&self, group: &LogGroup) -> Properties {
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

    pub(super) fn metric_filter(&self, filter: &MetricFilter) -> Properties {
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

    pub(super) fn alarm(&self, alarm: &Alarm) -> Properties {
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

    pub(super) fn dashboard(&self, dashboard: &Dashboard) -> Properties {
        // The widgets are taken apart where the model lays the page out.
        let Dashboard { dashboard_name, widgets: _ } = dashboard;
        let body: Held = self.document(&dashboard.body());
        entries([("DashboardName", self.text(dashboard_name)), ("DashboardBody", self.json(body))])
    }
}
