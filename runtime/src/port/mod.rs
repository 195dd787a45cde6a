//! What handlers need of the world, one narrow trait for each capability.
//!
//! Each has a real adapter and a simulated one. An answer that does not come is an answer of its own: the caller cannot
//! know whether the call was carried out.

mod account;
mod clock;
mod compute;
mod github;
mod observe;
mod queue;
mod table;

pub use self::{
    account::{AccountError, AnswerStack, SpotRole, Stacks},
    clock::Clock,
    compute::{
        ComputeError, EndInstances, Instance, InstanceState, Launch, LaunchInstances, ListInstances,
        LookAtImages, LookAtInstances,
    },
    github::{
        Download, EndOfLife, Etagged, Github, GithubError, GithubJob, GithubJobStatus, JitConfiguration,
        Place, RateLimit, Refusal, Registered, Registration, Run, RunStatus,
    },
    observe::{Deferral, Observation, Observe, ReleaseQuestion},
    queue::{PublishEvents, PublishJobs, SendError},
    table::{CommitError, Read, ReadError, Revision, Stored, Table, Write},
};
