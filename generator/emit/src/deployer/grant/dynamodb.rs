//! DynamoDB: the table.

use jit_runners_model::{Choices, contract::arn, resource::Table, text};

use super::{Grant, Grants, services};

impl Grants for Table {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![services(
            "Table",
            "the table, its backups and its expiry",
            ACTIONS,
            arn("dynamodb", &text!["table/"].join(&self.table_name)),
        )]
    }
}

const ACTIONS: &[&str] = &[
    "dynamodb:CreateTable",
    "dynamodb:DescribeTable",
    "dynamodb:UpdateTable",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:UpdateTimeToLive",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:DescribeContributorInsights",
    "dynamodb:DescribeKinesisStreamingDestination",
    "dynamodb:GetResourcePolicy",
    "dynamodb:ListTagsOfResource",
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
];
