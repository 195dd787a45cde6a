//! What handlers need of the world, one narrow trait for each capability.
//!
//! Each has a real adapter and a simulated one. An answer that does not come is an answer of its own: the caller cannot
//! know whether the call was carried out.

mod clock;
mod compute;
mod github;
mod observe;
mod queue;
mod table;

pub use self::{
    clock::Clock,
    compute::{
        ComputeError, EndInstances, Instance, InstanceState, Launch, LaunchInstances, ListInstances,
        LookAtImages, LookAtInstances,
    },
    github::{
        Etagged, Github, GithubError, GithubJob, GithubJobStatus, JitConfiguration, Place, RateLimit,
        Refusal, Registered, Registration, Run, RunStatus,
    },
    observe::{Observation, Observe},
    queue::{PublishEvents, PublishJobs, SendError},
    table::{CommitError, Read, ReadError, Revision, Stored, Table, Write},
};
