//! `DynamoDB`.

use super::{
    super::Rule,
    Default,
    Literal::{Flag, Number, Text},
    fill_in, service,
};
use crate::graph::{Graph, Kind};

pub(in super::super) const RULE: Rule = Rule {
    name: "defaults of DynamoDB",
    says: "A table has what DynamoDB gives it when nobody says.",
    source: SERVICE,
    apply,
};

const SERVICE: &str =
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html";
const CREATE: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html";
const RECOVERY: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html";
const ENCRYPTION: &str =
    "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html";
const AWS_KEY: &str = "alias/aws/dynamodb";

pub(super) const DEFAULTS: &[Default] = &[
    service(Kind::Table, "BillingMode", Text("PROVISIONED"), SERVICE),
    service(Kind::Table, "TableClass", Text("STANDARD"), CREATE),
    service(Kind::Table, "DeletionProtectionEnabled", Flag(false), SERVICE),
    service(Kind::Table, "PointInTimeRecoverySpecification?.RecoveryPeriodInDays", Number(35), RECOVERY),
    // The only type of encryption with a key of the account.
    service(Kind::Table, "SSESpecification?.SSEType", Text("KMS"), ENCRYPTION),
    service(Kind::Table, "SSESpecification?.KMSMasterKeyId", Text(AWS_KEY), ENCRYPTION),
];

fn apply(graph: &mut Graph) {
    fill_in(graph, DEFAULTS, RULE.name);
}
