//! The one table, in DynamoDB.
//!
//! One write is a `PutItem`, several are one `TransactWriteItems`; each on the condition that its item has not
//! changed since it was read. The SDK does not retry: the caller decides what a lost answer means
//! ([`jit_runners_runtime::store`]).

mod codec;
mod refusal;

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Put, TransactWriteItem},
};
use jit_runners_model::contract::table::{
    BY_AGE, BY_LABEL_SET, KEY, Key, LABEL_SET, OPEN_KIND, OpenKind, REVISION,
};
use jit_runners_runtime::{
    port::{CommitError, Read, Stored, Table, Write},
    record::Item,
    time::Time,
};

use self::{
    codec::{decoded, encoded},
    refusal::{commit_error, read_error},
};
use crate::clock::now;

/// The table of a deployment.
#[derive(Debug, Clone)]
pub struct DynamoTable {
    client: Client,
    name: String,
}

/// An index of the table, and its key attribute.
#[derive(Debug, Clone, Copy)]
struct Index {
    name: &'static str,
    key: &'static str,
}

impl DynamoTable {
    /// The table `name`.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    async fn put(&self, put: Put) -> Result<(), CommitError> {
        let sent = self
            .client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_values(put.expression_attribute_values)
            .set_expression_attribute_names(put.expression_attribute_names)
            .send()
            .await;
        sent.map(drop).map_err(|error| commit_error(&error))
    }

    /// All items that an index has under `value`.
    async fn query(&self, index: Index, value: &str) -> Read<Vec<Stored<Item>>> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index.name)
            .key_condition_expression("#key = :value")
            .expression_attribute_names("#key", index.key)
            .expression_attribute_values(":value", AttributeValue::S(value.to_owned()))
            .into_paginator()
            .send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| read_error(&error))?;
            for attributes in page.items.unwrap_or_default() {
                found.push(decoded(attributes)?);
            }
        }
        Ok(found)
    }

    /// One write, under its condition.
    fn put_of(&self, write: &Write, now: Time) -> Result<Put, CommitError> {
        let never = |error: &dyn std::fmt::Display| CommitError::Throttled(error.to_string());
        let (condition, names, values) = condition(write);
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(encoded(&write.item, write.expected, now).map_err(|error| never(&error))?))
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(values)
            .build();
        put.map_err(|error| never(&error))
    }
}

/// The condition of a write, with the names and values in it.
type ConditionExpression = (&'static str, HashMap<String, String>, Option<HashMap<String, AttributeValue>>);

/// The condition that the item has not changed since it was read.
fn condition(write: &Write) -> ConditionExpression {
    match write.expected {
        None => ("attribute_not_exists(#key)", HashMap::from([("#key".to_owned(), KEY.to_owned())]), None),
        Some(revision) => (
            "#revision = :revision",
            HashMap::from([("#revision".to_owned(), REVISION.to_owned())]),
            Some(HashMap::from([(":revision".to_owned(), AttributeValue::N(revision.0.to_string()))])),
        ),
    }
}

impl Table for DynamoTable {
    async fn get(&self, key: &Key) -> Read<Option<Stored<Item>>> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(KEY, AttributeValue::S(key.as_str().to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| read_error(&error))?;
        answer.item.map(decoded).transpose()
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        let now = now();
        let mut puts = writes.iter().map(|write| self.put_of(write, now)).collect::<Result<Vec<_>, _>>()?;
        if writes.len() == 1
            && let Some(put) = puts.pop()
        {
            return self.put(put).await;
        }
        let parts = puts.into_iter().map(|put| TransactWriteItem::builder().put(put).build()).collect();
        let sent = self.client.transact_write_items().set_transact_items(Some(parts)).send().await;
        sent.map(drop).map_err(|error| commit_error(&error))
    }

    async fn open_of_label_set(&self, label_set: &str) -> Read<Vec<Stored<Item>>> {
        self.query(Index { name: BY_LABEL_SET, key: LABEL_SET }, label_set).await
    }

    async fn open_of_kind(&self, kind: OpenKind) -> Read<Vec<Stored<Item>>> {
        self.query(Index { name: BY_AGE, key: OPEN_KIND }, kind.as_str()).await
    }
}
