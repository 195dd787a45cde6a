//! What checks and statistics see of GitHub, unlike handlers.

use std::collections::BTreeSet;

use jit_runners_model::{
    Label,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::{
    port::{GithubJobStatus, RegistrationTarget},
    time::Time,
};

use super::{GithubWorld, RunId, identity::RepositoryState, limit::ApiCalls, refusal::Refusals};

/// A job, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView<'a> {
    /// Which job.
    pub job: &'a JobRef,
    /// Its run.
    pub run: RunId,
    /// Its labels.
    pub labels: &'a BTreeSet<Label>,
    /// Where it stands. A job that was assigned and not picked up is queued.
    pub status: GithubJobStatus,
    /// When it was pushed.
    pub created_at: Time,
    /// When it was queued; for a held job, when it was let through.
    pub queued_at: Option<Time>,
    /// When a runner picked it up. As at GitHub, a job that ended without a start has the time of its end.
    pub started_at: Option<Time>,
    /// When it was over.
    pub completed_at: Option<Time>,
    /// Somebody cancelled it.
    pub cancelled: bool,
    /// How it ended.
    pub conclusion: Option<&'static str>,
    /// The id of the runner that picked it up.
    pub runner_id: Option<u64>,
    /// The name of that runner.
    pub runner_name: Option<&'a str>,
}

/// A registered runner, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationView<'a> {
    /// GitHub's id of it.
    pub id: u64,
    /// Its name.
    pub name: &'a str,
    /// Where it is registered.
    pub target: &'a RegistrationTarget,
    /// Its labels.
    pub labels: &'a BTreeSet<Label>,
    /// It is shown as listening.
    pub online: bool,
    /// It is shown as having a job.
    pub busy: bool,
    /// When it was registered.
    pub created_at: Time,
    /// The job that was chosen for it.
    pub job: Option<&'a JobRef>,
}

/// How often rare things happened, which must happen in some of many seeds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Happened {
    /// A name was taken.
    pub names_taken: u32,
    /// A runner that was to be removed had a job.
    pub still_busy: u32,
    /// A runner lost its registration without being told.
    pub ghosts: u32,
    /// A runner without a job was dropped.
    pub idle_drops: u32,
    /// A job was queued again.
    pub requeued: u32,
    /// A job ended because its machine was gone.
    pub given_up: u32,
    /// A webhook was lost.
    pub webhooks_lost: u32,
    /// A webhook came twice.
    pub webhooks_doubled: u32,
    /// A webhook was late.
    pub webhooks_late: u32,
    /// A call met an outage.
    pub met_outage: u32,
    /// A call was answered with an error.
    pub server_errors: u32,
    /// A call was answered with an error, and carried out.
    pub done_despite_error: u32,
    /// A call was refused though it was within the published limits.
    pub unreasonable_refusals: u32,
    /// Something was refused because of its place.
    pub refused: Refusals,
    /// A run that hangs was pushed.
    pub hanging_runs: u32,
    /// A run of another installation was pushed.
    pub foreign_runs: u32,
    /// A job was approved.
    pub approvals: u32,
    /// A job was approved that was said to be queued before.
    pub announced_approvals: u32,
    /// A runner was turned away because of its release.
    pub deprecated_runners: u32,
    /// A repository was renamed or transferred.
    pub renames: u32,
    /// A request was made under an old name.
    pub redirects: u32,
    /// A runner with a job was removed, because it was shown without one.
    pub blind_removals: u32,
    /// A call was refused because its token was young.
    pub young_tokens: u32,
    /// A runner updated itself before it listened.
    pub self_updates: u32,
    /// An event of a stranger's job was sent.
    pub strangers_events: u32,
}

impl GithubWorld {
    /// Every job that there ever was in our installation, in the order in which they came.
    pub fn all_jobs(&self) -> impl Iterator<Item = JobView<'_>> {
        let is_ours = |job: &usize| self.repositories[self.jobs[*job].repository].is_ours();
        (0..self.jobs.len()).filter(is_ours).map(|job| self.job_view(job))
    }

    /// When a job that was held was let go; `None` if it was not held, or still is.
    pub fn let_go_at(&self, job_id: u64) -> Option<Time> {
        let it = &self.jobs[self.job_with_id(job_id)?];
        it.held.for_time.and(it.queued_at)
    }

    /// The repositories of our installation.
    pub fn repositories_of_ours(&self) -> impl Iterator<Item = &Repository> {
        self.repositories.iter().filter(|repository| repository.is_ours()).map(RepositoryState::name)
    }

    /// Whether a job was ever given to this runner, which picked it up.
    pub fn was_given(&self, job: &JobRef, runner_id: u64) -> bool {
        let (job, runner) = (self.job_index(job), self.runner_index(runner_id));
        job.zip(runner).is_some_and(|it| self.given.contains(&it))
    }

    /// The job that a runner has picked up, whether or not its registration was removed.
    pub fn job_under_way(&self, runner_id: u64) -> Option<JobView<'_>> {
        let job = self.runners[self.runner_index(runner_id)?].job()?;
        Some(self.job_view(job)).filter(|view| view.status == GithubJobStatus::InProgress)
    }

    /// One job.
    pub fn look_at(&self, job: &JobRef) -> Option<JobView<'_>> {
        self.job_index(job).map(|job| self.job_view(job))
    }

    /// Jobs that are not over.
    pub fn open_jobs(&self) -> usize {
        self.open_jobs
    }

    /// The jobs of a run's latest attempt.
    pub fn jobs_of(&self, run: RunId) -> impl Iterator<Item = JobView<'_>> {
        let jobs = self.run_index(run.id).map_or(0..0, |run| self.runs[run].jobs.clone());
        jobs.map(|job| self.job_view(job))
    }

    /// Every registered runner, target by target.
    pub fn registrations(&self) -> impl Iterator<Item = RegistrationView<'_>> {
        self.targets
            .iter()
            .flat_map(|target| &target.registered)
            .map(|runner| self.registration_view(*runner))
    }

    /// One runner, while it is registered.
    pub fn registration(&self, runner_id: u64) -> Option<RegistrationView<'_>> {
        let runner = self.runner_index(runner_id).filter(|runner| self.runners[*runner].is_registered())?;
        Some(self.registration_view(runner))
    }

    /// How often the rarer things happened.
    pub const fn happened(&self) -> Happened {
        self.happened
    }

    /// How often the API was called, and how often beyond a limit.
    pub fn calls(&self) -> &ApiCalls {
        &self.limits.calls
    }

    fn registration_view(&self, runner: usize) -> RegistrationView<'_> {
        let it = &self.runners[runner];
        RegistrationView {
            id: Self::runner_id(runner),
            name: &it.name,
            target: &self.targets[it.target].target,
            labels: &self.label_sets.sets[it.labels],
            online: it.is_online(),
            busy: it.is_busy(),
            created_at: it.created_at,
            job: it.job().map(|job| &self.jobs[job].reference),
        }
    }

    fn job_view(&self, job: usize) -> JobView<'_> {
        let it = &self.jobs[job];
        JobView {
            job: &it.reference,
            run: RunId { id: Self::run_id(it.run) },
            labels: &self.label_sets.sets[it.labels],
            status: it.stage.status(),
            created_at: it.created_at,
            queued_at: it.queued_at,
            started_at: it.started_at,
            completed_at: it.completed_at,
            cancelled: it.cancelled,
            conclusion: it.conclusion,
            runner_id: it.runner.map(Self::runner_id),
            runner_name: it.runner.map(|runner| self.runners[runner].name.as_str()),
        }
    }
}
