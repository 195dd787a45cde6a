//! The bodies of GitHub's answers: the few fields that matter here. Fields that are sometimes missing or null are
//! optional, whatever the schema says.

use std::collections::BTreeSet;

use jit_runners_model::{
    Label,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::{
    port::{Download, EndOfLife, GithubJob, GithubJobStatus, JitConfiguration, Registered, Run},
    time::Time,
    webhook,
};
use serde::Deserialize;

/// A new runner.
#[derive(Deserialize)]
pub(super) struct NewRunner {
    runner: RunnerId,
    encoded_jit_config: String,
}

#[derive(Deserialize)]
struct RunnerId {
    id: u64,
}

impl From<NewRunner> for JitConfiguration {
    fn from(new: NewRunner) -> Self {
        Self { runner_id: new.runner.id, encoded: new.encoded_jit_config }
    }
}

/// Registered runners.
#[derive(Deserialize)]
pub(super) struct RunnerList {
    runners: Vec<ListedRunner>,
}

#[derive(Deserialize)]
struct ListedRunner {
    id: u64,
    name: String,
    status: Option<String>,
    busy: Option<bool>,
}

impl RunnerList {
    pub(super) fn registered(self) -> impl Iterator<Item = Registered> {
        self.runners.into_iter().map(|runner| Registered {
            id: runner.id,
            name: runner.name,
            online: runner.status.is_some_and(|status| status == "online"),
            busy: runner.busy.unwrap_or_default(),
        })
    }
}

/// Runs of workflows.
#[derive(Deserialize)]
pub(super) struct RunList {
    workflow_runs: Vec<ListedRun>,
}

#[derive(Deserialize)]
struct ListedRun {
    id: u64,
    updated_at: Option<String>,
}

impl RunList {
    /// Its runs. One without a readable time counts as never changed, and is read again after some time.
    pub(super) fn runs(&self) -> Vec<Run> {
        let updated_at = |run: &ListedRun| run.updated_at.as_deref().and_then(time).unwrap_or_default();
        self.workflow_runs.iter().map(|run| Run { id: run.id, updated_at: updated_at(run) }).collect()
    }
}

/// Repositories of the installation.
#[derive(Deserialize)]
pub(super) struct RepositoryList {
    repositories: Vec<ListedRepository>,
}

#[derive(Deserialize)]
pub(super) struct ListedRepository {
    #[serde(default)]
    id: u64,
    full_name: Repository,
}

impl From<ListedRepository> for Repository {
    fn from(listed: ListedRepository) -> Self {
        listed.full_name.with_id(listed.id)
    }
}

impl RepositoryList {
    pub(super) fn names(self) -> Vec<Repository> {
        self.repositories.into_iter().map(Repository::from).collect()
    }
}

/// Jobs of a run.
#[derive(Deserialize)]
pub(super) struct JobList {
    jobs: Vec<ListedJob>,
}

impl JobList {
    pub(super) fn of(self, repository: &Repository) -> Vec<GithubJob> {
        self.jobs.into_iter().map(|job| job.listed(repository)).collect()
    }
}

/// A job (<https://docs.github.com/en/rest/actions/workflow-jobs#get-a-job-for-a-workflow-run>).
#[derive(Deserialize)]
pub(super) struct ListedJob {
    id: u64,
    run_attempt: Option<u32>,
    status: Option<String>,
    labels: Option<Vec<String>>,
    created_at: Option<String>,
    started_at: Option<String>,
    runner_name: Option<String>,
    runner_id: Option<u64>,
}

impl ListedJob {
    /// The job that was asked for by its id.
    pub(super) fn asked_for(self, job: &JobRef) -> GithubJob {
        let (labels, _) = self.labels();
        self.job(job.clone(), labels)
    }

    /// A job of a list of `repository`.
    ///
    /// A job that none of our runners can have is shown as completed. It must stay on its page, because a page that
    /// is not full counts as the last. The webhook function ignores the same jobs.
    fn listed(self, repository: &Repository) -> GithubJob {
        let (labels, ours) = self.labels();
        let run_attempt = self.run_attempt.unwrap_or(1);
        let mut job = self.job_of(repository, run_attempt, labels);
        if !ours {
            job.status = GithubJobStatus::Completed;
        }
        job
    }

    fn job_of(self, repository: &Repository, run_attempt: u32, labels: BTreeSet<Label>) -> GithubJob {
        let job = JobRef { repository: repository.clone(), job_id: self.id, run_attempt };
        self.job(job, labels)
    }

    fn job(self, job: JobRef, labels: BTreeSet<Label>) -> GithubJob {
        let status = self.status();
        // The fields about a runner mean nothing before the job has one.
        let has_runner = matches!(status, GithubJobStatus::InProgress | GithubJobStatus::Completed);
        GithubJob {
            job,
            labels,
            status,
            queued_at: self.queued_at(),
            runner_name: self.runner_name.filter(|name| has_runner && !name.is_empty()),
            runner_id: self.runner_id.filter(|id| has_runner && *id > 0),
        }
    }

    /// Its status. An unknown status does not wait for a runner.
    fn status(&self) -> GithubJobStatus {
        match self.status.as_deref() {
            Some("queued") => GithubJobStatus::Queued,
            Some("in_progress") => GithubJobStatus::InProgress,
            Some("completed") => GithubJobStatus::Completed,
            _ => GithubJobStatus::Held,
        }
    }

    /// Those of its labels that a runner can have, in lower case, as GitHub compares them; and whether one of our
    /// runners can have the job.
    fn labels(&self) -> (BTreeSet<Label>, bool) {
        let all = self.labels.as_deref().unwrap_or_default();
        match webhook::labels(all) {
            Ok(labels) => (labels, true),
            Err(_) => (all.iter().filter_map(|text| Label::new(text.to_lowercase()).ok()).collect(), false),
        }
    }

    /// When it was queued. Without a readable time, it counts as waiting for ever: losing the job would be worse.
    fn queued_at(&self) -> Time {
        let times = [self.created_at.as_deref(), self.started_at.as_deref()];
        times.into_iter().flatten().find_map(time).unwrap_or_default()
    }
}

/// An archive of the runner
/// (<https://docs.github.com/en/rest/actions/self-hosted-runners#list-runner-applications-for-a-repository>).
#[derive(Deserialize)]
pub(super) struct ListedDownload {
    os: Option<String>,
    architecture: Option<String>,
    download_url: Option<String>,
    filename: Option<String>,
    sha256_checksum: Option<String>,
    /// A secret, so only its presence is read.
    temp_download_token: Option<serde::de::IgnoredAny>,
}

impl From<ListedDownload> for Download {
    /// Unchecked: missing fields are empty, and match nothing.
    fn from(listed: ListedDownload) -> Self {
        Self {
            os: listed.os.unwrap_or_default(),
            architecture: listed.architecture.unwrap_or_default(),
            file_name: listed.filename.unwrap_or_default(),
            url: listed.download_url.unwrap_or_default(),
            checksum: listed.sha256_checksum,
            takes_token: listed.temp_download_token.is_some(),
        }
    }
}

/// When the support of a release ends
/// (<https://docs.github.com/en/rest/actions/self-hosted-runners#get-runner-version-end-of-life-schedule-for-a-repository>).
#[derive(Deserialize)]
pub(super) struct Support {
    runtime_deprecates_at: Option<String>,
    registration_deprecates_at: Option<String>,
}

impl From<Support> for EndOfLife {
    /// An unreadable time counts as missing.
    fn from(support: Support) -> Self {
        let read = |text: Option<String>| text.as_deref().and_then(time);
        Self {
            runtime_at: read(support.runtime_deprecates_at),
            registration_at: read(support.registration_deprecates_at),
        }
    }
}

/// Reads a time of RFC 3339.
fn time(text: &str) -> Option<Time> {
    let time: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(time.as_millisecond()).ok().map(Time::from_millis)
}
