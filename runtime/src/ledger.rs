//! The ledger: everything open, by label set. It says which jobs lack a runner and are to be published.
//!
//! ```
//! # use jit_runners_model::{Label, contract::message::{JobRef, Repository}};
//! # let repository = Repository::new("octo/cat")?;
//! # let labels: std::collections::BTreeSet<_> = [Label::new("self-hosted")?].into();
//! # let job = |job_id| {
//! #     let job = JobRef { repository: repository.clone(), job_id, run_attempt: 1 };
//! #     Job::queued(job, labels.clone(), Time::from_millis(job_id))
//! # };
//! use jit_runners_runtime::{
//!     ledger::Ledger,
//!     port::{Revision, Stored},
//!     record::{Caps, Fleet, Job},
//!     time::Time,
//! };
//!
//! let mut ledger = Ledger::default();
//! for id in [3, 1, 2] {
//!     ledger.learn(Stored { revision: Some(Revision(1)), item: job(id) });
//! }
//! // Three runners are missing, and the caps have room for two.
//! let caps = Caps { total: 2, per_repository: 2 };
//! let messages = ledger.to_publish(&Fleet::default(), caps, Time::from_millis(60_000));
//! let ids: Vec<_> = messages.iter().map(|message| message.job.job_id).collect();
//! assert_eq!(ids, [1, 2], "the oldest jobs come first");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;

use jit_runners_model::contract::{
    message::{JobMessage, Repository},
    table::{Key, OpenKind},
};

use crate::{
    gap::{Group, ask_again},
    port::{Clock, Observation, Observe, PublishJobs, Read, Stored, Table},
    record::{Caps, Fleet, Intent, Item, Job, Runner},
    store::{self, StoreError},
    time::Time,
};

/// Jobs that are published at once. EC2 allows two calls of `RunInstances` a second, and messages that nobody can launch
/// for in time only come back.
const MOST_PUBLISHED: usize = 240;

/// All label sets with open items.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    groups: BTreeMap<String, Group>,
}

impl Ledger {
    /// Reads everything that is open.
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

    /// Adds an open item.
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

    /// The jobs to publish: as many as runners are missing, and no more than the caps allow or can be launched for in a
    /// minute. Label sets take turns, each with the job that is due for longest first. So none delays another: neither
    /// one with many jobs, nor one whose jobs rest again whenever they are published.
    pub fn to_publish(&self, fleet: &Fleet, caps: Caps, now: Time) -> Vec<JobMessage> {
        let mut missing: Vec<(usize, &Job)> = Vec::new();
        let mut fleet = fleet.clone();
        for group in self.groups.values() {
            let gap = group.gap(now);
            if gap == 0 {
                continue;
            }
            // Slots of a launch that will be taken over are free for this purpose.
            for intent in group.to_take_over(now) {
                let promised = u32::try_from(group.promise_of(&intent.item)).unwrap_or(u32::MAX);
                fleet.give_back(&intent.item.repository, promised);
            }
            missing.extend(group.unserved(now).into_iter().take(gap).map(|job| &job.item).enumerate());
        }
        missing.sort_by(|(turn, a), (other, b)| (turn, a.due_at(), &a.job).cmp(&(other, b.due_at(), &b.job)));
        missing.retain(|(_, job)| {
            let free = fleet.free(&job.job.repository, caps) > 0;
            if free {
                fleet.take(&job.job.repository, 1);
            }
            free
        });
        missing.into_iter().take(MOST_PUBLISHED).map(|(_, job)| ask_again(job)).collect()
    }
}

