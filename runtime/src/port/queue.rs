//! Messages.

use jit_runners_model::contract::message::{JobEvent, JobMessage};

/// A queue did not take all messages, or did not say so: they may be there none the less.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the queue did not take {unsent} of the messages: {reason}")]
pub struct SendError {
    /// How many.
    pub unsent: usize,
    /// What the service said.
    pub reason: String,
}

/// Hands jobs to scale-up.
pub trait PublishJobs {
    /// Sends each message.
    async fn publish_jobs(&self, messages: Vec<JobMessage>) -> Result<(), SendError>;
}

/// Hands events of jobs to lifecycle.
pub trait PublishEvents {
    /// Sends the message.
    async fn publish_event(&self, message: JobEvent) -> Result<(), SendError>;
}
