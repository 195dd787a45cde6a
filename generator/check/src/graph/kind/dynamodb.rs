//! `AWS::DynamoDB::Table`.

use super::{
    Arn, ArnPart, ArnScope, Facts, Field, Name, Off, OffValue, Shape, field, flag, number, object, tags,
    text, texts,
};
use crate::graph::ResourceAttribute;

const KEY_SCHEMA: Shape = Shape::Keyed {
    key: "KeyType",
    value: Some("AttributeName"),
    item: &Shape::Object(&[text("AttributeName"), text("KeyType")]),
};
const PROJECTION: Field = object("Projection", &[text("ProjectionType"), texts("NonKeyAttributes")]);
const THROUGHPUT: Field =
    object("ProvisionedThroughput", &[number("ReadCapacityUnits"), number("WriteCapacityUnits")]);

pub(super) const TABLE: Facts = Facts {
    cloudformation_type: "AWS::DynamoDB::Table",
    identity: &["TableName"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[("Arn", ResourceAttribute::Arn), ("StreamArn", ResourceAttribute::StreamArn)],
    name: Some(Name { property: "TableName", is_id: true }),
    arn: Some(Arn {
        service: "dynamodb",
        scope: ArnScope::Region,
        name: &[ArnPart::Literal("table/"), ArnPart::Property("TableName")],
    }),
    attaches: false,
    off: &[
        // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TimeToLiveSpecification.html
        Off { path: "TimeToLiveSpecification", value: OffValue::Flag("Enabled") },
        // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html: a key that AWS owns
        Off { path: "SSESpecification", value: OffValue::Flag("SSEEnabled") },
        // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html: a day is the least
        Off { path: "PointInTimeRecoverySpecification", value: OffValue::Flag("PointInTimeRecoveryEnabled") },
        Off { path: "PointInTimeRecoverySpecification.RecoveryPeriodInDays", value: OffValue::Number("0") },
    ],
    fields: &[
        text("TableName"),
        text("BillingMode"),
        field(
            "AttributeDefinitions",
            Shape::Keyed {
                key: "AttributeName",
                value: Some("AttributeType"),
                item: &Shape::Object(&[text("AttributeName"), text("AttributeType")]),
            },
        ),
        field("KeySchema", KEY_SCHEMA),
        field(
            "GlobalSecondaryIndexes",
            Shape::Keyed {
                key: "IndexName",
                value: None,
                item: &Shape::Object(&[
                    text("IndexName"),
                    field("KeySchema", KEY_SCHEMA),
                    PROJECTION,
                    THROUGHPUT,
                ]),
            },
        ),
        field(
            "LocalSecondaryIndexes",
            Shape::Keyed {
                key: "IndexName",
                value: None,
                item: &Shape::Object(&[text("IndexName"), field("KeySchema", KEY_SCHEMA), PROJECTION]),
            },
        ),
        THROUGHPUT,
        object("TimeToLiveSpecification", &[text("AttributeName"), flag("Enabled")]),
        object(
            "PointInTimeRecoverySpecification",
            &[flag("PointInTimeRecoveryEnabled"), number("RecoveryPeriodInDays")],
        ),
        object("SSESpecification", &[flag("SSEEnabled"), text("SSEType"), text("KMSMasterKeyId")]),
        object("StreamSpecification", &[text("StreamViewType")]),
        flag("DeletionProtectionEnabled"),
        text("TableClass"),
        text("DeletionPolicy"),
        tags(),
    ],
};
