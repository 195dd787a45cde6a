//! GitHub, simulated: demand, runners, the REST API with its limits, and webhooks.
//!
//! A plain value without a clock: whoever holds it says the time with every call, and never an earlier one than before.
//! What GitHub does by itself happens in [`GithubWorld::advance`]. It never reads what the handlers know, only what they asked for.

mod agenda;
mod assignment;
mod demand;
mod limit;
mod rest;
mod runner;
mod settings;
mod view;
mod webhook;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::{
    Label,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::{port::Place, time::Time};

use self::{
    agenda::{Agenda, Step},
    demand::{Job, RunState},
    limit::Limits,
    runner::Runner,
    webhook::Sender,
};
pub use self::{
    demand::{NewJob, RunId},
    limit::{Calls, Endpoint, EndpointCalls},
    runner::ConnectError,
    settings::{GithubSettings, downloads_of},
    view::{Happened, JobView, RegistrationView},
};
use super::random::Random;

/// GitHub: what it knows, what it will do, and what it counted.
pub struct GithubWorld {
    settings: GithubSettings,
    random: Random,
    agenda: Agenda,
    sender: Sender,
    limits: Limits,
    label_sets: LabelSets,
    repositories: Vec<RepositoryState>,
    repository_by_name: BTreeMap<Repository, usize>,
    owners: Vec<OwnerState>,
    owner_by_name: BTreeMap<String, usize>,
    places: Vec<PlaceState>,
    place_by_name: BTreeMap<Place, usize>,
    runs: Vec<RunState>,
    jobs: Vec<Job>,
    open_jobs: usize,
    runners: Vec<Runner>,
    happened: Happened,
}

/// What GitHub does to the rest of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GithubEvent {
    /// A webhook arrives.
    Webhook {
        /// Its headers, with names in lower case as an HTTP API hands them over.
        headers: Vec<(&'static str, String)>,
        /// Its body.
        body: Vec<u8>,
    },
    /// A runner has picked its job up.
    JobStarted {
        /// The runner.
        runner_id: u64,
        /// The job.
        job: JobRef,
    },
    /// The job is over: the runner's process exits. Not told of machines that are lost.
    JobEnded {
        /// The runner.
        runner_id: u64,
        /// The job.
        job: JobRef,
    },
    /// The registration of a listening runner was removed: its process is told, and exits.
    Dropped {
        /// The runner.
        runner_id: u64,
    },
    /// The registration of a runner was used up by a job that was gone: its process is not told, and listens for ever.
    Ghosted {
        /// The runner.
        runner_id: u64,
    },
}

impl GithubWorld {
    /// A GitHub without repositories. `secret` signs webhooks.
    pub fn new(settings: GithubSettings, random: Random, secret: &[u8]) -> Self {
        Self {
            limits: Limits::default(),
            sender: Sender::new(secret),
            settings,
            random,
            agenda: Agenda::default(),
            label_sets: LabelSets::default(),
            repositories: Vec::new(),
            repository_by_name: BTreeMap::new(),
            owners: Vec::new(),
            owner_by_name: BTreeMap::new(),
            places: Vec::new(),
            place_by_name: BTreeMap::new(),
            runs: Vec::new(),
            jobs: Vec::new(),
            open_jobs: 0,
            runners: Vec::new(),
            happened: Happened::default(),
        }
    }

    /// How it behaves from now on: scenarios end faults by it.
    pub fn settings_mut(&mut self) -> &mut GithubSettings {
        &mut self.settings
    }

    /// Adds a repository to the installation, if it is not there.
    pub fn add_repository(&mut self, repository: &Repository) {
        self.repository(repository);
    }

    /// When GitHub next does something by itself.
    pub fn next_at(&self) -> Option<Time> {
        self.agenda.next_at()
    }

