//! The queues.

use jit_runners_model::contract::message::{JobEvent, JobMessage};
use jit_runners_runtime::port::{PublishEvents, PublishJobs, SendError};
use serde::Serialize;

use super::{NO_ANSWER, SimPorts, requests};
use crate::{call::call, mutation::Mutation, world::QueueName};

/// The most messages of one call
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>).
const MOST_MESSAGES: usize = 10;

impl PublishJobs for SimPorts {
    async fn publish_jobs(&self, messages: Vec<JobMessage>) -> Result<(), SendError> {
        if self.mutation() == Some(Mutation::LostPublish) {
            return Ok(());
        }
        let mut failure: Option<SendError> = None;
        for batch in messages.chunks(MOST_MESSAGES) {
            let sent = call(&self.world, self.caller, SendJobs { messages: batch.to_vec() }).await;
            if let Err(Unsent { unsent, reason }) = sent {
                let unsent = unsent.unwrap_or(batch.len());
                failure.get_or_insert(SendError { unsent: 0, reason }).unsent += unsent;
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

impl PublishEvents for SimPorts {
    async fn publish_event(&self, message: JobEvent) -> Result<(), SendError> {
        let sent = call(&self.world, self.caller, SendEvent { message }).await;
        sent.map_err(|Unsent { unsent, reason }| SendError { unsent: unsent.unwrap_or(1), reason })
    }
}

/// Messages were not sent, as far as the caller knows.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
struct Unsent {
    /// How many; `None` for all, if there was no answer.
    unsent: Option<usize>,
    reason: String,
}

impl Unsent {
    fn silence() -> Self {
        Self { unsent: None, reason: NO_ANSWER.to_owned() }
    }
}

requests! {
    SendJobs { messages: Vec<JobMessage> } -> Result<(), Unsent>,
    apply |this, world| {
        // A call may take a part of its messages
        // (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>).
        let partial = world.faults.queue.partial;
        let is_partial = partial > 0.0 && world.random.chance(partial);
        let mut unsent = 0;
        for message in &this.messages {
            if is_partial && world.random.chance(0.5) {
                unsent += 1;
            } else {
                world.enqueue(QueueName::ScaleUp, body(message));
            }
        }
        if unsent == 0 { Ok(()) } else { Err(Unsent { unsent: Some(unsent), reason: "InternalError".to_owned() }) }
    },
    unanswered Unsent::silence(),
    words |this| {
        let jobs: Vec<_> = this.messages.iter().map(|message| message.job.job_id.to_string()).collect();
        format!("publishes jobs {}", jobs.join(", "))
    },
    done |_done| "sent".to_owned();

    SendEvent { message: JobEvent } -> Result<(), Unsent>,
    apply |this, world| {
        let partial = world.faults.queue.partial;
        if partial > 0.0 && world.random.chance(partial) {
            return Err(Unsent { unsent: Some(1), reason: "ServiceUnavailable".to_owned() });
        }
        world.enqueue(QueueName::Lifecycle, body(&this.message));
        Ok(())
    },
    unanswered Unsent::silence(),
    words |this| format!("publishes an event of job {}: {:?}", this.message.job.job_id, this.message.change),
    done |_done| "sent".to_owned();
}

fn body(message: &impl Serialize) -> String {
    // Messages are plain data, which is always JSON.
    serde_json::to_string(message).unwrap_or_default()
}
