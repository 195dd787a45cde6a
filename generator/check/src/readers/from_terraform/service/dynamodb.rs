//! `aws_dynamodb_table`.

use super::super::{
    argument::{
        Argument, Becomes, ResourceSchema, arn, block, blocks, id, outside, property, provided, read, region,
        tags, tags_all, timeouts,
    },
    body::{Body, object, when},
};
use crate::graph::{Condition, Held, Kind, Properties, ResourceAttribute, Value};

pub(super) const TYPES: &[ResourceSchema] = &[ResourceSchema {
    name: "aws_dynamodb_table",
    becomes: Becomes::Node(Kind::Table),
    arguments: TABLE,
    finish,
}];

const KEY_SCHEMA: &str = "KeySchema";
const LOCAL_INDEXES: &str = "LocalSecondaryIndexes";
const STREAM: &str = "StreamSpecification";

const HASH_KEY: Argument = read("hash_key", |body, held| key(body, "HASH", held));
const RANGE_KEY: Argument = read("range_key", |body, held| key(body, "RANGE", held));

const TABLE: &[Argument] = &[
    property("name", "TableName"),
    property("billing_mode", "BillingMode"),
    blocks(
        "attribute",
        "AttributeDefinitions",
        &[property("name", "AttributeName"), property("type", "AttributeType")],
    ),
    HASH_KEY,
    RANGE_KEY,
    property("read_capacity", "ProvisionedThroughput.ReadCapacityUnits"),
    property("write_capacity", "ProvisionedThroughput.WriteCapacityUnits"),
    blocks(
        "global_secondary_index",
        "GlobalSecondaryIndexes",
        &[
            property("name", "IndexName"),
            HASH_KEY,
            RANGE_KEY,
            property("projection_type", "Projection.ProjectionType"),
            property("non_key_attributes", "Projection.NonKeyAttributes"),
            property("read_capacity", "ProvisionedThroughput.ReadCapacityUnits"),
            property("write_capacity", "ProvisionedThroughput.WriteCapacityUnits"),
            outside("key_schema"),
            outside("on_demand_throughput"),
            outside("warm_throughput"),
        ],
    ),
    blocks(
        "local_secondary_index",
        LOCAL_INDEXES,
        &[
            property("name", "IndexName"),
            RANGE_KEY,
            property("projection_type", "Projection.ProjectionType"),
            property("non_key_attributes", "Projection.NonKeyAttributes"),
        ],
    ),
    block(
        "ttl",
        "TimeToLiveSpecification",
        &[property("attribute_name", "AttributeName"), property("enabled", "Enabled")],
    ),
    block(
        "point_in_time_recovery",
        "PointInTimeRecoverySpecification",
        &[
            property("enabled", "PointInTimeRecoveryEnabled"),
            property("recovery_period_in_days", "RecoveryPeriodInDays"),
        ],
    ),
    block(
        "server_side_encryption",
        "SSESpecification",
        &[property("enabled", "SSEEnabled"), property("kms_key_arn", "KMSMasterKeyId")],
    ),
    property("stream_view_type", "StreamSpecification.StreamViewType"),
    read("stream_enabled", |table, held| {
        // `finish` reads it; here it only has to be a condition.
        table.condition("stream_enabled", &held);
    }),
    property("deletion_protection_enabled", "DeletionProtectionEnabled"),
    property("table_class", "TableClass"),
    tags(),
    tags_all(),
    region(),
    timeouts(),
    arn(),
    id(ResourceAttribute::Name),
    provided("stream_arn").or(ResourceAttribute::StreamArn),
    provided("stream_label"),
    outside("global_table_witness"),
    outside("import_table"),
    outside("on_demand_throughput"),
    outside("replica"),
    outside("restore_date_time"),
    outside("restore_source_name"),
    outside("restore_source_table_arn"),
    outside("restore_to_latest_time"),
    outside("warm_throughput"),
];

/// The name of a key's attribute. The provider has an empty one for none.
fn key(body: &mut Body<'_>, kind: &'static str, held: Held) {
    if held.as_literal() == Some("") {
        return;
    }
    body.push(KEY_SCHEMA, key_of(kind, held));
}

fn key_of(kind: &'static str, held: Held) -> Held {
    let place = held.place.clone();
    object([("AttributeName", held), ("KeyType", Held::new(kind, place.clone()))], place)
}

fn finish(table: &mut Body<'_>, arguments: &Properties) {
    // Local indexes have the hash key of their table, which Terraform does not repeat.
    if let (Some(indexes), Some(hash_key)) =
        (table.properties.remove(LOCAL_INDEXES), arguments.get("hash_key"))
    {
        table.put(LOCAL_INDEXES, with_hash_key(indexes, hash_key));
    }
    let condition = arguments.get("stream_enabled").map_or(Some(Condition::Never), |held| when(&held.value));
    if let (Some(stream), Some(condition)) = (table.properties.remove(STREAM), condition) {
        let stream = stream.under(condition);
        if stream.value != Value::Absent {
            table.put(STREAM, stream);
        }
    }
}

fn with_hash_key(held: Held, hash_key: &Held) -> Held {
    let Held { value, place, rule } = held;
    let value = match value {
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| with_hash_key(item, hash_key)).collect())
        }
        Value::Map(mut index) => {
            if let Some(Held { value: Value::List(keys), .. }) = index.get_mut(KEY_SCHEMA) {
                keys.push(key_of("HASH", hash_key.clone()));
            }
            Value::Map(index)
        }
        Value::Choice(choice) => choice.map(|side| with_hash_key(side, hash_key)),
        other => other,
    };
    Held { value, place, rule }
}
