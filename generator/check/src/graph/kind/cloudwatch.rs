//! `AWS::Logs` and `AWS::CloudWatch`.

use super::{
    Arn, ArnPart, ArnScope, Facts, Name, Off, OffValue, Shape, field, flag, number, object, tags, text, texts,
};
use crate::graph::ResourceAttribute;

pub(super) const LOG_GROUP: Facts = Facts {
    cloudformation_type: "AWS::Logs::LogGroup",
    identity: &["LogGroupName"],
    reference: Some(ResourceAttribute::Name),
    // The ARN is followed by `:*`; see `Evaluator::attribute`.
    attributes: &[("Arn", ResourceAttribute::Arn)],
    name: Some(Name { property: "LogGroupName", is_id: true }),
    arn: Some(Arn {
        service: "logs",
        scope: ArnScope::Region,
        name: &[ArnPart::Literal("log-group:"), ArnPart::Property("LogGroupName")],
    }),
    attaches: false,
    off: &[
        // https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/cloudwatch_log_group.html.markdown
        Off { path: "RetentionInDays", value: OffValue::Number("0") },
    ],
    fields: &[
        text("LogGroupName"),
        text("LogGroupClass"),
        number("RetentionInDays"),
        text("KmsKeyId"),
        flag("DeletionProtectionEnabled"),
        text("DeletionPolicy"),
        tags(),
    ],
};

pub(super) const METRIC_FILTER: Facts = Facts {
    cloudformation_type: "AWS::Logs::MetricFilter",
    identity: &["LogGroupName", "FilterName"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[],
    name: Some(Name { property: "FilterName", is_id: true }),
    arn: None,
    attaches: true,
    off: &[],
    fields: &[
        text("FilterName"),
        text("LogGroupName"),
        text("FilterPattern"),
        flag("ApplyOnTransformedLogs"),
        // A service limit: a filter has one transformation.
        field(
            "MetricTransformations",
            Shape::List(&Shape::Object(&[
                text("MetricNamespace"),
                text("MetricName"),
                text("MetricValue"),
                number("DefaultValue"),
                text("Unit"),
                field("Dimensions", DIMENSIONS_OF_FILTER),
            ])),
        ),
        text("DeletionPolicy"),
    ],
};

const DIMENSIONS_OF_FILTER: Shape =
    Shape::Keyed { key: "Key", value: Some("Value"), item: &Shape::Object(&[text("Key"), text("Value")]) };

const DIMENSIONS: Shape =
    Shape::Keyed { key: "Name", value: Some("Value"), item: &Shape::Object(&[text("Name"), text("Value")]) };

pub(super) const ALARM: Facts = Facts {
    cloudformation_type: "AWS::CloudWatch::Alarm",
    identity: &["AlarmName"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[("Arn", ResourceAttribute::Arn)],
    name: Some(Name { property: "AlarmName", is_id: true }),
    arn: Some(Arn {
        service: "cloudwatch",
        scope: ArnScope::Region,
        name: &[ArnPart::Literal("alarm:"), ArnPart::Property("AlarmName")],
    }),
    attaches: false,
    off: &[
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: 1 is the least
        Off { path: "DatapointsToAlarm", value: OffValue::Number("0") },
    ],
    fields: &[
        text("AlarmName"),
        text("AlarmDescription"),
        flag("ActionsEnabled"),
        text("Namespace"),
        text("MetricName"),
        field("Dimensions", DIMENSIONS),
        text("Statistic"),
        text("ExtendedStatistic"),
        text("Unit"),
        number("Period"),
        number("EvaluationPeriods"),
        number("DatapointsToAlarm"),
        text("ComparisonOperator"),
        number("Threshold"),
        text("ThresholdMetricId"),
        text("TreatMissingData"),
        text("EvaluateLowSampleCountPercentile"),
        texts("AlarmActions"),
        texts("OKActions"),
        texts("InsufficientDataActions"),
        field(
            "Metrics",
            Shape::Keyed {
                key: "Id",
                value: None,
                item: &Shape::Object(&[
                    text("Id"),
                    text("Expression"),
                    text("Label"),
                    flag("ReturnData"),
                    number("Period"),
                    text("AccountId"),
                    object(
                        "MetricStat",
                        &[
                            object(
                                "Metric",
                                &[text("Namespace"), text("MetricName"), field("Dimensions", DIMENSIONS)],
                            ),
                            number("Period"),
                            text("Stat"),
                            text("Unit"),
                        ],
                    ),
                ]),
            },
        ),
        text("DeletionPolicy"),
        tags(),
    ],
};

pub(super) const DASHBOARD: Facts = Facts {
    cloudformation_type: "AWS::CloudWatch::Dashboard",
    identity: &["DashboardName"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[],
    name: Some(Name { property: "DashboardName", is_id: true }),
    arn: Some(Arn {
        service: "cloudwatch",
        scope: ArnScope::Account,
        name: &[ArnPart::Literal("dashboard/"), ArnPart::Property("DashboardName")],
    }),
    attaches: false,
    off: &[],
    fields: &[
        text("DashboardName"),
        field("DashboardBody", Shape::Document(&Shape::Json)),
        text("DeletionPolicy"),
    ],
};
