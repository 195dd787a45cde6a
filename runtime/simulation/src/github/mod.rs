//! GitHub, simulated: demand, runners, the REST API with its limits, and webhooks.
//!
//! A plain value without a clock: every call has the time as an argument, and time never goes back. What GitHub does
//! by itself happens in [`GithubWorld::advance`]. It reads only what the handlers asked for, never what they know.

mod assignment;
mod demand;
mod identity;
mod limit;
mod refusal;
mod rest;
mod runner;
mod settings;
mod stranger;
mod token;
mod view;
mod webhook;

pub(crate) use self::token::issued_at;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use jit_runners_model::{
    Label,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::{port::RegistrationTarget, time::Time};

use self::{
    demand::{Job, RunState},
    identity::{Names, RepositoryState},
    limit::Limits,
    refusal::LastRefused,
    runner::Runner,
    stranger::StrangersJob,
    webhook::{Notice, Sender},
};
pub use self::{
    demand::{NewJob, RunId},
    identity::OUR_INSTALLATION,
    limit::{ApiCalls, Endpoint, EndpointCalls},
    refusal::{PlaceRefusal, Refusals, RefusedCall},
    runner::ConnectError,
    settings::{GithubSettings, downloads_of},
    stranger::{StrangersEvent, THEIR_RUNNER},
    view::{Happened, JobView, RegistrationView},
    webhook::Action,
};
use crate::{engine::EventQueue, random::Random};

/// After a day, a queued job fails and an offline ephemeral runner is removed
/// (<https://docs.github.com/en/actions/reference/runners/self-hosted-runners>).
const DAY: Duration = Duration::from_hours(24);

/// GitHub: what it knows, what it will do, and what it counted.
pub struct GithubWorld {
    settings: GithubSettings,
    random: Random,
    /// Decides about faults that came later, so that the others of a seed stay as they are.
    trouble: Random,
    schedule: Schedule,
    sender: Sender,
    limits: Limits,
    label_sets: LabelSets,
    repositories: Vec<RepositoryState>,
    names: Names,
    owners: Vec<OwnerState>,
    owner_by_name: BTreeMap<String, usize>,
    targets: Vec<TargetState>,
    runs: Vec<RunState>,
    jobs: Vec<Job>,
    open_jobs: usize,
    runners: Vec<Runner>,
    /// Which jobs were given to which runners.
    given: BTreeSet<(usize, usize)>,
    strangers: Vec<StrangersJob>,
    last_refused: LastRefused,
    happened: Happened,
}

/// Events of GitHub that the rest of the world notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GithubEvent {
    /// A webhook arrives.
    Webhook {
        /// Its headers, with names in lower case as an HTTP API passes them on.
        headers: Vec<(&'static str, String)>,
        /// Its body.
        body: Vec<u8>,
    },
    /// A runner has picked up its job.
    JobStarted {
        /// The runner.
        runner_id: u64,
        /// The job.
        job: JobRef,
    },
    /// The job is over: the runner's process exits. This does not happen for lost machines.
    JobEnded {
        /// The runner.
        runner_id: u64,
        /// The job.
        job: JobRef,
    },
    /// The registration of a listening runner was removed. Its process is told, and exits.
    Dropped {
        /// The runner.
        runner_id: u64,
    },
    /// The registration of a runner was used up by a job that was gone. Its process is not told, and listens for
    /// ever.
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
            trouble: random.fork("trouble"),
            random,
            schedule: Schedule::default(),
            label_sets: LabelSets::default(),
            repositories: Vec::new(),
            names: Names::default(),
            owners: Vec::new(),
            owner_by_name: BTreeMap::new(),
            targets: Vec::new(),
            runs: Vec::new(),
            jobs: Vec::new(),
            open_jobs: 0,
            runners: Vec::new(),
            given: BTreeSet::new(),
            strangers: Vec::new(),
            last_refused: LastRefused::new(),
            happened: Happened::default(),
        }
    }

    /// How it behaves from now on. Scenarios use this to end faults.
    pub fn settings_mut(&mut self) -> &mut GithubSettings {
        &mut self.settings
    }

    /// Adds a repository to the installation, if it is not there.
    pub fn add_repository(&mut self, repository: &Repository) {
        self.repository(repository);
    }

    /// When GitHub next does something by itself.
    pub fn next_at(&self) -> Option<Time> {
        self.schedule.next_at()
    }

    /// Does everything that is due at `now`, in order, and adds to `out` what the rest of the world notices.
    pub fn advance(&mut self, now: Time, out: &mut Vec<GithubEvent>) {
        while let Some((at, step)) = self.schedule.pop(now) {
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
                Step::Updated { runner } => self.updated(at, runner),
                Step::Deliver(notice) => self.deliver(notice, out),
                Step::ExpireJob { job } => self.expire_job(at, job),
                Step::ExpireRunner { runner } => self.expire_runner(at, runner),
            }
        }
        let (jobs, runners) = (&self.jobs, &self.runners);
        self.schedule.forget_for_tomorrow(|step| match step {
            Step::ExpireJob { job } => jobs[job].is_over(),
            Step::ExpireRunner { runner } => runners[runner].is_gone(),
            _ => false,
        });
    }

    /// A delay of the world.
    fn delay(&mut self, (shortest, longest): (Duration, Duration)) -> Duration {
        self.random.between(shortest, longest)
    }
}

