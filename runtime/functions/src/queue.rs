//! The two queues, in SQS.

use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use jit_runners_model::contract::{
    environment::QueueUrl,
    message::{JobEvent, JobMessage},
};
use jit_runners_runtime::port::{PublishEvents, PublishJobs, SendError};
use serde::Serialize;

use crate::cloud::failure;

/// The most messages of one call
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>).
const BATCH: usize = 10;

/// A queue that jobs or events are sent to.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    /// The queue at `url`.
    pub fn new(client: Client, url: &QueueUrl) -> Self {
        Self { client, url: url.as_str().to_owned() }
    }

    /// Opens the connection with a call that has no effect: a batch without messages is refused.
    pub async fn connect(&self) {
        drop(
            self.client.send_message_batch().queue_url(&self.url).set_entries(Some(Vec::new())).send().await,
        );
    }

    async fn send<M: Serialize>(&self, messages: &[M]) -> Result<(), SendError> {
        if let [message] = messages {
            return self.send_one(message).await.map_err(|reason| SendError { unsent: 1, reason });
        }
        let mut unsent = 0;
        let mut reason = None;
        for batch in messages.chunks(BATCH) {
            match self.send_batch(batch).await {
                Ok((0, _)) => {}
                Ok((refused, why)) | Err((refused, why)) => {
                    unsent += refused;
                    reason = reason.or(Some(why));
                }
            }
        }
        match reason {
            None => Ok(()),
            Some(reason) => Err(SendError { unsent, reason }),
        }
    }

    /// Nearly always there is one message. Then the answer itself says whether it was taken.
    async fn send_one<M: Serialize>(&self, message: &M) -> Result<(), String> {
        let body = serde_json::to_string(message).map_err(|error| error.to_string())?;
        let sent = self.client.send_message().queue_url(&self.url).message_body(body).send().await;
        sent.map(drop).map_err(|error| failure(&error).to_string())
    }

    /// Sends at most ten messages; returns how many the queue refused, and why.
    async fn send_batch<M: Serialize>(&self, batch: &[M]) -> Result<(usize, String), (usize, String)> {
        let entries = batch.iter().enumerate().map(|(index, message)| {
            let body = body(message).map_err(|error| error.to_string())?;
            let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(body);
            entry.build().map_err(|error| error.to_string())
        });
        let entries = entries.collect::<Result<Vec<_>, _>>().map_err(|error| (batch.len(), error))?;
        let sent =
            self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await;
        let answer = sent.map_err(|error| (batch.len(), failure(&error).to_string()))?;
        let why = answer
            .failed()
            .first()
            .map(|refused| format!("{}: {}", refused.code(), refused.message().unwrap_or_default()));
        Ok((answer.failed().len(), why.unwrap_or_default()))
    }
}

/// A message's text. It may hold text from people, such as labels, and SQS replaces two characters
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>). All other
/// characters that it does not accept are control characters, which JSON escapes anyway.
fn body(message: &impl Serialize) -> serde_json::Result<String> {
    Ok(serde_json::to_string(message)?.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff"))
}

impl PublishJobs for SqsQueue {
    async fn publish_jobs(&self, messages: Vec<JobMessage>) -> Result<(), SendError> {
        self.send(&messages).await
    }
}

impl PublishEvents for SqsQueue {
    async fn publish_event(&self, message: JobEvent) -> Result<(), SendError> {
        self.send(&[message]).await
    }
}

#[cfg(test)]
mod tests {
    use jit_runners_model::{
        Label,
        contract::message::{JobRef, Repository, VERSION},
    };
    use jit_runners_runtime::message::decode_job;

    use super::*;

    #[test]
    fn a_label_of_any_characters_survives_the_queue() {
        let odd = "a\u{fffd}\u{fffe}\u{ffff}\u{1fffe}\u{e000}\"\\\u{2028}\u{10ffff}";
        let message = JobMessage {
            version: VERSION,
            job: JobRef { repository: Repository::new("o/r").unwrap(), job_id: 1, run_attempt: 1 },
            labels: ["\u{ffff}", "\u{fffe}\u{1f980}", "a\"b\\c"].map(|text| Label::new(text).unwrap()).into(),
            queued_at: 1,
            received_at: 9,
            re_enqueued: 0,
        };
        let body = body(&message).unwrap();
        let taken = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        assert!(body.chars().all(taken), "{body}");
        assert_eq!(decode_job(&body), Ok(message));
        let text = super::body(&odd.repeat(3)).unwrap();
        assert!(text.chars().all(taken));
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), odd.repeat(3));
    }
}
