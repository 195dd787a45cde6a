//! `AWS::Logs` and `AWS::CloudWatch`: log groups, metric filters, alarms, the dashboard.

use super::{Describe, Encryption, FieldValue, Fields, Ref, attributes};
use crate::{
    parameter::{InputCondition, ParameterId},
    unit::{RetentionDays, Seconds},
    value::{Expr, Json, Text},
};

/// Where a function or an API logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroup {
    /// Its name, at most 512 characters.
    pub log_group_name: Text,
    /// How long events are kept.
    pub retention: RetentionDays,
    /// How events are encrypted at rest.
    pub encryption: Encryption,
}

impl Describe for LogGroup {
    const IS_TAGGED: bool = true;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.log_group_name, 512))
    }

    fn purpose(&self) -> &'static str {
        "Log"
    }

    fn fields(&self) -> Fields<'_> {
        let Self { log_group_name, retention, encryption } = self;
        vec![
            ("log_group_name", log_group_name.into()),
            ("retention_days", retention.get().into()),
            ("encryption", encryption.into()),
        ]
    }
}

attributes! {
    LogGroup {
        /// The group's name. There is no `arn`: `CloudFormation`'s ends in `:*` and Terraform's does not,
        /// so ARNs of log groups are put together from the name.
        name: Name,
    }
}

/// Counts log events
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricFilter {
    /// Its name within the log group.
    pub filter_name: &'static str,
    /// The log group.
    pub log_group: Ref<LogGroup>,
    /// Which events.
    pub filter_pattern: &'static str,
    /// The metric's namespace.
    pub metric_namespace: Text,
    /// The metric. Each matching event counts one, in the unit `Count`.
    pub metric_name: &'static str,
}

impl Describe for MetricFilter {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        None
    }

    fn purpose(&self) -> &'static str {
        "Makes a metric of log lines"
    }

    fn fields(&self) -> Fields<'_> {
        let Self { filter_name, log_group, filter_pattern, metric_namespace, metric_name } = self;
        vec![
            ("filter_name", (*filter_name).into()),
            ("log_group", log_group.into()),
            ("filter_pattern", (*filter_pattern).into()),
            ("metric_namespace", metric_namespace.into()),
            ("metric_name", (*metric_name).into()),
        ]
    }
}

/// A metric of a service or of our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// For example `AWS/SQS`.
    pub namespace: Text,
    /// For example `ApproximateNumberOfMessagesVisible`.
    pub name: &'static str,
    /// Names and values that select one series.
    pub dimensions: Vec<(&'static str, Text)>,
}

impl Metric {
    fn field(&self) -> FieldValue<'_> {
        let Self { namespace, name, dimensions } = self;
        FieldValue::Object(vec![
            ("namespace", namespace.into()),
            ("name", (*name).into()),
            ("dimensions", FieldValue::pairs(dimensions)),
        ])
    }

    /// As a dashboard names it: namespace, metric, names and values of the dimensions.
    fn series(&self) -> Vec<Text> {
        let dimensions = self.dimensions.iter().flat_map(|(name, value)| [(*name).into(), value.clone()]);
        [self.namespace.clone(), self.name.into()].into_iter().chain(dimensions).collect()
    }
}

/// How the data points of a period become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// Their sum.
    Sum,
    /// The largest.
    Maximum,
    /// The value that 90 % do not exceed.
    P90,
}

impl Statistic {
    /// The service's name for it. Percentiles stand in another field than the others
    /// (`ExtendedStatistic`), see [`Statistic::is_percentile`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sum => "Sum",
            Self::Maximum => "Maximum",
            Self::P90 => "p90",
        }
    }

    /// Whether it is a percentile.
    pub const fn is_percentile(self) -> bool {
        matches!(self, Self::P90)
    }
}

/// On which side of the threshold an alarm goes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Above it.
    GreaterThan,
    /// Below it.
    LessThan,
    /// At it, or below it.
    LessThanOrEqual,
}

impl Comparison {
    /// The service's name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GreaterThan => "GreaterThanThreshold",
            Self::LessThan => "LessThanThreshold",
            Self::LessThanOrEqual => "LessThanOrEqualToThreshold",
        }
    }
}

/// What a period without data means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingData {
    /// All is well.
    NotBreaching,
    /// Something is wrong.
    Breaching,
}

impl MissingData {
    /// The service's name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotBreaching => "notBreaching",
            Self::Breaching => "breaching",
        }
    }
}

