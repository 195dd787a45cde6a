//! `AWS::DynamoDB::Table`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html>).

use jit_runners_model::resource::{AttributeDefinition, Encryption, GlobalSecondaryIndex, Table};

use super::converter::{Converter, entries};
use crate::graph::{Held, Properties};

impl Converter {
    pub(super) fn table(&self, table: &Table) -> Properties {
        let Table {
            table_name,
            attribute_definitions,
            hash_key,
            global_secondary_indexes,
            time_to_live_attribute,
            point_in_time_recovery,
            encryption,
        } = table;
        let definition = |AttributeDefinition { name, kind }: &AttributeDefinition| {
            self.map([("AttributeName", self.held(*name)), ("AttributeType", self.held(kind.as_str()))])
        };
        let index = |GlobalSecondaryIndex { index_name, hash_key, range_key }: &GlobalSecondaryIndex| {
            self.map([
                ("IndexName", self.held(*index_name)),
                ("KeySchema", self.list([self.key("HASH", hash_key), self.key("RANGE", range_key)])),
                ("Projection", self.map([("ProjectionType", self.held("ALL"))])),
            ])
        };
        let server_side = match encryption {
            Encryption::ServiceOwned => self.absent(),
            Encryption::CustomerManaged(key) => self.map([
                ("SSEEnabled", self.held(true)),
                ("SSEType", self.held("KMS")),
                ("KMSMasterKeyId", self.text(key)),
            ]),
        };
        entries([
            ("TableName", self.text(table_name)),
            ("BillingMode", self.held("PAY_PER_REQUEST")),
            ("AttributeDefinitions", self.list(attribute_definitions.iter().map(definition))),
            ("KeySchema", self.list([self.key("HASH", hash_key)])),
            ("GlobalSecondaryIndexes", self.list(global_secondary_indexes.iter().map(index))),
            (
                "TimeToLiveSpecification",
                self.map([
                    ("AttributeName", self.held(*time_to_live_attribute)),
                    ("Enabled", self.held(true)),
                ]),
            ),
            (
                "PointInTimeRecoverySpecification",
                self.map([("PointInTimeRecoveryEnabled", self.held(*point_in_time_recovery))]),
            ),
            ("SSESpecification", server_side),
        ])
    }

    fn key(&self, kind: &str, attribute: &str) -> Held {
        self.map([("AttributeName", self.held(attribute)), ("KeyType", self.held(kind))])
    }
}
