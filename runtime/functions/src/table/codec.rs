//! Items as attributes of DynamoDB: their own fields by name, and what the two indexes and the expiry need.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jit_runners_model::contract::table::{KEY, LABEL_SET, OPEN_KIND, REVISION, SINCE, STATE, TTL};
use jit_runners_runtime::{
    port::{ReadError, Revision, Stored},
    record::Item,
    time::Time,
};

/// An item's attributes.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// What is stored when `item` is written at `now` where `read` was read.
pub(super) fn encoded(
    item: &Item,
    read: Option<Revision>,
    now: Time,
) -> Result<Attributes, serde_dynamo::Error> {
    let mut attributes: Attributes = serde_dynamo::to_item(item)?;
    let mut set = |name: &str, value| drop(attributes.insert(name.to_owned(), value));
    set(KEY, text(item.key().as_str()));
    set(REVISION, number(Revision::after(read).0));
    if let Item::Runner(runner) = item {
        // For people: the state follows from the facts.
        set(STATE, text(runner.state().as_str()));
    }
    if let Some(open) = item.open() {
        set(OPEN_KIND, text(open.kind.as_str()));
        set(SINCE, number(open.since.as_millis()));
        if let Some(label_set) = open.label_set {
            set(LABEL_SET, text(&label_set));
        }
    }
    if let Some(at) = item.expires(now) {
        // In whole seconds (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html>).
        set(TTL, number(at.as_millis() / 1_000));
    }
    Ok(attributes)
}

/// What stands in the table.
pub(super) fn decoded(attributes: Attributes) -> Result<Stored<Item>, ReadError> {
    let key = attributes.get(KEY).and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
    let revision = attributes.get(REVISION).and_then(|number| number.as_n().ok()?.parse().ok()).map(Revision);
    let item = serde_dynamo::from_item(attributes).map_err(|error| not_readable(&key, &said(&error)))?;
    if revision.is_none() {
        return Err(not_readable(&key, "it has no revision"));
    }
    Ok(Stored { revision, item })
}

/// What serde says, where that names nothing but a field of ours: all else that it says quotes a value.
fn said(error: &serde_dynamo::Error) -> String {
    let words = error.to_string();
    if words.starts_with("missing field `") { words } else { "an attribute does not fit".to_owned() }
}

/// Names the item; values stay out, because one of them is a secret.
fn not_readable(key: &str, why: &str) -> ReadError {
    ReadError::Unavailable(format!("the item `{key}` cannot be read: {why}"))
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

#[cfg(test)]
mod tests;
