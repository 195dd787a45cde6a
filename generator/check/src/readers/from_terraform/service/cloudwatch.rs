//! `aws_cloudwatch_*` but for events.

use super::super::{
    argument::{
        Argument, Becomes, ResourceSchema, arn, as_is, block, blocks, id, name_prefix, property, provided,
        read, region, tags, tags_all,
    },
    body::read_skip_destroy,
};
use crate::graph::{Kind, ResourceAttribute};

pub(super) const TYPES: &[ResourceSchema] = &[
    ResourceSchema {
        name: "aws_cloudwatch_log_group",
        becomes: Becomes::Node(Kind::LogGroup),
        arguments: LOG_GROUP,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_cloudwatch_log_metric_filter",
        becomes: Becomes::Node(Kind::MetricFilter),
        arguments: METRIC_FILTER,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_cloudwatch_metric_alarm",
        becomes: Becomes::Node(Kind::Alarm),
        arguments: ALARM,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_cloudwatch_dashboard",
        becomes: Becomes::Node(Kind::Dashboard),
        arguments: DASHBOARD,
        finish: as_is,
    },
];

const LOG_GROUP: &[Argument] = &[
    property("name", "LogGroupName").or(ResourceAttribute::Name),
    name_prefix(),
    property("log_group_class", "LogGroupClass"),
    property("retention_in_days", "RetentionInDays"),
    property("kms_key_id", "KmsKeyId"),
    property("deletion_protection_enabled", "DeletionProtectionEnabled"),
    read("skip_destroy", read_skip_destroy),
    tags(),
    tags_all(),
    region(),
    arn(),
    id(ResourceAttribute::Name),
];

const METRIC_FILTER: &[Argument] = &[
    property("name", "FilterName"),
    property("log_group_name", "LogGroupName"),
    property("pattern", "FilterPattern"),
    property("apply_on_transformed_logs", "ApplyOnTransformedLogs"),
    blocks(
        "metric_transformation",
        "MetricTransformations",
        &[
            property("namespace", "MetricNamespace"),
            property("name", "MetricName"),
            property("value", "MetricValue"),
            // The provider says "" where there is none.
            read("default_value", |body, held| {
                if held.as_literal() != Some("") {
                    body.put("DefaultValue", held);
                }
            }),
            property("unit", "Unit"),
            read("dimensions", |body, held| body.put_pairs("Dimensions", "Key", "Value", held)),
        ],
    ),
    region(),
    id(ResourceAttribute::Name),
];

const DIMENSIONS: Argument =
    read("dimensions", |body, held| body.put_pairs("Dimensions", "Name", "Value", held));

const ALARM: &[Argument] = &[
    property("alarm_name", "AlarmName"),
    property("alarm_description", "AlarmDescription"),
    property("actions_enabled", "ActionsEnabled"),
    property("namespace", "Namespace"),
    property("metric_name", "MetricName"),
    DIMENSIONS,
    property("statistic", "Statistic"),
    property("extended_statistic", "ExtendedStatistic"),
    property("unit", "Unit"),
    property("period", "Period"),
    property("evaluation_periods", "EvaluationPeriods"),
    property("datapoints_to_alarm", "DatapointsToAlarm"),
    property("comparison_operator", "ComparisonOperator"),
    property("threshold", "Threshold"),
    property("threshold_metric_id", "ThresholdMetricId"),
    property("treat_missing_data", "TreatMissingData"),
    property("evaluate_low_sample_count_percentiles", "EvaluateLowSampleCountPercentile"),
    property("alarm_actions", "AlarmActions"),
    property("ok_actions", "OKActions"),
    property("insufficient_data_actions", "InsufficientDataActions"),
    blocks(
        "metric_query",
        "Metrics",
        &[
            property("id", "Id"),
            property("expression", "Expression"),
            property("label", "Label"),
            property("return_data", "ReturnData"),
            property("period", "Period"),
            property("account_id", "AccountId"),
            block(
                "metric",
                "MetricStat",
                &[
                    property("namespace", "Metric.Namespace"),
                    property("metric_name", "Metric.MetricName"),
                    read("dimensions", |body, held| {
                        body.put_pairs("Metric.Dimensions", "Name", "Value", held);
                    }),
                    property("period", "Period"),
                    property("stat", "Stat"),
                    property("unit", "Unit"),
                ],
            ),
        ],
    ),
    tags(),
    tags_all(),
    region(),
    arn(),
    id(ResourceAttribute::Name),
];

const DASHBOARD: &[Argument] = &[
    property("dashboard_name", "DashboardName"),
    property("dashboard_body", "DashboardBody"),
    region(),
    provided("dashboard_arn").or(ResourceAttribute::Arn),
    id(ResourceAttribute::Name),
];
