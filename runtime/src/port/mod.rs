//! What handlers need from outside: one narrow trait for each capability.
//!
//! Each has a real adapter and a simulated one. A missing answer is an outcome of its own: the caller cannot know
//! whether the call was carried out.
//!
//! ```
//! use jit_runners_runtime::{port::{Revision, Stored}, record::Fleet, time::Time};
//!
//! let mut fleet = Stored { revision: Some(Revision(3)), item: Fleet::default() };
//! fleet.item.stop(Time::from_millis(7));
//! // A write holds only if nobody has changed the item since it was read.
//! assert_eq!(fleet.write().expected, Some(Revision(3)));
//! assert_eq!(fleet.committed().revision, Some(Revision(4)));
//! ```

mod answer;
mod compute;
mod github;
mod observe;
mod table;

use jit_runners_model::contract::message::{JobEvent, JobMessage};

pub use self::{
    answer::{Answer, AnswerAddress, NotAws, Status},
    compute::{
        ComputeError, EndInstances, Instance, InstanceState, Launch, LaunchInstances, ListInstances,
        LookAtImages, LookAtInstances,
    },
    github::{
        Download, EndOfLife, Etagged, Github, GithubError, GithubJob, GithubJobStatus, JitConfiguration,
        Page, RateLimit, Refusal, Registered, Registration, RegistrationTarget, Run, RunStatus,
    },
    observe::{Deferral, Observation, Observe, ReleaseQuestion},
    table::{CommitError, Read, ReadError, Revision, Stored, Table, Write},
};
use crate::time::Time;

/// Tells the time, and waits.
pub trait Clock {
    /// The time.
    fn now(&self) -> Time;

    /// Waits until `time`; not at all when it is past.
    async fn sleep_until(&self, time: Time);
}

/// A queue did not take all messages, or did not say so. They may be in the queue all the same.
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

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The service refused.
    #[error("{code}: {message}")]
    Refused {
        /// The service's code.
        code: String,
        /// Its words.
        message: String,
    },
    /// No answer: the call was carried out, or not.
    #[error("no answer: {0}")]
    Unknown(String),
}

/// EC2 Spot's service-linked role, of which an account has one.
pub trait SpotRole {
    /// Makes the role, unless the account has it already.
    async fn make_sure_of_spot_role(&self) -> Result<(), AccountError>;
}

/// Looks at stacks.
pub trait Stacks {
    /// The status of the stack with this ARN, such as `DELETE_IN_PROGRESS`.
    async fn stack_status(&self, stack: &str) -> Result<String, AccountError>;
}

/// Answers CloudFormation.
pub trait AnswerStack {
    /// Puts `answer` where CloudFormation waits for it. Doing so twice is harmless.
    async fn answer(&self, address: &AnswerAddress, answer: &Answer) -> Result<(), AccountError>;
}
