//! The events that Lambda sends to the functions, and their answers. Events are read leniently: nothing that a sender
//! can influence may keep a function from answering.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jit_runners_runtime::{
    message::Message,
    webhook::{Request, Response},
};
use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};

/// An event of a schedule. Its content does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tick;

impl<'de> Deserialize<'de> for Tick {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// The header with GitHub's id of a delivery.
const DELIVERY: &str = "x-github-delivery";

/// A request. Headers are plain text here, so an invalid one does not make the function fail.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApiRequest {
    headers: BTreeMap<String, String>,
    body: Option<String>,
    is_base64_encoded: bool,
}

impl ApiRequest {
    /// The id that GitHub gave this delivery. A redelivery has the same. It is cut if it is longer than GitHub's ids.
    pub fn delivery(&self) -> Option<&str> {
        let id = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(DELIVERY))?.1;
        id.get(..id.len().min(64)).filter(|id| id.bytes().all(|byte| byte.is_ascii_graphic()))
    }

    /// The request as it was signed. A body that is marked as base64 and is not stays as it is; it has no valid
    /// signature.
    pub fn into_request(self) -> Request {
        let text = self.body.unwrap_or_default();
        let body = match self.is_base64_encoded.then(|| BASE64_STANDARD.decode(&text)) {
            Some(Ok(bytes)) => bytes,
            Some(Err(_)) | None => text.into_bytes(),
        };
        Request::new(self.headers, body)
    }
}

impl std::fmt::Debug for ApiRequest {
    /// Without the body, which may be anything.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiRequest").field("delivery", &self.delivery()).finish_non_exhaustive()
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiResponse {
    status_code: u16,
    headers: BTreeMap<&'static str, &'static str>,
    body: String,
}

impl From<Response> for ApiResponse {
    fn from(response: Response) -> Self {
        let headers = BTreeMap::from([
            ("content-type", "text/plain; charset=utf-8"),
            ("x-content-type-options", "nosniff"),
        ]);
        Self { status_code: response.status, headers, body: response.body }
    }
}

/// Some messages of one queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Batch {
    records: Vec<Record>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    #[serde(default)]
    body: String,
}

impl Batch {
    /// The messages.
    pub fn into_messages(self) -> Vec<Message> {
        self.records.into_iter().map(|record| Message { id: record.message_id, body: record.body }).collect()
    }
}

/// Which messages are to be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

impl BatchResponse {
    /// Those with `ids` are.
    pub fn returning(ids: Vec<String>) -> Self {
        let failures = ids.into_iter().map(|item_identifier| Failure { item_identifier });
        Self { batch_item_failures: failures.collect() }
    }
}
