//! Demand: runs of workflows and their jobs.

use std::{collections::BTreeSet, mem, ops::Range, time::Duration};

use jit_runners_model::{
    Label,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::{port::GithubJobStatus, time::Time};

use super::{GithubWorld, Step, webhook::Action};

/// The first job's id; ids grow.
const FIRST_JOB: u64 = 30_000_000_001;
/// The first run's id; ids grow.
const FIRST_RUN: u64 = 9_000_000_001;
/// The time from a cancellation until a running job is over.
const CANCELLING: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(10));

/// The lists of runs of a repository, by their place in [`super::RepositoryState::runs`].
pub(super) const QUEUED: usize = 0;
/// Runs with a job under way.
pub(super) const IN_PROGRESS: usize = 1;
/// Runs with a job that waits for an approval.
pub(super) const WAITING: usize = 2;
/// Runs all of whose open jobs are held by concurrency.
pub(super) const PENDING: usize = 3;
/// How many lists there are.
pub(super) const LISTS: usize = 4;

/// A run, as [`GithubWorld::push`] names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId {
    /// GitHub's id of it.
    pub id: u64,
}

/// A job that a push brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewJob {
    /// Its labels.
    pub labels: BTreeSet<Label>,
    /// How long it runs.
    pub duration: Duration,
    /// How long it is held before it is queued, if at all.
    pub held_for: Option<Duration>,
    /// A webhook `queued` is sent before it is held, and another one after it
    /// (<https://github.com/CloudSnorkel/cdk-github-runners/issues/380>).
    pub announced: bool,
    /// It waits for an approval, and its run is `waiting` until then. Otherwise, the concurrency of its workflow holds
    /// it.
    pub gated: bool,
}

/// A run and the jobs of its latest attempt.
pub(super) struct RunState {
    pub repository: usize,
    pub attempt: u32,
    pub jobs: Range<usize>,
    /// How many of those jobs wait for a runner, have one, wait for an approval, and are held by concurrency.
    queued: usize,
    running: usize,
    gated: usize,
    pending: usize,
    open: usize,
    /// It has no jobs, stays queued, and cannot be cancelled
    /// (<https://github.com/actions/runner/issues/3872>).
    hangs: bool,
    /// In which list it stands, and since when.
    pub listed: Option<usize>,
    pub listed_at: Time,
    /// When one of its jobs last changed.
    pub updated_at: Time,
}

/// A job.
pub(super) struct Job {
    pub reference: JobRef,
    pub repository: usize,
    pub run: usize,
    pub labels: usize,
    pub duration: Duration,
    pub held: Held,
    pub created_at: Time,
    pub queued_at: Option<Time>,
    pub started_at: Option<Time>,
    pub completed_at: Option<Time>,
    /// The runner that picked it up.
    pub runner: Option<usize>,
    pub cancelled: bool,
    pub conclusion: Option<&'static str>,
    pub stage: Stage,
    /// Counts changes of the stage.
    pub epoch: u32,
    /// The state before its last change, and when that was.
    pub before: GithubJobStatus,
    pub changed_at: Time,
}

/// Whether, how and for how long a job is held before it is queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub for_time: Option<Duration>,
    pub announced: bool,
    pub gated: bool,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Not yet waiting for a runner.
    Held,
    /// Waiting for a runner.
    Queued,
    /// A runner was chosen, which has not picked it up.
    Assigned { runner: usize, at: Time },
    /// A runner has it.
    Running { runner: usize, assigned_at: Time },
    /// Over.
    Completed,
}

impl Stage {
    /// As the API shows it.
    pub(super) const fn status(self) -> GithubJobStatus {
        match self {
            Self::Held => GithubJobStatus::Held,
            Self::Queued | Self::Assigned { .. } => GithubJobStatus::Queued,
            Self::Running { .. } => GithubJobStatus::InProgress,
            Self::Completed => GithubJobStatus::Completed,
        }
    }
}

impl Job {
    /// Whether it is over.
    pub(super) fn is_over(&self) -> bool {
        self.stage == Stage::Completed
    }
}

impl GithubWorld {
    /// A push: a run of a workflow with these jobs.
    pub fn push(&mut self, now: Time, repository: &Repository, jobs: Vec<NewJob>) -> RunId {
        let repository = self.repository(repository);
        self.add_run(now, repository, jobs)
    }

    /// A run that stays queued for ever, without jobs.
    pub fn push_hanging(&mut self, now: Time, repository: &Repository) -> RunId {
        let repository = self.repository(repository);
        self.happened.hanging_runs += 1;
        let run = self.add_run(now, repository, Vec::new());
        let index = self.runs.len() - 1;
        self.runs[index].hangs = true;
        self.list_run(now, index);
        run
    }

    /// A run in a repository of another installation, whose webhooks reach us, too. No runner of ours can get its jobs.
    pub fn push_foreign(
        &mut self,
        now: Time,
        installation: u64,
        repository: &Repository,
        jobs: Vec<NewJob>,
    ) -> RunId {
        self.happened.foreign_runs += 1;
        let repository = self.foreign_repository(installation, repository);
        self.add_run(now, repository, jobs)
    }

