//! A launch that was decided. It is stored before EC2 is called.

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

/// Instances wait for their configuration for five minutes
/// ([`jit_runners_model::contract::instance::CONFIGURATION_WAIT`]). Whoever takes a launch over needs some of that
/// time.
const TAKEN_OVER_WITHIN: Duration = Duration::from_mins(3);

/// The id of a launch intent. It is derived from the job, so that a repeated request finds the same intent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(String);

impl IntentId {
    /// The id of launch number `launch` of `job`, counted from 1.
    pub fn new(job: &JobRef, launch: u32) -> Self {
        let text = format!("{}#{}#{}#{launch}", job.repository.identity(), job.job_id, job.run_attempt);
        // Half a digest is enough to tell intents apart, and leaves room for the attempt in a client token of 64
        // characters.
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

/// What an instance is launched from: one type in one subnet of one market.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pool {
    /// The instance type.
    pub instance_type: InstanceType,
    /// The subnet, and with it the zone.
    pub subnet: String,
    /// How it is bought.
    pub market: Market,
}

/// One call of `RunInstances`. It is made again as it is if its answer is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The pool.
    pub pool: Pool,
    /// The image.
    pub image: String,
    /// How many instances, at most.
    pub count: u32,
    /// Counts the calls of one intent from 1. It is part of the client token, so that no token is used for two pools.
    pub attempt: u32,
}

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentState {
    /// Being carried out.
    Open,
    /// Abandoned: instances that it still makes are terminated.
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
    /// The jobs of this repository that it was decided for: id and run attempt. Its runners may take others.
    pub jobs: Vec<(u64, u32)>,
    /// The release of the runner. It is stored so that a repeated call has the same user data. Intents that were
    /// stored before there was a choice have none.
    #[serde(default = "RunnerRelease::newest_shipped")]
    pub release: RunnerRelease,
    /// Where it stands.
    pub state: IntentState,
    /// When it came to this state.
    pub since: Time,
    /// When its current call was stored.
    pub called_at: Time,
    /// Until then, one invocation holds it. Afterwards, another one may take it over.
    pub held_until: Time,
    /// Slots of the fleet that it has taken and not yet filled with an instance.
    pub unfilled: u32,
    /// The call that is being made. `None` when all slots are filled or given back.
    pub call: Option<Call>,
    /// The index of the next pool to try.
    pub tried: u32,
    /// Earlier launches for the same job whose runners took no job. After two of them, on-demand comes first.
    pub in_vain: u32,
    /// What was launched.
    pub launched: Vec<InstanceId>,
    /// It was abandoned before it was closed: nobody knows whether its last call made instances, which have ended since then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_doubtful: bool,
}

impl Intent {
    /// Whether something is left to do or to give back.
    pub fn is_open(&self) -> bool {
        self.state != IntentState::Closed
    }

    /// Whether an invocation holds it at `now`.
    pub fn is_held(&self, now: Time) -> bool {
        self.state == IntentState::Open && now < self.held_until
    }

    /// Whether no invocation holds it any more, and another one may take it over at `now`.
    pub fn may_be_taken_over(&self, now: Time) -> bool {
        self.state == IntentState::Open && self.held_until <= now && now < self.called_at + TAKEN_OVER_WITHIN
    }

    /// Whether it is too late to take it over: its instances may have ended because no configuration came.
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