/// Tells people (`AWS::CloudWatch::Alarm`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its name, at most 255 characters.
    pub alarm_name: Text,
    /// What is wrong and what to do, for the person whom it wakes.
    pub alarm_description: &'static str,
    /// What is measured.
    pub metric: Metric,
    /// How.
    pub statistic: Statistic,
    /// Over how long.
    pub period: Seconds,
    /// For how many periods.
    pub evaluation_periods: u32,
    /// On which side of the threshold.
    pub comparison: Comparison,
    /// The threshold, in the metric's unit.
    pub threshold: u32,
    /// What a period without data means.
    pub missing_data: MissingData,
    /// The topic that is notified when the alarm goes off and when it is over, unless the input is empty.
    pub topic: ParameterId,
}

impl Describe for Alarm {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.alarm_name, 255))
    }

    fn purpose(&self) -> &'static str {
        self.alarm_description
    }

    fn condition_of_fields(&self) -> Option<InputCondition> {
        Some(InputCondition::IsSet(self.topic))
    }

    fn fields(&self) -> Fields<'_> {
        let Self {
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
        } = self;
        vec![
            ("alarm_name", alarm_name.into()),
            ("alarm_description", (*alarm_description).into()),
            ("metric", metric.field()),
            ("statistic", statistic.as_str().into()),
            ("period_seconds", period.get().into()),
            ("evaluation_periods", (*evaluation_periods).into()),
            ("comparison", comparison.as_str().into()),
            ("threshold", (*threshold).into()),
            ("missing_data", missing_data.as_str().into()),
            ("topic", (*topic).into()),
        ]
    }
}

/// A page of graphs (`AWS::CloudWatch::Dashboard`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dashboard {
    /// Its name, at most 255 characters, unique in the account over all regions.
    pub dashboard_name: Text,
    /// The graphs, in rows of two.
    pub widgets: Vec<Widget>,
}

impl Describe for Dashboard {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.dashboard_name, 255))
    }

    fn purpose(&self) -> &'static str {
        "The graphs that operators look at"
    }

    fn fields(&self) -> Fields<'_> {
        let Self { dashboard_name, widgets } = self;
        vec![
            ("dashboard_name", dashboard_name.into()),
            ("widgets", FieldValue::list(widgets.iter().map(Widget::field))),
        ]
    }
}

/// One graph of a dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Widget {
    /// The heading.
    pub title: &'static str,
    /// What is drawn.
    pub metrics: Vec<Metric>,
    /// How.
    pub statistic: Statistic,
    /// Over how long, one data point.
    pub period: Seconds,
}

impl Dashboard {
    /// The dashboard's body
    /// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>).
    pub fn body(&self) -> Json {
        Json::Object(vec![("widgets", Json::List(self.widgets.iter().map(Widget::body).collect()))])
    }
}

impl Widget {
    fn field(&self) -> FieldValue<'_> {
        let Self { title, metrics, statistic, period } = self;
        FieldValue::Object(vec![
            ("title", (*title).into()),
            ("metrics", FieldValue::list(metrics.iter().map(Metric::field))),
            ("statistic", statistic.as_str().into()),
            ("period_seconds", period.get().into()),
        ])
    }

    /// Half the width of a dashboard, in its units.
    const WIDTH: u32 = 12;

    /// CloudWatch places widgets one after the other, and each is as high as it is where nothing is said
    /// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>).
    fn body(&self) -> Json {
        let series: Vec<_> = self.metrics.iter().map(Metric::series).collect();
        let repeated = |index: usize| {
            let before = index.checked_sub(1).and_then(|before| series.get(before));
            let field = |(position, field): (usize, &Text)| {
                let same = before.is_some_and(|before| before.get(position) == Some(field));
                if same { ".".into() } else { field.clone().into() }
            };
            Json::List(series[index].iter().enumerate().map(field).collect())
        };
        Json::Object(vec![
            ("type", "metric".into()),
            ("width", Json::Number(Self::WIDTH)),
            (
                "properties",
                Json::Object(vec![
                    ("title", self.title.into()),
                    ("region", Expr::Region.into()),
                    ("stat", self.statistic.as_str().into()),
                    ("period", Json::Number(self.period.get())),
                    // `.` is the field of the series before.
                    ("metrics", Json::List((0..series.len()).map(repeated).collect())),
                ]),
            ),
        ])
    }
}
