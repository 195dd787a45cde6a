//! `AWS::DynamoDB::Table`.

use super::Encryption;
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
