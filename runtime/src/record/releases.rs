//! What GitHub said of the runner's releases: one item, which all invocations share.

use jit_runners_model::{RunnerVersion, contract::runner_release::RunnerRelease};
use serde::{Deserialize, Serialize};

use crate::time::Time;

/// What GitHub said of the runner's releases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Releases {
    /// The last release that it offered and that can be used.
    pub offered: Option<RunnerRelease>,
    /// When it last offered that; nothing, where it was asked since and offered nothing that can be used.
    pub confirmed_at: Option<Time>,
    /// When it was last asked which one to use. Written before it is asked, so that nobody else does.
    pub asked_at: Option<Time>,
    /// Whoever asked then has no answer yet.
    pub is_asked: bool,
    /// Until when a release gets jobs.
    pub life: Option<Life>,
}

/// Until when a release gets jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// The release.
    pub version: RunnerVersion,
    /// When GitHub was last asked for that.
    pub asked_at: Time,
    /// The end, where GitHub has named one.
    pub ends_at: Option<Time>,
}