/// A step that GitHub does by itself. `epoch` is that of the job: the step is void if the job has moved on.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// The gate lets the job through.
    Release { job: usize, epoch: u32 },
    /// The job looks for a runner.
    SeekRunner { job: usize },
    /// The runner looks for a job.
    SeekJob { runner: usize },
    /// The runner starts its job.
    PickUp { job: usize, epoch: u32 },
    /// The runner finds that its job is gone.
    Ghost { runner: usize },
    /// The job waits for a runner again.
    Requeue { job: usize, epoch: u32 },
    /// The job is over.
    End { job: usize, epoch: u32 },
    /// GitHub gives up the job of a lost machine.
    GiveUp { job: usize, epoch: u32 },
    /// GitHub drops a runner that was idle for too long.
    Drop { runner: usize },
    /// GitHub notices that the runner's machine is silent.
    Silent { runner: usize },
    /// The runner is told that its registration is gone.
    Tell { runner: usize },
    /// The runner has updated itself.
    Updated { runner: usize },
    /// A webhook arrives.
    Deliver(Notice),
    /// A job that is still queued fails.
    ExpireJob { job: usize },
    /// A runner that is still offline is removed.
    ExpireRunner { runner: usize },
}

/// Steps in the order of their time; at one time, in the order in which they were added.
#[derive(Debug, Default)]
struct Schedule {
    steps: EventQueue<Step>,
    /// Steps that are due a day after they were added are in order anyway, and there are many of them.
    after_a_day: VecDeque<(Time, Step)>,
}

impl Schedule {
    /// Adds a step.
    fn add(&mut self, at: Time, step: Step) {
        self.steps.schedule(at, step);
    }

    /// Adds a step that is due in a day.
    fn add_for_tomorrow(&mut self, now: Time, step: Step) {
        self.after_a_day.push_back((now + DAY, step));
    }

    /// When the next step is due.
    fn next_at(&self) -> Option<Time> {
        let tomorrow = self.after_a_day.front().map(|(at, _)| *at);
        self.steps.next_at().into_iter().chain(tomorrow).min()
    }

    /// Takes the next step that is due at `now`.
    fn pop(&mut self, now: Time) -> Option<(Time, Step)> {
        let at = self.next_at().filter(|at| *at <= now)?;
        if self.steps.next_at() == Some(at) { self.steps.pop() } else { self.after_a_day.pop_front() }
    }

    /// Removes void steps from the front of those for tomorrow.
    fn forget_for_tomorrow(&mut self, is_void: impl Fn(Step) -> bool) {
        while self.after_a_day.front().is_some_and(|(_, step)| is_void(*step)) {
            self.after_a_day.pop_front();
        }
    }
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
    name: String,
    /// Where its runners are, once it had one.
    target: Option<usize>,
    /// The queued jobs of all its repositories.
    queued: Grouped,
}

/// A registration target and its runners.
struct TargetState {
    target: RegistrationTarget,
    scope: Scope,
    registered: BTreeSet<usize>,
    names: BTreeMap<String, usize>,
    listening: Grouped,
}

/// Whose jobs the runners of a target get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    /// Whether a runner can take a job: it has all labels of the job. Labels are in lower case here, so case does not
    /// matter.
    fn fits(&self, runner: usize, job: usize) -> bool {
        runner == job || self.sets[job].is_subset(&self.sets[runner])
    }
}
