//! Demand and supply of one label set, and the gap between them: how many runners are missing.
//!
//! GitHub gives a job to any runner that has its labels, so no runner belongs to a job. Demand is the number of jobs
//! that nobody has started; supply is the number of runners that have not started a job.
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
//!     gap::Group,
//!     port::{Revision, Stored},
//!     record::{InstanceId, IntentId, Job, Runner},
//!     time::Time,
//! };
//!
//! let now = Time::from_millis(60_000);
//! let mut group = Group::default();
//! for id in 1..=3 {
//!     group.learn(Stored { revision: Some(Revision(1)), item: job(id) });
//! }
//! assert_eq!((group.demand(now), group.supply(now), group.gap(now)), (3, 0, 3));
//!
//! // One runner is on its way, and may take any of the jobs.
//! let (instance, intent) = (InstanceId::new("i-0abc"), IntentId::new(&job(1).job, 1));
//! let runner = Runner::launched(instance, intent, repository.clone(), labels.clone(), now);
//! group.learn(Stored { revision: Some(Revision(1)), item: runner });
//! assert_eq!((group.demand(now), group.supply(now), group.gap(now)), (3, 1, 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::{collections::BTreeMap, time::Duration};

use jit_runners_model::contract::{
    message::{JobMessage, JobRef, Repository, VERSION},
    table::Key,
};

use crate::{
    port::Stored,
    record::{Intent, IntentState, Item, Job, Runner},
    time::Time,
};

/// How long a runner counts as supply after it got its configuration. A runner that boots, listens and finds no job
/// ends itself earlier. One that exists for longer and has no job although jobs wait is stuck, or GitHub gives it
/// none.
pub const TRUST: Duration = Duration::from_mins(4);
/// How long an instance without a configuration counts as supply if no invocation is about to configure it.
pub const TRUST_UNCONFIGURED: Duration = Duration::from_mins(2);

/// The index shows everything that was written longer ago.
const INDEX_DELAY: Duration = Duration::from_secs(10);

/// What is known to be open in one label set.
#[derive(Debug, Clone, Default)]
pub struct Group {
    jobs: BTreeMap<Key, Stored<Job>>,
    intents: BTreeMap<Key, Stored<Intent>>,
    runners: BTreeMap<Key, Stored<Runner>>,
}

impl Group {
    /// The items that an index shows.
    pub fn new(items: impl IntoIterator<Item = Stored<Item>>) -> Self {
        let mut group = Self::default();
        for item in items {
            group.learn(item);
        }
        group
    }

    /// Adds an item that was read or written. An older revision than the known one changes nothing.
    pub fn learn(&mut self, stored: Stored<impl Into<Item>>) {
        let Stored { revision, item } = stored;
        let item: Item = item.into();
        let key = item.key();
        match item {
            Item::Job(item) => newer(&mut self.jobs, key, Stored { revision, item }),
            Item::Intent(item) => newer(&mut self.intents, key, Stored { revision, item }),
            Item::Runner(item) => newer(&mut self.runners, key, Stored { revision, item }),
            Item::Fleet(_)
            | Item::Findings(_)
            | Item::Repository(_)
            | Item::Lease(_)
            | Item::Configuration(_)
            | Item::Releases(_)
            | Item::Place(_) => {}
        }
    }

    /// A job.
    pub fn job(&self, key: &Key) -> Option<&Stored<Job>> {
        self.jobs.get(key)
    }

    /// A launch.
    pub fn intent(&self, key: &Key) -> Option<&Stored<Intent>> {
        self.intents.get(key)
    }

    /// A runner.
    pub fn runner(&self, key: &Key) -> Option<&Stored<Runner>> {
        self.runners.get(key)
    }

    /// Every job that is known.
    pub fn jobs(&self) -> impl Iterator<Item = &Stored<Job>> {
        self.jobs.values()
    }

    /// Every runner that is known.
    pub fn runners(&self) -> impl Iterator<Item = &Stored<Runner>> {
        self.runners.values()
    }

