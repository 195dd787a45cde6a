//! `AWS::DynamoDB`: tables.

use jit_runners_model::resource::{Attribute, AttributeDefinition, GlobalSecondaryIndex, Table};

use super::{Attributes, Emit, kms_key};
use crate::cloudformation::tree::{Map, Removal, Value};

impl Emit for Table {
    const TYPE: &'static str = "AWS::DynamoDB::Table";
    const ATTRIBUTES: Attributes = &[(Attribute::Arn, "Arn")];
    /// Where one would ask, it says that it is deleted with the stack.
    const REMOVAL: Option<Removal> = Some(Removal::Delete);

    fn properties(&self) -> Map {
        let Self {
            table_name,
            attribute_definitions,
            hash_key,
            global_secondary_indexes,
            time_to_live_attribute,
            point_in_time_recovery,
            encryption,
        } = self;
        Map::new()
            .with("TableName", table_name)
            .with("BillingMode", "PAY_PER_REQUEST")
            .with("AttributeDefinitions", Value::list(attribute_definitions.iter().map(attribute)))
            .with("KeySchema", Value::list([key(hash_key, "HASH")]))
            .with("GlobalSecondaryIndexes", Value::list(global_secondary_indexes.iter().map(index)))
            .with(
                "TimeToLiveSpecification",
                Map::new().with("AttributeName", *time_to_live_attribute).with("Enabled", true),
            )
            .with(
                "PointInTimeRecoverySpecification",
                Map::new().with("PointInTimeRecoveryEnabled", *point_in_time_recovery),
            )
            .with_some(
                "SSESpecification",
                kms_key(encryption).map(|key| {
                    Map::new().with("SSEEnabled", true).with("SSEType", "KMS").with("KMSMasterKeyId", key)
                }),
            )
    }
}

fn attribute(definition: &AttributeDefinition) -> Map {
    let AttributeDefinition { name, kind } = definition;
    Map::new().with("AttributeName", *name).with("AttributeType", kind.as_str())
}

fn index(index: &GlobalSecondaryIndex) -> Map {
    let GlobalSecondaryIndex { index_name, hash_key, range_key } = index;
    Map::new()
        .with("IndexName", *index_name)
        .with("KeySchema", Value::list([key(hash_key, "HASH"), key(range_key, "RANGE")]))
        .with("Projection", Map::new().with("ProjectionType", "ALL"))
}

fn key(attribute: &str, kind: &str) -> Map {
    Map::new().with("AttributeName", attribute).with("KeyType", kind)
}
