//! The items of the one table, as types.
//!
//! Every item is read by its key, and written only if its revision is still the one that was read. An open item
//! ([`Item::open`]) is in the two indexes. A closed item is deleted after some time ([`Item::expires`]).
//!
//! ```
//! # use jit_runners_model::{Label, contract::message::{JobRef, Repository}};
//! # let repository = Repository::new("octo/cat")?;
//! # let labels: std::collections::BTreeSet<_> = [Label::new("self-hosted")?].into();
//! # let job = |job_id| {
//! #     let job = JobRef { repository: repository.clone(), job_id, run_attempt: 1 };
//! #     Job::queued(job, labels.clone(), Time::from_millis(job_id))
//! # };
//! use jit_runners_model::contract::table::JobState;
//! use jit_runners_runtime::{record::{Item, Job}, time::Time};
//!
//! let mut job = job(7);
//! assert!(job.advance(JobState::Completed));
//! assert!(!job.advance(JobState::Running), "an event that comes late changes nothing");
//! let item = Item::from(job);
//! assert!(item.open().is_none(), "what is closed stands in no index");
//! assert!(item.expires(Time::default()).is_some(), "and is deleted some days later");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod findings;
mod fleet;
mod intent;
mod job;
mod place;
mod runner;
mod visit;

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{
    Label, RunnerVersion,
    contract::{
        message::Repository,
        runner_release::RunnerRelease,
        table::{Key, OpenKind, label_set_key},
    },
};
use serde::{Deserialize, Serialize};

pub use self::{
    findings::{Findings, Image, Refused},
    fleet::{Caps, Fleet, LATE_LAUNCH, LATE_REQUEST, NoLaunches},
    intent::{Call, Intent, IntentId, IntentState, Market, Pool},
    job::{Absence, Job},
    place::{Concerns, Place, StandingRefusal, TryId},
    runner::{EndReason, InstanceId, Runner, RunnerName},
    visit::{MOST_RUNS, SeenList, SeenRun, Visit, rest},
};
use crate::time::Time;

/// How long a closed item is kept, so that late and duplicate events still find it. GitHub redelivers for three days
/// (<https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks>).
const KEPT: Duration = Duration::from_hours(4 * 24);

/// How long an item may be open. What is older is closed and reported: nobody could close it any more, because the event
/// was lost and GitHub or EC2 never answers. Each limit is later than GitHub's own: a run ends after 35 days at most, a
/// job on a self-hosted runner after five, and the registration of a runner that never listened after one
/// (<https://docs.github.com/en/actions/reference/limits>).
pub mod longest_open {
    use std::time::Duration;

    /// A job, since it was queued.
    pub const JOB: Duration = Duration::from_hours(36 * 24);
    /// A launch, since it came to its state.
    pub const INTENT: Duration = Duration::from_hours(2 * 24);
    /// A registration that was only tried. GitHub removes it after a day.
    pub const TRIED: Duration = Duration::from_hours(2 * 24);
    /// A runner, since its launch. No input allows an instance to be older than five days.
    pub const RUNNER: Duration = Duration::from_hours(8 * 24);
}

/// Any item of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Item {
    /// A job that GitHub queued.
    Job(Job),
    /// A launch that was decided.
    Intent(Intent),
    /// A runner and its instance.
    Runner(Runner),
    /// The one count of runners.
    Fleet(Fleet),
    /// What EC2 said that holds for longer than one launch.
    Findings(Findings),
    /// A repository and when it was last looked at.
    Repository(Visit),
    /// A lock that one invocation holds at a time.
    Lease(Lease),
    /// The configuration that one instance may read, once.
    Configuration(Configuration),
    /// What GitHub said about the runner's releases.
    Releases(Releases),
    /// What GitHub said about registrations at one place.
    Place(Place),
}

/// A lock that one invocation holds at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What it is for.
    pub name: String,
    /// When it lapses by itself.
    pub until: Time,
    /// Where a rotation through the installation's repositories stopped, for the next holder.
    #[serde(default)]
    pub rotation: Rotation,
}

/// Where a rotation through the repositories of the installation stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The repositories of the page that was last listed.
    pub names: Vec<Repository>,
    /// The number of that page, counted from 1; 0 before the first one.
    pub page: u32,
    /// When it was listed.
    pub listed_at: Time,
    /// How many of its repositories had their turn.
    pub place: usize,
}

/// The one-time configuration of a runner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// The first half of its key: the unique id of the instances' role.
    pub role_id: String,
    /// The instance that may take it.
    pub instance: InstanceId,
    /// What the runner is started with. A secret. The instance reads it under this name
    /// ([`jit_runners_model::contract::table::CONFIGURATION`]).
    #[serde(rename = "configuration")]
    pub encoded: String,
    /// When it was written.
    pub at: Time,
}

