//! A job, as the ledger knows it.

use std::collections::BTreeSet;

use jit_runners_model::{
    Label,
    contract::{message::JobRef, table::JobState},
};
use serde::{Deserialize, Serialize};

use super::IntentId;
use crate::time::Time;

/// A job, as the ledger knows it. Its state only moves forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Which job.
    pub job: JobRef,
    /// Its labels.
    pub labels: BTreeSet<Label>,
    /// Where it stands.
    pub state: JobState,
    /// How often GitHub queued it again, because the runner that had taken it was lost at once. A higher number is
    /// always later, whatever the state.
    pub queued_again: u32,
    /// When GitHub queued it.
    pub queued_at: Time,
    /// The last launch for it. The runners of that launch may take other jobs.
    pub intent: Option<IntentId>,
    /// How many launches were decided for it.
    pub launches: u32,
    /// How many of these launches made instances, none of which took a job. The budget of a job limits these.
    pub in_vain: u32,
    /// When the last launch was decided.
    pub launched_at: Option<Time>,
    /// When GitHub was last asked about it.
    pub seen_at: Option<Time>,
    /// Nothing is launched for it before this time: its budget of launches is used up and the last one failed, or
    /// nothing can be launched for it.
    pub not_before: Option<Time>,
}

impl Job {
    /// A job that was just queued.
    pub const fn queued(job: JobRef, labels: BTreeSet<Label>, queued_at: Time) -> Self {
        Self {
            job,
            labels,
            state: JobState::Queued,
            queued_again: 0,
            queued_at,
            intent: None,
            launches: 0,
            in_vain: 0,
            launched_at: None,
            seen_at: None,
            not_before: None,
        }
    }

    /// Moves it to `state` if that is later; returns whether it is.
    pub fn advance(&mut self, state: JobState) -> bool {
        let forward = self.state < state;
        self.state = self.state.max(state);
        forward
    }

    /// Notes that GitHub queued it again, because the runner that had started it is lost.
    pub fn queue_again(&mut self) {
        if self.state == JobState::Running {
            self.queued_again += 1;
            self.state = JobState::Queued;
        }
    }

    /// Whether nobody has started it.
    pub fn is_queued(&self) -> bool {
        self.state == JobState::Queued
    }

    /// Whether it is not over.
    pub fn is_open(&self) -> bool {
        self.state != JobState::Completed
    }

    /// Whether a runner may be launched for it at `now`.
    pub fn may_be_launched_for(&self, now: Time) -> bool {
        self.is_queued() && self.not_before.is_none_or(|time| time <= now)
    }
}
