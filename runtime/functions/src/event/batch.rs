//! Messages of a queue, and partial answers to them
//! (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>).

use jit_runners_runtime::batch::Message;
use serde::{Deserialize, Serialize};

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn messages_are_read_with_their_ids() {
        let records = json!({ "Records": [
            { "messageId": "m-1", "body": "one", "attributes": { "ApproximateReceiveCount": "1" } },
            { "messageId": "m-2" },
        ]});
        let messages = serde_json::from_value::<Batch>(records).unwrap().into_messages();
        let told: Vec<_> = messages.iter().map(|it| (it.id.as_str(), it.body.as_str())).collect();
        assert_eq!(told, [("m-1", "one"), ("m-2", "")]);
        assert!(serde_json::from_value::<Batch>(json!({})).unwrap().into_messages().is_empty());
    }

    #[test]
    fn an_answer_names_what_comes_back() {
        let answer = BatchResponse::returning(vec!["m-2".to_owned()]);
        assert_eq!(
            serde_json::to_value(answer).unwrap(),
            json!({ "batchItemFailures": [{ "itemIdentifier": "m-2" }] })
        );
        let none = serde_json::to_value(BatchResponse::returning(Vec::new())).unwrap();
        assert_eq!(none, json!({ "batchItemFailures": [] }), "an empty list is complete success");
    }
}