    fn add_run(&mut self, now: Time, repository: usize, jobs: Vec<NewJob>) -> RunId {
        let run = self.runs.len();
        let start = self.jobs.len();
        self.runs.push(RunState {
            repository,
            attempt: 1,
            jobs: start..start,
            queued: 0,
            running: 0,
            gated: 0,
            pending: 0,
            open: 0,
            hangs: false,
            listed: None,
            listed_at: now,
            updated_at: now,
        });
        for NewJob { labels, duration, held_for, announced, gated } in jobs {
            let labels = self.label_sets.number(&labels);
            self.add_job(now, run, labels, duration, Held { for_time: held_for, announced, gated });
        }
        RunId { id: Self::run_id(run) }
    }

    /// Somebody cancels a run. Jobs without a runner are over at once, the others a few seconds later. Returns false
    /// if the run was over.
    pub fn cancel(&mut self, now: Time, run: RunId) -> bool {
        let Some(run) = self.run_index(run.id) else { return false };
        let mut any = false;
        for job in self.runs[run].jobs.clone() {
            any |= self.cancel_at(now, job);
        }
        any
    }

    /// Somebody cancels one job. Returns false if it was over.
    pub fn cancel_job(&mut self, now: Time, job: &JobRef) -> bool {
        self.job_index(job).is_some_and(|job| self.cancel_at(now, job))
    }

    /// Somebody starts a new attempt of a run, with new ids for its jobs. Returns false if the run is not over.
    pub fn rerun(&mut self, now: Time, run: RunId) -> bool {
        let is_over = |run: &usize| self.runs[*run].open == 0 && !self.runs[*run].hangs;
        let Some(run) = self.run_index(run.id).filter(is_over) else { return false };
        let state = &mut self.runs[run];
        state.attempt += 1;
        let jobs = mem::replace(&mut state.jobs, self.jobs.len()..self.jobs.len());
        for job in jobs {
            let Job { labels, duration, held, .. } = self.jobs[job];
            self.add_job(now, run, labels, duration, held);
        }
        true
    }

    /// The gate lets the job through.
    pub(super) fn release(&mut self, now: Time, job: usize, epoch: u32) {
        let it = &self.jobs[job];
        if it.epoch == epoch {
            self.happened.approvals += u32::from(it.held.gated);
            self.happened.announced_approvals += u32::from(it.held.announced);
            self.queue(now, job);
        }
    }

    /// The job waited for a day
    /// (<https://docs.github.com/en/actions/reference/runners/self-hosted-runners>).
    pub(super) fn expire_job(&mut self, now: Time, job: usize) {
        if self.jobs[job].stage == Stage::Queued {
            self.complete(now, job, "failure");
        }
    }

    /// Ends a job.
    pub(super) fn complete(&mut self, now: Time, job: usize, conclusion: &'static str) {
        self.set_stage(now, job, Stage::Completed);
        let it = &mut self.jobs[job];
        it.started_at.get_or_insert(now);
        it.completed_at = Some(now);
        it.conclusion = Some(conclusion);
        let runner = it.runner;
        self.notify(now, job, Action::Completed, runner);
    }

    /// Moves a job to a stage, and updates every list.
    pub(super) fn set_stage(&mut self, now: Time, job: usize, stage: Stage) {
        let it = &mut self.jobs[job];
        let before = mem::replace(&mut it.stage, stage);
        it.before = before.status();
        it.changed_at = now;
        it.epoch += 1;
        let (repository, run, labels, gated) = (it.repository, it.run, it.labels, it.held.gated);
        let repository = &mut self.repositories[repository];
        if repository.is_ours() {
            for queued in [&mut repository.queued, &mut self.owners[repository.owner].queued] {
                if before == Stage::Queued {
                    queued.remove(labels, job);
                }
                if stage == Stage::Queued {
                    queued.insert(labels, job);
                }
            }
            if stage == Stage::Completed {
                self.open_jobs -= 1;
            }
        }
        // All jobs of earlier attempts are over, so this one belongs to the latest.
        let run_state = &mut self.runs[run];
        run_state.count(before, gated, -1);
        run_state.count(stage, gated, 1);
        self.list_run(now, run);
    }

    /// The index of the job with this id.
    pub(super) fn job_with_id(&self, job_id: u64) -> Option<usize> {
        index(FIRST_JOB, job_id).filter(|index| *index < self.jobs.len())
    }

    /// The job's index in the list.
    pub(super) fn job_index(&self, job: &JobRef) -> Option<usize> {
        let index = index(FIRST_JOB, job.job_id)?;
        let repository = self.known_repository(&job.repository)?;
        let it = self.jobs.get(index)?;
        (it.repository == repository && it.reference.run_attempt == job.run_attempt).then_some(index)
    }

