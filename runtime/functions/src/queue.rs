//! The two queues, in SQS.

use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use jit_runners_model::contract::{
    environment::QueueUrl,
    message::{JobEvent, JobMessage},
};
use jit_runners_runtime::port::{PublishEvents, PublishJobs, SendError};
use serde::Serialize;

use crate::failure::failure;

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

    /// Opens the connection, by a call that has no effect: a batch without messages is refused.
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

    /// Nearly always there is one: then the answer says by itself whether it was taken.
    async fn send_one<M: Serialize>(&self, message: &M) -> Result<(), String> {
        let body = serde_json::to_string(message).map_err(|error| error.to_string())?;
        let sent = self.client.send_message().queue_url(&self.url).message_body(body).send().await;
        sent.map(drop).map_err(|error| failure(&error).to_string())
    }

    /// Sends at most ten messages; says how many the queue refused, and why.
    async fn send_batch<M: Serialize>(&self, batch: &[M]) -> Result<(usize, String), (usize, String)> {
        let entries = batch.iter().enumerate().map(|(index, message)| {
            let body = serde_json::to_string(message).map_err(|error| error.to_string())?;
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
