//! Publishes jobs that no runner is coming for.

use std::collections::BTreeMap;

use jit_runners_model::contract::{
    message::{JobMessage, Repository},
    table::{Key, OpenKind},
};

use crate::{
    ledger::{Group, again},
    port::{Clock, Observation, Observe, PublishJobs, Read, Stored, Table},
    record::{Caps, Fleet, Intent, Item, Job, Runner},
    store::{self, StoreError},
    time::Time,
};

/// Every label set that has something open.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    groups: BTreeMap<String, Group>,
}

impl Ledger {
    /// Reads all that is open.
    pub async fn read(ports: &(impl Table + Clock)) -> Read<Self> {
        let mut ledger = Self::default();
        for job in store::open_of_kind::<Job>(ports, OpenKind::Job).await? {
            ledger.learn(job);
        }
        for intent in store::open_of_kind::<Intent>(ports, OpenKind::Intent).await? {
            ledger.learn(intent);
        }
        for runner in store::open_of_kind::<Runner>(ports, OpenKind::Runner).await? {
            ledger.learn(runner);
        }
        Ok(ledger)
    }

    /// Learns of an open item.
    pub fn learn(&mut self, stored: Stored<impl Into<Item>>) {
        let stored = Stored { revision: stored.revision, item: stored.item.into() };
        if let Some(label_set) = stored.item.open().and_then(|open| open.label_set) {
            self.groups.entry(label_set).or_default().learn(stored);
        }
    }

    /// The label sets.
    pub fn groups(&self) -> impl Iterator<Item = (&String, &Group)> {
        self.groups.iter()
    }

    /// The job under `key`, whatever its labels.
    pub fn job(&self, key: &Key) -> Option<&Stored<Job>> {
        self.groups.values().find_map(|group| group.job(key))
    }

    /// The jobs to publish: as many as runners are missing, the oldest first, and no more than the caps have room for.
    pub fn to_publish(&self, fleet: &Fleet, caps: Caps, now: Time) -> Vec<JobMessage> {
        let mut missing: Vec<&Job> = Vec::new();
        let mut fleet = fleet.clone();
        for group in self.groups.values() {
            let gap = group.gap(now);
            if gap == 0 {
                continue;
            }
            // What a launch holds that somebody left is room as well: it will be taken over.
            for intent in group.left(now) {
                let promised = u32::try_from(group.promise_of(&intent.item)).unwrap_or(u32::MAX);
                fleet.give_back(&intent.item.repository, promised);
            }
            missing.extend(group.unserved(now).into_iter().take(gap).map(|job| &job.item));
        }
        missing.sort_by(|a, b| (a.queued_at, &a.job).cmp(&(b.queued_at, &b.job)));
        missing.retain(|job| {
            let free = fleet.free(&job.job.repository, caps) > 0;
            if free {
                fleet.take(&job.job.repository, 1);
            }
            free
        });
        missing.into_iter().map(again).collect()
    }
}

/// Publishes `messages` and says so.
pub async fn publish(
    ports: &(impl PublishJobs + Observe),
    messages: Vec<JobMessage>,
) -> Result<usize, StoreError> {
    let count = messages.len();
    if count == 0 {
        return Ok(0);
    }
    let mut per_repository: BTreeMap<Repository, usize> = BTreeMap::new();
    for message in &messages {
        *per_repository.entry(message.job.repository.clone()).or_default() += 1;
    }
    ports.publish_jobs(messages).await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    for (repository, jobs) in per_repository {
        ports.observe(Observation::Published { repository, jobs });
    }
    Ok(count)
}
