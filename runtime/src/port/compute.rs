//! Instances.

use std::collections::BTreeSet;

use jit_runners_model::{
    Label,
    contract::{message::Repository, runner_release::RunnerRelease},
};

use crate::{
    record::{EndReason, Image, InstanceId, IntentId, Pool},
    time::Time,
};

/// One call of `RunInstances`. The same token always comes with the same values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The client token.
    pub token: String,
    /// The pool.
    pub pool: Pool,
    /// The image.
    pub image: String,
    /// The release of the runner, which user data is made of.
    pub release: RunnerRelease,
    /// How many at most; one at least.
    pub count: u32,
    /// The value of a tag: the launch intent.
    pub intent: IntentId,
    /// The value of a tag: the repository.
    pub repository: Repository,
    /// The value of a tag: the labels.
    pub labels: BTreeSet<Label>,
}

/// The state of an instance (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceState {
    /// Starting.
    Pending,
    /// Running.
    Running,
    /// Shutting down, or stopped: it still has its network interface.
    Ending,
    /// Terminated: only its id is left.
    Terminated,
}

impl InstanceState {
    /// Whether it starts or runs.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }
}

/// What EC2 says of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// Where it stands.
    pub state: InstanceState,
    /// When it was launched.
    pub launched_at: Time,
    /// The launch intent in its tag.
    pub intent: Option<IntentId>,
    /// Why it is ending or has ended.
    pub ended: Option<EndReason>,
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComputeError {
    /// EC2 refused.
    #[error("EC2 refused: {code}: {message}")]
    Refused {
        /// EC2's error code.
        code: String,
        /// Its words.
        message: String,
    },
    /// No answer: the call was carried out, or not.
    #[error("no answer from EC2: {0}")]
    Unknown(String),
}

/// Launches instances.
pub trait LaunchInstances {
    /// Launches instances: at least one, or none and an error.
    async fn run_instances(&self, launch: &Launch) -> Result<Vec<InstanceId>, ComputeError>;
}

/// Looks at images.
pub trait LookAtImages {
    /// Describes `image`. An image that does not exist, or is not ready, is refused with a code that
    /// [`crate::retry::is_image_missing`] knows.
    async fn image(&self, image: &str) -> Result<Image, ComputeError>;
}

/// Looks at instances.
pub trait ListInstances {
    /// Every instance of the deployment that EC2 knows. A new one may be missing; an ended one is shown for an hour.
    async fn instances(&self) -> Result<Vec<Instance>, ComputeError>;
}

/// Looks at single instances.
pub trait LookAtInstances {
    /// What EC2 shows of `instances`. Unknown ones are missing. There are at most as many as messages in a batch.
    async fn look_at(&self, instances: &[InstanceId]) -> Result<Vec<Instance>, ComputeError>;
}

/// Ends instances.
pub trait EndInstances {
    /// Ends instances, all or none.
    async fn terminate(&self, instances: &[InstanceId]) -> Result<(), ComputeError>;
}
