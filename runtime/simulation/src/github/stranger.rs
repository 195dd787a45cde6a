//! Strangers: neighbours who may use the App, too, and send any event about jobs of their own.
//!
//! A runner's name is free text that whoever registers it chooses, so an event of a stranger's job can have the name of
//! one of our runners. The id of a runner is GitHub's.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{
    Label,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::{
    port::{GithubJob, GithubJobStatus},
    time::Time,
};

use super::{
    GithubEvent, GithubWorld,
    identity::{OUR_INSTALLATION, repository_id},
    webhook::{Account, Action, Installation, Payload, RepositoryPart, Timestamp, WorkflowJob},
};

/// The first id of a stranger's job; ids grow.
const FIRST_JOB: u64 = 40_000_000_001;
/// The run of all those jobs.
const RUN: u64 = 8_000_000_001;

/// The id of a stranger's own runner. Ours are smaller.
pub const THEIR_RUNNER: u64 = 900_000_001;

/// An event of a stranger's job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrangersEvent {
    /// The repository of the job.
    pub repository: Repository,
    /// The installation of that repository.
    pub installation: u64,
    /// What is said to have happened. A job that is said to be queued is over: the event is an old one that was sent
    /// again.
    pub action: Action,
    /// The labels of the job.
    pub labels: BTreeSet<Label>,
    /// The name of the runner.
    pub runner_name: Option<String>,
    /// The id of the runner, as the event says it.
    pub runner_id: Option<u64>,
    /// How old the job is.
    pub age: Duration,
}

/// A stranger's job, as GitHub shows it to whoever may see it.
pub(super) struct StrangersJob {
    reference: JobRef,
    is_ours: bool,
    labels: BTreeSet<Label>,
    status: GithubJobStatus,
    created_at: Time,
    runner_name: Option<String>,
}

impl GithubWorld {
    /// Sends an event of a stranger's job, which GitHub shows as the event says.
    pub fn strangers_event(&mut self, now: Time, event: StrangersEvent) -> GithubEvent {
        let StrangersEvent { repository, installation, action, labels, runner_name, runner_id, age } = event;
        self.happened.strangers_events += 1;
        let index = if installation == OUR_INSTALLATION {
            self.repository(&repository)
        } else {
            self.foreign_repository(installation, &repository)
        };
        let job_id = FIRST_JOB + u64::try_from(self.strangers.len()).unwrap_or_default();
        let created_at = now - age;
        let payload = Payload {
            action: action.as_str(),
            workflow_job: WorkflowJob {
                id: job_id,
                run_id: RUN,
                workflow_name: "theirs",
                head_branch: "main",
                run_attempt: 1,
                head_sha: "0000000000000000000000000000000000000000",
                status: action.as_str(),
                conclusion: (action == Action::Completed).then_some("success"),
                created_at: Timestamp(created_at),
                started_at: Timestamp(created_at),
                completed_at: (action == Action::Completed).then_some(Timestamp(now)),
                name: "job",
                steps: [],
                labels: labels.iter().map(|label| label.as_str().into()).collect(),
                runner_id,
                runner_name: runner_name.as_deref(),
                runner_group_id: runner_id.map(|_| 1),
                runner_group_name: runner_id.map(|_| "Default"),
            },
            repository: RepositoryPart::new(repository_id(index), self.repositories[index].name()),
            sender: Account { login: "mallory" },
            installation: Installation { id: installation },
        };
        let number = self.sender.next_number();
        let delivery = self.sender.delivery(number, &payload);
        let name = self.repositories[index].name().clone();
        self.strangers.push(StrangersJob {
            reference: JobRef { repository: name, job_id, run_attempt: 1 },
            is_ours: installation == OUR_INSTALLATION,
            labels,
            status: match action {
                Action::Waiting => GithubJobStatus::Held,
                Action::InProgress => GithubJobStatus::InProgress,
                Action::Queued | Action::Completed => GithubJobStatus::Completed,
            },
            created_at,
            runner_name,
        });
        delivery
    }

    /// A stranger's job, if it is in a repository of our installation.
    pub(super) fn strangers_job(&self, job: &JobRef) -> Option<GithubJob> {
        let it = self.strangers.get(self.strangers_index(job)?).filter(|it| it.is_ours)?;
        let same = self.known_repository(&it.reference.repository) == self.known_repository(&job.repository);
        same.then(|| GithubJob {
            job: it.reference.clone(),
            labels: it.labels.clone(),
            status: it.status,
            queued_at: it.created_at,
            runner_name: it.runner_name.clone(),
            runner_id: it.runner_name.is_some().then_some(THEIR_RUNNER),
        })
    }

    /// Whether this is a stranger's job that is not over. Those of other installations should not be known at all.
    pub fn is_open_strangers_job(&self, job: &JobRef) -> bool {
        let it = self.strangers_index(job).map(|index| &self.strangers[index]);
        it.is_some_and(|it| it.is_ours && it.status != GithubJobStatus::Completed)
    }

    fn strangers_index(&self, job: &JobRef) -> Option<usize> {
        let index = usize::try_from(job.job_id.checked_sub(FIRST_JOB)?).ok()?;
        (index < self.strangers.len()).then_some(index)
    }
}
