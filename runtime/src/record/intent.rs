//! A launch that was decided, written down before EC2 is called.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{
    InstanceType, Label,
    contract::{
        message::{JobRef, Repository},
        runner_release::RunnerRelease,
    },
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::InstanceId;
use crate::time::Time;

/// Instances wait for their configuration for five minutes ([`jit_runners_model::contract::instance::CONFIGURATION_WAIT`]),
/// some of which whoever takes a launch over needs.
const TAKEN_OVER_WITHIN: Duration = Duration::from_mins(3);

/// The id of a launch intent: derived from what asked for it, so that whoever asks again finds the same one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(String);

impl IntentId {
    /// The intent that launch number `launch` of `job`, counted from 1, belongs to.
    pub fn new(job: &JobRef, launch: u32) -> Self {
        let text = format!("{}#{}#{}#{launch}", job.repository.as_str(), job.job_id, job.run_attempt);
        // Half a digest tells intents apart, and leaves room for the attempt in a client token of 64 characters.
        let hex: Vec<_> = Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self(hex.concat())
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for IntentId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Display for IntentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How an instance is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Market {
    /// Spare capacity, which EC2 may take back.
    Spot,
    /// At the full price.
    OnDemand,
}

/// Where an instance comes from: one type in one subnet, bought in one way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pool {
    /// The instance type.
    pub instance_type: InstanceType,
    /// The subnet, and with it the zone.
    pub subnet: String,
    /// How it is bought.
    pub market: Market,
}

/// One call of `RunInstances`, as it will be made, and made again when its answer is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Where from.
    pub pool: Pool,
    /// The image.
    pub image: String,
    /// How many instances, at most.
    pub count: u32,
    /// Counts the calls of one intent from 1: a part of the client token, so that no token is used for two pools.
    pub attempt: u32,
}

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentState {
    /// Being carried out.
    Open,
    /// Given up: instances that still come of it are terminated.
    Abandoned,
    /// Nothing is left to do.
    Closed,
}

/// A launch of one or more instances for jobs of one label set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its id.
    pub id: IntentId,
    /// The repository of its jobs.
    pub repository: Repository,
    /// The labels that its runners get.
    pub labels: BTreeSet<Label>,
    /// The jobs that it was decided for, of this repository: id and run attempt. Its runners may take others.
    pub jobs: Vec<(u64, u32)>,
    /// The release of the runner: a call that is made again has the same user data. Intents that were written before there was
    /// a choice have none.
    #[serde(default = "RunnerRelease::newest_shipped")]
    pub release: RunnerRelease,
    /// Where it stands.
    pub state: IntentState,
    /// When it came to this state.
    pub since: Time,
    /// When its current call was written down.
    pub called_at: Time,
    /// Until then one invocation works on it; afterwards it may be taken over.
    pub held_until: Time,
    /// Slots of the fleet that it has taken and that no instance fills yet.
    pub unfilled: u32,
    /// The call that is being made. `None` when all slots are filled or given back.
    pub call: Option<Call>,
    /// Pools that were tried: the index of the next one.
    pub tried: u32,
    /// Earlier launches for the same job that came to nothing: after two of them on-demand comes first.
    pub in_vain: u32,
    /// What was launched.
    pub launched: Vec<InstanceId>,
}

impl Intent {
    /// Whether something is left to do or to give back.
    pub fn is_open(&self) -> bool {
        self.state != IntentState::Closed
    }

    /// Whether an invocation works on it at `now`.
    pub fn is_held(&self, now: Time) -> bool {
        self.state == IntentState::Open && now < self.held_until
    }

    /// Whether it was left by whoever worked on it, and may be taken over at `now`.
    pub fn may_be_taken_over(&self, now: Time) -> bool {
        self.state == IntentState::Open && self.held_until <= now && now < self.called_at + TAKEN_OVER_WITHIN
    }

    /// Whether it was left so long ago that what it launched may have ended for want of a configuration.
    pub fn is_lost(&self, now: Time) -> bool {
        self.state == IntentState::Open && self.held_until <= now && !self.may_be_taken_over(now)
    }

    /// The client token of `call`: 64 characters at most
    /// (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html>).
    pub fn token(&self, call: &Call) -> String {
        format!("{}-{}", self.id, call.attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{intent, newer};

    #[test]
    fn an_intent_of_before_there_was_a_choice_of_releases_is_read() {
        let written = Intent { release: newer(), ..intent(1, 1) };
        let mut stored = serde_json::to_value(&written).unwrap();
        assert_eq!(serde_json::from_value::<Intent>(stored.clone()).unwrap(), written);
        stored.as_object_mut().unwrap().remove("release").unwrap();
        let read: Intent = serde_json::from_value(stored).unwrap();
        assert_eq!(read, Intent { release: RunnerRelease::newest_shipped(), ..written });
    }
}