    /// Does everything that is due at `now`, in order, and adds to `out` what the rest of the world notices of it.
    pub fn advance(&mut self, now: Time, out: &mut Vec<GithubEvent>) {
        while let Some((at, step)) = self.agenda.take(now) {
            match step {
                Step::Release { job, epoch } => self.release(at, job, epoch),
                Step::SeekRunner { job } => self.seek_runner(at, job),
                Step::SeekJob { runner } => self.seek_job(at, runner),
                Step::PickUp { job, epoch } => self.pick_up(at, job, epoch, out),
                Step::Ghost { runner } => self.become_ghost(at, runner, out),
                Step::Requeue { job, epoch } => self.requeue(at, job, epoch),
                Step::End { job, epoch } => self.end(at, job, epoch, out),
                Step::GiveUp { job, epoch } => self.give_up(at, job, epoch),
                Step::Drop { runner } => self.drop_idle(at, runner, out),
                Step::Silent { runner } => self.notice_silence(at, runner),
                Step::Tell { runner } => self.tell(runner, out),
                Step::Deliver(notice) => self.deliver(notice, out),
                Step::ExpireJob { job } => self.expire_job(at, job),
                Step::ExpireRunner { runner } => self.expire_runner(at, runner),
            }
        }
        let (jobs, runners) = (&self.jobs, &self.runners);
        self.agenda.forget_for_tomorrow(|step| match step {
            Step::ExpireJob { job } => jobs[job].is_over(),
            Step::ExpireRunner { runner } => runners[runner].is_gone(),
            _ => false,
        });
    }

    /// A delay of the world.
    fn delay(&mut self, (shortest, longest): (Duration, Duration)) -> Duration {
        self.random.between(shortest, longest)
    }

    /// The repository's place in the list, where it is added if need be.
    fn repository(&mut self, repository: &Repository) -> usize {
        if let Some(index) = self.repository_by_name.get(repository) {
            return *index;
        }
        let owner = self.owner(repository.owner());
        let index = self.repositories.len();
        self.repositories.push(RepositoryState {
            name: repository.clone(),
            owner,
            place: None,
            queued: Grouped::default(),
            runs: [RunList::default(), RunList::default()],
        });
        self.repository_by_name.insert(repository.clone(), index);
        index
    }

    fn owner(&mut self, name: &str) -> usize {
        if let Some(index) = self.owner_by_name.get(name) {
            return *index;
        }
        let index = self.owners.len();
        self.owners.push(OwnerState { place: None, queued: Grouped::default() });
        self.owner_by_name.insert(name.to_owned(), index);
        index
    }
}

/// A repository, with what is open in it.
struct RepositoryState {
    name: Repository,
    owner: usize,
    /// Where its runners are, once it had one.
    place: Option<usize>,
    queued: Grouped,
    /// Queued runs and runs in progress.
    runs: [RunList; 2],
}

/// The runs of a repository in one status.
#[derive(Default)]
struct RunList {
    runs: BTreeSet<usize>,
    /// Counts changes: the etag.
    version: u64,
}

/// A user or organization.
struct OwnerState {
    /// Where its runners are, once it had one.
    place: Option<usize>,
    /// The queued jobs of all its repositories.
    queued: Grouped,
}

/// Where runners are registered, with those that are.
struct PlaceState {
    place: Place,
    scope: Scope,
    registered: BTreeSet<usize>,
    names: BTreeMap<String, usize>,
    listening: Grouped,
}

/// Whose jobs the runners of a place get.
#[derive(Clone, Copy)]
enum Scope {
    Repository(usize),
    Owner(usize),
}

/// Queued jobs, or listening runners, by label set. No set is empty.
#[derive(Default)]
struct Grouped(BTreeMap<usize, BTreeSet<usize>>);

impl Grouped {
    fn insert(&mut self, labels: usize, it: usize) {
        self.0.entry(labels).or_default().insert(it);
    }

    fn remove(&mut self, labels: usize, it: usize) {
        if let Some(group) = self.0.get_mut(&labels) {
            group.remove(&it);
            if group.is_empty() {
                self.0.remove(&labels);
            }
        }
    }

    /// The groups whose label set passes the test.
    fn of(&self, test: impl Fn(usize) -> bool) -> impl Iterator<Item = &BTreeSet<usize>> {
        self.0.iter().filter(move |(labels, _)| test(**labels)).map(|(_, group)| group)
    }
}

/// Label sets, each once.
#[derive(Default)]
struct LabelSets {
    sets: Vec<BTreeSet<Label>>,
    by_labels: BTreeMap<BTreeSet<Label>, usize>,
}

impl LabelSets {
    /// The number of this set.
    fn number(&mut self, labels: &BTreeSet<Label>) -> usize {
        if let Some(number) = self.by_labels.get(labels) {
            return *number;
        }
        self.sets.push(labels.clone());
        self.by_labels.insert(labels.clone(), self.sets.len() - 1);
        self.sets.len() - 1
    }

    /// Whether a runner can take a job: it has every label of it. Labels are held in lower case, so case does not matter.
    fn fits(&self, runner: usize, job: usize) -> bool {
        runner == job || self.sets[job].is_subset(&self.sets[runner])
    }
}
