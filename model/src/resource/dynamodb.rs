//! `AWS::DynamoDB::Table`.

use super::{Describe, Encryption, FieldValue, Fields, attributes};
use crate::value::Text;

/// A table that is billed by request
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name, at most 255 characters.
    pub table_name: Text,
    /// The attributes that are keys of the table or of an index, sorted by name.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The partition key. Each item is addressed by it alone.
    pub hash_key: &'static str,
    /// Other ways in.
    pub global_secondary_indexes: Vec<GlobalSecondaryIndex>,
    /// The attribute that says when an item expires, in seconds since 1970.
    pub time_to_live_attribute: &'static str,
    /// Whether the table can be restored to any second of the last 35 days.
    pub point_in_time_recovery: bool,
    /// How items are encrypted at rest.
    pub encryption: Encryption,
}

impl Describe for Table {
    const IS_TAGGED: bool = true;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.table_name, 255))
    }

    fn purpose(&self) -> &'static str {
        "Where jobs and runners stand"
    }

    fn fields(&self) -> Fields<'_> {
        let Self {
            table_name,
            attribute_definitions,
            hash_key,
            global_secondary_indexes,
            time_to_live_attribute,
            point_in_time_recovery,
            encryption,
        } = self;
        let definition = |AttributeDefinition { name, kind }: &AttributeDefinition| {
            FieldValue::Object(vec![("name", (*name).into()), ("kind", kind.as_str().into())])
        };
        let index = |index: &GlobalSecondaryIndex| {
            let GlobalSecondaryIndex { index_name, hash_key, range_key } = index;
            FieldValue::Object(vec![
                ("index_name", (*index_name).into()),
                ("hash_key", (*hash_key).into()),
                ("range_key", (*range_key).into()),
            ])
        };
        vec![
            ("table_name", table_name.into()),
            ("attribute_definitions", FieldValue::list(attribute_definitions.iter().map(definition))),
            ("hash_key", (*hash_key).into()),
            ("global_secondary_indexes", FieldValue::list(global_secondary_indexes.iter().map(index))),
            ("time_to_live_attribute", (*time_to_live_attribute).into()),
            ("point_in_time_recovery", (*point_in_time_recovery).into()),
            ("encryption", encryption.into()),
        ]
    }
}

attributes! {
    Table {
        /// The table's ARN.
        arn: Arn,
        /// The table's name.
        name: Name,
    }
}

/// The type of a key attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeDefinition {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: AttributeType,
}

/// What a key attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// Text.
    Text,
    /// A number.
    Number,
}

impl AttributeType {
    /// The API's letter for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "S",
            Self::Number => "N",
        }
    }
}

/// An index over the items that have its key attributes. All attributes are projected into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalSecondaryIndex {
    /// Its name.
    pub index_name: &'static str,
    /// Its partition key.
    pub hash_key: &'static str,
    /// Its sort key.
    pub range_key: &'static str,
}