    /// The repository that it belongs to.
    pub fn repository(&self) -> Option<&Repository> {
        let of_jobs = self.jobs.values().map(|job| &job.item.job.repository);
        let of_intents = self.intents.values().map(|intent| &intent.item.repository);
        of_jobs.chain(of_intents).chain(self.runners.values().map(|runner| &runner.item.repository)).next()
    }

    /// Jobs that nobody has started and that need a runner.
    pub fn demand(&self, now: Time) -> usize {
        self.jobs.values().filter(|job| is_demand(&job.item, now)).count() + self.unseen(now)
    }

    /// Jobs that wait for a runner, including those that have used up their budget of launches.
    pub fn waiting(&self) -> usize {
        self.jobs.values().filter(|job| job.item.is_waiting()).count()
    }

    /// Runners that could take a job and have not, and those that are being launched.
    pub fn supply(&self, now: Time) -> usize {
        let coming: usize = self
            .intents
            .values()
            .filter(|intent| intent.item.is_held(now))
            .map(|intent| self.unfilled(&intent.item))
            .sum();
        coming + self.runners.values().filter(|runner| self.is_supply(&runner.item, now)).count()
    }

    /// How many runners are missing.
    pub fn gap(&self, now: Time) -> usize {
        self.demand(now).saturating_sub(self.supply(now))
    }

    /// How many runners are too many.
    pub fn surplus(&self, now: Time) -> usize {
        self.supply(now).saturating_sub(self.waiting() + self.unseen(now))
    }

    /// Jobs for which a runner may be launched: first those for which none is coming, the oldest first. So a gap, which is
    /// never larger than their number, leads to no second launch for a job whose runner is on its way.
    pub fn candidates(&self, now: Time) -> Vec<&Stored<Job>> {
        let mut jobs: Vec<_> = self.jobs.values().filter(|job| job.item.may_be_launched_for(now)).collect();
        jobs.sort_by_cached_key(|job| self.launched_in_turn(&job.item, now));
        jobs
    }

    /// The order in which jobs are launched for. One that had to rest goes behind those that waited in the meantime:
    /// whatever made it rest may last.
    pub fn launched_in_turn(&self, job: &Job, now: Time) -> impl Ord + use<> {
        (self.is_coming(job, now), job.due_at(), job.job.clone())
    }

    /// Jobs for which nobody is launching a runner, in the same order. They are published when there is a gap.
    pub fn unserved(&self, now: Time) -> Vec<&Stored<Job>> {
        let mut jobs = self.candidates(now);
        jobs.retain(|job| self.last_launch(&job.item).is_none_or(|intent| !intent.item.is_held(now)));
        jobs
    }

    /// Runners that could be removed, the youngest first: those that could take a job and have not.
    pub fn idle(&self, now: Time) -> Vec<&Stored<Runner>> {
        let mut runners: Vec<_> =
            self.runners.values().filter(|runner| self.is_supply(&runner.item, now)).collect();
        runners.sort_by(|a, b| {
            (b.item.launched_at, &b.item.instance).cmp(&(a.item.launched_at, &a.item.instance))
        });
        runners
    }

    /// Launches that can be taken over.
    pub fn to_take_over(&self, now: Time) -> Vec<&Stored<Intent>> {
        self.intents.values().filter(|intent| intent.item.may_be_taken_over(now)).collect()
    }

    /// Launches that are too old to be taken over.
    pub fn to_abandon(&self, now: Time) -> Vec<&Stored<Intent>> {
        self.intents.values().filter(|intent| intent.item.is_lost(now)).collect()
    }

    /// How many runners a launch will provide once somebody takes it over.
    pub fn promise_of(&self, intent: &Intent) -> usize {
        let unconfigured = intent
            .launched
            .iter()
            .filter_map(|instance| self.runners.get(&Key::runner(instance.as_str())))
            .filter(|runner| runner.item.is_pending() && runner.item.configured_at.is_none())
            .count();
        unconfigured + usize::try_from(intent.unfilled).unwrap_or(usize::MAX)
    }