impl std::fmt::Debug for Configuration {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Configuration").field("instance", &self.instance).finish_non_exhaustive()
    }
}

/// What GitHub said about the runner's releases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Releases {
    /// The last release that it offered and that can be used.
    pub offered: Option<RunnerRelease>,
    /// When it last offered that. `None` if it was asked since then and offered nothing usable.
    pub confirmed_at: Option<Time>,
    /// When it was last asked which one to use. This is stored before the request, so that nobody else asks.
    pub asked_at: Option<Time>,
    /// Whether that request has no answer yet.
    pub is_asked: bool,
    /// Until when a release gets jobs.
    #[serde(rename = "life")]
    pub support: Option<ReleaseSupport>,
}

/// Until when a release gets jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseSupport {
    /// The release.
    pub version: RunnerVersion,
    /// When GitHub was last asked for that.
    pub asked_at: Time,
    /// The end, if GitHub has announced one.
    pub ends_at: Option<Time>,
}

/// The keys of an open item in the two indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Its kind.
    pub kind: OpenKind,
    /// The sort key.
    pub since: Time,
    /// The label set that it belongs to.
    pub label_set: Option<String>,
}

impl Item {
    /// Its key.
    pub fn key(&self) -> Key {
        match self {
            Self::Job(job) => Key::job(&job.job),
            Self::Intent(intent) => Key::intent(intent.id.as_str()),
            Self::Runner(runner) => Key::runner(runner.instance.as_str()),
            Self::Fleet(_) => Key::fleet(),
            Self::Findings(_) => Key::findings(),
            Self::Repository(visit) => Key::repository(&visit.repository),
            Self::Lease(lease) => Key::lease(&lease.name),
            Self::Configuration(it) => Key::configuration(&it.role_id, it.instance.as_str()),
            Self::Releases(_) => Key::releases(),
            Self::Place(place) => Key::place(&place.identity),
        }
    }

    /// Its keys in the indexes, while it is open.
    pub fn open(&self) -> Option<Open> {
        let group =
            |repository: &Repository, labels: &BTreeSet<Label>| Some(label_set_key(repository, labels));
        match self {
            Self::Job(job) => job.is_open().then(|| Open {
                kind: OpenKind::Job,
                since: job.queued_at,
                label_set: group(&job.job.repository, &job.labels),
            }),
            Self::Intent(intent) => intent.is_open().then(|| Open {
                kind: OpenKind::Intent,
                since: intent.since,
                label_set: group(&intent.repository, &intent.labels),
            }),
            Self::Runner(runner) => runner.is_open().then(|| Open {
                kind: OpenKind::Runner,
                since: runner.launched_at,
                label_set: group(&runner.repository, &runner.labels),
            }),
            Self::Repository(visit) => {
                Some(Open { kind: OpenKind::Repository, since: visit.active_at, label_set: None })
            }
            Self::Place(place) => {
                place.tried_at.map(|since| Open { kind: OpenKind::Place, since, label_set: None })
            }
            Self::Fleet(_)
            | Self::Findings(_)
            | Self::Lease(_)
            | Self::Configuration(_)
            | Self::Releases(_) => None,
        }
    }

    /// When it may be deleted.
    pub fn expires(&self, now: Time) -> Option<Time> {
        match self {
            Self::Job(_) | Self::Intent(_) | Self::Runner(_) => self.open().is_none().then(|| now + KEPT),
            Self::Repository(_) | Self::Lease(_) | Self::Place(_) => Some(now + KEPT),
            Self::Configuration(it) => Some(it.at + KEPT),
            Self::Fleet(_) | Self::Findings(_) | Self::Releases(_) => None,
        }
    }
}

macro_rules! kinds {
    ($($variant:ident: $type:ty),+ $(,)?) => {$(
        impl From<$type> for Item {
            fn from(it: $type) -> Self {
                Self::$variant(it)
            }
        }

        impl TryFrom<Item> for $type {
            type Error = OfAnotherKind;
            fn try_from(item: Item) -> Result<Self, OfAnotherKind> {
                match item {
                    Item::$variant(it) => Ok(it),
                    other => Err(OfAnotherKind { key: other.key().to_string() }),
                }
            }
        }
    )+};
}

kinds! {
    Job: Job,
    Intent: Intent,
    Runner: Runner,
    Fleet: Fleet,
    Findings: Findings,
    Repository: Visit,
    Lease: Lease,
    Configuration: Configuration,
    Releases: Releases,
    Place: Place,
}

/// An item is of another kind than its key says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the item `{key}` is of another kind than its key says")]
pub struct OfAnotherKind {
    /// The item's own key.
    pub key: String,
}