/// Publishes `messages` and reports it; returns how many.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::Job,
        sample::{NOW, asked, at_revision, first, intent, job, left, listening, minutes, seconds, served},
    };

    const CAPS: Caps = Caps { total: 10, per_repository: 5 };

    fn ledger<const N: usize>(items: [Item; N]) -> Ledger {
        let mut ledger = Ledger::default();
        for item in items {
            ledger.learn(first(item));
        }
        ledger
    }

    fn in_repository(name: &str, id: u64) -> Job {
        let mut job = job(id);
        job.job.repository = Repository::new(name).unwrap();
        job
    }

    fn published(ledger: &Ledger, fleet: &Fleet) -> Vec<u64> {
        ledger.to_publish(fleet, CAPS, NOW).iter().map(|message| message.job.job_id).collect()
    }

    fn taken(slots: &[(&str, u32)]) -> Fleet {
        let mut fleet = Fleet::default();
        for (name, slots) in slots {
            fleet.take(&Repository::new(*name).unwrap(), *slots);
        }
        fleet
    }

    #[test]
    fn as_many_as_runners_are_missing_are_published_oldest_first() {
        let three = || [job(3).into(), job(1).into(), job(2).into()];
        assert_eq!(published(&ledger(three()), &Fleet::default()), [1, 2, 3]);
        let mut with_one = ledger(three());
        with_one.learn(first(listening(9)));
        assert_eq!(published(&with_one, &taken(&[("o/r", 1)])), [1, 2], "one runner listens");
    }

    #[test]
    fn what_is_published_says_that_it_was_asked_before() {
        let messages = ledger([job(1).into()]).to_publish(&Fleet::default(), CAPS, NOW);
        assert_eq!(messages, [JobMessage { re_enqueued: 1, ..asked(1) }]);
    }

    #[test]
    fn a_job_that_somebody_launches_for_is_not_published() {
        let ledger = ledger([served(1).into(), intent(1, 1).into(), job(2).into()]);
        assert_eq!(published(&ledger, &taken(&[("o/r", 1)])), [2]);
    }

    #[test]
    fn a_job_whose_launch_was_left_is_published_even_if_the_fleet_is_full() {
        let ledger = ledger([served(1).into(), left(1, 1).into()]);
        assert_eq!(published(&ledger, &taken(&[("o/r", 5)])), [1], "its own slot is room for it");
        assert_eq!(published(&ledger, &taken(&[("o/r", 6)])), [0; 0], "but not for more than the cap");
    }

    #[test]
    fn no_more_is_published_than_the_caps_have_room_for() {
        let jobs = |name: &'static str, ids: std::ops::Range<u64>| ids.map(move |id| in_repository(name, id));
        let mut ledger = Ledger::default();
        for job in jobs("o/one", 0..8).chain(jobs("o/two", 100..108)) {
            ledger.learn(first(job));
        }
        let of = |fleet: &Fleet| {
            let all = published(&ledger, fleet);
            (all.iter().filter(|id| **id < 100).count(), all.iter().filter(|id| **id >= 100).count())
        };
        assert_eq!(of(&Fleet::default()), (5, 5), "five for each repository");
        assert_eq!(of(&taken(&[("o/one", 4)])), (1, 5));
        assert_eq!(of(&taken(&[("o/three", 7)])), (2, 1), "ten for all; repositories take turns");
        assert_eq!(of(&taken(&[("o/three", 10)])), (0, 0));
    }

    #[test]
    fn a_repository_with_many_jobs_delays_no_other() {
        let mut ledger = Ledger::default();
        for id in 0..2_000 {
            ledger.learn(first(in_repository("o/busy", id)));
        }
        ledger.learn(first(in_repository("o/other", 9_000)));
        let caps = Caps { total: 5_000, per_repository: 5_000 };
        let all = ledger.to_publish(&Fleet::default(), caps, NOW);
        assert_eq!(all.len(), MOST_PUBLISHED);
        assert!(all.iter().any(|message| message.job.job_id == 9_000), "although it came last");
    }

    #[test]
    fn a_job_that_rests_is_not_published_until_its_time_comes() {
        let long_ago = NOW - minutes(20);
        let resting =
            |until| Job { launches: 5, launched_at: Some(long_ago), not_before: Some(until), ..job(1) };
        assert_eq!(published(&ledger([resting(NOW + seconds(1)).into()]), &Fleet::default()), [0; 0]);
        assert_eq!(published(&ledger([resting(NOW).into()]), &Fleet::default()), [1]);
    }

    #[test]
    fn what_is_older_than_what_is_known_changes_nothing() {
        let mut ledger = ledger([]);
        ledger.learn(at_revision(2, served(1)));
        ledger.learn(at_revision(1, job(1)));
        assert_eq!(ledger.job(&Key::job(&job(1).job)), Some(&at_revision(2, served(1))));
        assert_eq!(ledger.groups().count(), 1);
    }
}
