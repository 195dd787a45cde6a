//! JSON documents with expressions in their texts: dashboards, access-log formats.

use crate::value::Text;

/// A JSON value whose texts may contain expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// A text.
    Text(Text),
    /// A whole number.
    Number(u32),
    /// True or false.
    Flag(bool),
    /// A list.
    List(Vec<Json>),
    /// An object; names stand in the order given.
    Object(Vec<(&'static str, Json)>),
}

impl<T: Into<Text>> From<T> for Json {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}
