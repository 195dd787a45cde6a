//! `observability.json`: CloudWatch's log groups, the API's access log, metric filters, alarms, dashboards.

use jit_runners_model::{
    Choices, Expr, Text,
    contract::arn,
    policy::Statement,
    resource::{Alarm, Dashboard, LogGroup, MetricFilter},
    text,
};

use super::{Grant, Grants, allow, anything};
use crate::deployer::PolicyArea;

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html>
pub(super) fn access_log() -> Grant {
    watching(
        "LogDelivery",
        "let the API write its access log; these actions have no resource-level permissions",
        &[
            "logs:CreateLogDelivery",
            "logs:GetLogDelivery",
            "logs:UpdateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:DescribeResourcePolicies",
        ],
        anything(),
    )
}

impl Grants for LogGroup {
    fn grants(&self, choices: &Choices) -> Vec<Grant> {
        let mut actions = vec![
            "logs:CreateLogGroup",
            "logs:PutRetentionPolicy",
            "logs:DeleteRetentionPolicy",
            "logs:DeleteLogGroup",
            "logs:GetDataProtectionPolicy",
            "logs:DeleteDataProtectionPolicy",
            "logs:ListTagsForResource",
            "logs:TagResource",
            "logs:UntagResource",
            // The key that another configuration had.
            "logs:DisassociateKmsKey",
        ];
        if choices.kms_key.is_some() {
            actions.push("logs:AssociateKmsKey");
        }
        vec![
            of_log_group(
                "LogGroups",
                "the log groups, and how long they keep events",
                &actions,
                &self.log_group_name,
            ),
            watching(
                "LookAtLogGroups",
                "find out whether a log group exists; these actions have no resource-level permissions",
                &["logs:DescribeLogGroups", "logs:DescribeIndexPolicies"],
                anything(),
            ),
        ]
    }
}

/// A log group's ARN has two forms: tags are asked for under the one without `:*`, everything else under the other
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html>).
fn of_log_group(sid: &'static str, reason: &'static str, actions: &[&'static str], name: &Text) -> Grant {
    let group = arn("logs", &text!["log-group:"].join(name));
    let statement = allow(sid, reason, actions, group.clone());
    (PolicyArea::Observability, Statement { resources: vec![group.clone(), group.then(":*")], ..statement })
}

impl Grants for MetricFilter {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![of_log_group(
            "MetricFilters",
            "metrics that are counted in logs",
            &["logs:PutMetricFilter", "logs:DescribeMetricFilters", "logs:DeleteMetricFilter"],
            &self.log_group.name().into(),
        )]
    }
}

impl Grants for Alarm {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![
            watching(
                "Alarms",
                "the alarms",
                &[
                    "cloudwatch:PutMetricAlarm",
                    "cloudwatch:DeleteAlarms",
                    "cloudwatch:ListTagsForResource",
                    "cloudwatch:TagResource",
                    "cloudwatch:UntagResource",
                ],
                arn("cloudwatch", &text!["alarm:"].join(&self.alarm_name)),
            ),
            watching(
                "LookAtAlarms",
                "find out whether an alarm exists; the action lists all of them",
                &["cloudwatch:DescribeAlarms"],
                arn("cloudwatch", &text!["alarm:*"]),
            ),
        ]
    }
}

impl Grants for Dashboard {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![watching(
            "Dashboard",
            "the dashboard, which belongs to no region",
            &[
                "cloudwatch:PutDashboard",
                "cloudwatch:GetDashboard",
                "cloudwatch:DeleteDashboards",
                "cloudwatch:ListTagsForResource",
                "cloudwatch:TagResource",
                "cloudwatch:UntagResource",
            ],
            text!["arn:", Expr::Partition, ":cloudwatch::", Expr::AccountId, ":dashboard/"]
                .join(&self.dashboard_name),
        )]
    }
}

fn watching(sid: &'static str, reason: &'static str, actions: &[&'static str], resource: Text) -> Grant {
    (PolicyArea::Observability, allow(sid, reason, actions, resource))
}