    /// Whether the last launch for `job` made instances, or may still make some, and none of them has taken a job.
    pub fn was_in_vain(&self, job: &Job) -> bool {
        self.last_launch(job).is_some_and(|intent| {
            // A launch that was left may be taken over, and the answer about an abandoned one may have been lost.
            !intent.item.launched.is_empty()
                || intent.item.state != IntentState::Closed
                || intent.item.is_doubtful
        }) && self.last_launched(job).all(|it| it.item.job.is_none())
    }

    /// Whether a runner of the last launch for `job` is still expected to take a job.
    pub fn is_coming(&self, job: &Job, now: Time) -> bool {
        self.last_launched(job).any(|runner| self.is_supply(&runner.item, now))
    }

    /// The last launch for `job`, if it is known here.
    pub fn last_launch(&self, job: &Job) -> Option<&Stored<Intent>> {
        self.intent(&Key::intent(job.intent.as_ref()?.as_str()))
    }

    /// The runners of the last launch for `job` that are known here.
    fn last_launched(&self, job: &Job) -> impl Iterator<Item = &Stored<Runner>> {
        let launched = self.last_launch(job).into_iter().flat_map(|intent| &intent.item.launched);
        launched.filter_map(|instance| self.runner(&Key::runner(instance.as_str())))
    }

    /// How many jobs of young launches the index does not show yet, although it shows the launch.
    fn unseen(&self, now: Time) -> usize {
        let young =
            self.intents.values().map(|intent| &intent.item).filter(|it| now < it.since + INDEX_DELAY);
        let jobs = young.flat_map(|intent| intent.jobs.iter().map(|job| (&intent.repository, *job)));
        jobs.filter(|(repository, (job_id, run_attempt))| {
            let job =
                JobRef { repository: (*repository).clone(), job_id: *job_id, run_attempt: *run_attempt };
            !self.jobs.contains_key(&Key::job(&job))
        })
        .count()
    }

    /// Slots without a runner. Runners that the index shows already and that the launch does not list yet are
    /// subtracted.
    fn unfilled(&self, intent: &Intent) -> usize {
        let runners = self.runners.values().map(|runner| &runner.item);
        let ahead =
            runners.filter(|it| it.intent == intent.id && !intent.launched.contains(&it.instance)).count();
        usize::try_from(intent.unfilled).unwrap_or(usize::MAX).saturating_sub(ahead)
    }

    fn is_supply(&self, runner: &Runner, now: Time) -> bool {
        if !runner.is_pending() {
            return false;
        }
        match runner.configured_at {
            Some(at) => now < at + TRUST,
            None => match self.intents.get(&Key::intent(runner.intent.as_str())) {
                Some(intent) if intent.item.is_held(now) => true,
                Some(intent) if intent.item.state == IntentState::Open => false,
                Some(_) | None => now < runner.launched_at + TRUST_UNCONFIGURED,
            },
        }
    }
}

/// The message that asks scale-up to look at `job` again.
pub fn ask_again(job: &Job) -> JobMessage {
    JobMessage {
        version: VERSION,
        job: job.job.clone(),
        labels: job.labels.clone(),
        queued_at: job.queued_at.as_millis(),
        received_at: 0,
        re_enqueued: job.launches.max(1),
    }
}

/// A job whose budget is used up counts as demand as long as the runner of its last launch may still come.
fn is_demand(job: &Job, now: Time) -> bool {
    job.may_be_launched_for(now) || (job.is_waiting() && job.launched_at.is_some_and(|at| now < at + TRUST))
}

fn newer<T>(known: &mut BTreeMap<Key, Stored<T>>, key: Key, stored: Stored<T>) {
    match known.get(&key) {
        Some(older) if stored.revision < older.revision => {}
        _ => drop(known.insert(key, stored)),
    }
}

#[cfg(test)]
mod tests;