    /// The run's index in the list.
    pub(super) fn run_index(&self, run_id: u64) -> Option<usize> {
        index(FIRST_RUN, run_id).filter(|index| *index < self.runs.len())
    }

    /// The id of a run.
    pub(super) fn run_id(run: usize) -> u64 {
        id(FIRST_RUN, run)
    }

    fn add_job(&mut self, now: Time, run: usize, labels: usize, duration: Duration, held: Held) {
        let index = self.jobs.len();
        let run_state = &mut self.runs[run];
        run_state.jobs.end = index + 1;
        run_state.open += 1;
        run_state.count(Stage::Held, held.gated, 1);
        let repository = &self.repositories[run_state.repository];
        if repository.is_ours() {
            self.open_jobs += 1;
        }
        let reference = JobRef {
            repository: repository.name().clone(),
            job_id: id(FIRST_JOB, index),
            run_attempt: run_state.attempt,
        };
        self.jobs.push(Job {
            reference,
            repository: run_state.repository,
            run,
            labels,
            duration,
            held,
            created_at: now,
            queued_at: None,
            started_at: None,
            completed_at: None,
            runner: None,
            cancelled: false,
            conclusion: None,
            stage: Stage::Held,
            epoch: 0,
            before: GithubJobStatus::Held,
            changed_at: now,
        });
        if let Some(held_for) = held.for_time {
            if held.announced {
                self.notify(now, index, Action::Queued, None);
            }
            self.notify(now, index, Action::Waiting, None);
            self.list_run(now, run);
            self.schedule.add(now + held_for, Step::Release { job: index, epoch: 0 });
        } else {
            self.queue(now, index);
        }
    }

    fn queue(&mut self, now: Time, job: usize) {
        self.jobs[job].queued_at = Some(now);
        self.set_stage(now, job, Stage::Queued);
        self.notify(now, job, Action::Queued, None);
        self.schedule.add_for_tomorrow(now, Step::ExpireJob { job });
        if self.repositories[self.jobs[job].repository].is_ours() {
            self.seek_runner_later(now, job);
        }
    }

    fn cancel_at(&mut self, now: Time, job: usize) -> bool {
        match self.jobs[job].stage {
            Stage::Completed => return false,
            Stage::Held | Stage::Queued => self.complete(now, job, "cancelled"),
            Stage::Assigned { runner, .. } => {
                // The runner asks for a job that is gone.
                self.complete(now, job, "cancelled");
                let at = now + self.delay(self.settings.pickup_delay);
                self.schedule.add(at, Step::Ghost { runner });
            }
            Stage::Running { runner, .. } => {
                let first = !mem::replace(&mut self.jobs[job].cancelled, true);
                // A lost machine does not hear of it.
                if first && !self.runners[runner].lost {
                    let at = now + self.delay(CANCELLING);
                    self.schedule.add(at, Step::End { job, epoch: self.jobs[job].epoch });
                }
            }
        }
        self.jobs[job].cancelled = true;
        true
    }

    /// Puts a run whose jobs changed into its list. Any change of a job changes the etag of the list, because the
    /// list says when its runs last changed.
    fn list_run(&mut self, now: Time, run: usize) {
        let state = &mut self.runs[run];
        state.updated_at = now;
        let lists = &mut self.repositories[state.repository].runs;
        let list = state.list();
        if state.listed != list {
            if let Some(old) = state.listed {
                lists[old].runs.remove(&run);
                lists[old].version += 1;
            }
            if let Some(new) = list {
                lists[new].runs.insert(run);
            }
            state.listed = list;
            state.listed_at = now;
        }
        if let Some(new) = list {
            lists[new].version += 1;
        }
    }
}

impl RunState {
    /// Whether it stays queued for ever.
    pub(super) const fn hangs(&self) -> bool {
        self.hangs
    }

    /// The list of runs that it belongs to. A run with a job that waits for an approval is in no other list, whatever
    /// its other jobs do (<https://github.com/kedacore/keda/issues/5788>).
    const fn list(&self) -> Option<usize> {
        if self.gated > 0 {
            Some(WAITING)
        } else if self.running > 0 {
            Some(IN_PROGRESS)
        } else if self.queued > 0 || self.hangs {
            Some(QUEUED)
        } else if self.pending > 0 {
            Some(PENDING)
        } else {
            None
        }
    }

    fn count(&mut self, stage: Stage, gated: bool, by: isize) {
        let counter = match stage {
            Stage::Held if gated => &mut self.gated,
            Stage::Held => &mut self.pending,
            Stage::Queued | Stage::Assigned { .. } => &mut self.queued,
            Stage::Running { .. } => &mut self.running,
            Stage::Completed => {
                self.open -= 1;
                return;
            }
        };
        *counter = counter.saturating_add_signed(by);
    }
}

fn id(first: u64, index: usize) -> u64 {
    first + u64::try_from(index).unwrap_or(u64::MAX - first)
}

fn index(first: u64, id: u64) -> Option<usize> {
    usize::try_from(id.checked_sub(first)?).ok()
}
