//! GitHub's REST API.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{
    Label, RunnerVersion,
    choices::RunnerScope,
    contract::message::{JobRef, Repository},
};

use crate::time::Time;

/// Where runners are registered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegistrationTarget {
    /// With one repository.
    Repository(Repository),
    /// With an organization.
    Organization(String),
}

impl RegistrationTarget {
    /// Where the runners of `repository` are registered.
    pub fn of(scope: RunnerScope, repository: &Repository) -> Self {
        match scope {
            RunnerScope::Repository => Self::Repository(repository.clone()),
            RunnerScope::Organization => Self::Organization(repository.owner().to_owned()),
        }
    }

    /// What stands for it in keys. It tells an organization from a repository.
    pub fn identity(&self) -> String {
        match self {
            Self::Repository(repository) => repository.identity().into_owned(),
            Self::Organization(name) => format!("organization#{name}"),
        }
    }

    /// The target of that identity and name.
    pub fn of_identity(identity: &str, name: &str) -> Option<Self> {
        if identity.starts_with("organization#") {
            return Some(Self::Organization(name.to_owned()));
        }
        let repository = Repository::new(name).ok()?;
        Some(Self::Repository(repository.with_id(identity.parse().unwrap_or_default())))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Repository(repository) => repository.as_str(),
            Self::Organization(name) => name,
        }
    }
}

/// A runner that is to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Where.
    pub target: RegistrationTarget,
    /// Its name.
    pub name: String,
    /// Its labels: it gets these and no others.
    pub labels: BTreeSet<Label>,
}

/// What a new runner is started with.
#[derive(Clone, PartialEq, Eq)]
pub struct JitConfiguration {
    /// GitHub's id of the runner.
    pub runner_id: u64,
    /// What the runner program is given. A secret.
    pub encoded: String,
}

impl std::fmt::Debug for JitConfiguration {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JitConfiguration").field("runner_id", &self.runner_id).finish_non_exhaustive()
    }
}

/// A registered runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// GitHub's id of it.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// It listens.
    pub online: bool,
    /// It has a job.
    pub busy: bool,
}

/// Where a job stands at GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GithubJobStatus {
    /// Waits for a runner.
    Queued,
    /// Does not wait for a runner yet: held by a deployment gate or by the concurrency of its workflow.
    Held,
    /// A runner has it.
    InProgress,
    /// Over.
    Completed,
}

/// A job, as GitHub lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubJob {
    /// Which job.
    pub job: JobRef,
    /// Its labels.
    pub labels: BTreeSet<Label>,
    /// Where it stands.
    pub status: GithubJobStatus,
    /// When it was queued.
    pub queued_at: Time,
    /// The name of the runner that took it.
    pub runner_name: Option<String>,
    /// GitHub's id of the runner that took it.
    pub runner_id: Option<u64>,
}

/// Which runs are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunStatus {
    /// Runs with no job under way.
    Queued,
    /// Runs with a job under way; others of their jobs may be queued.
    InProgress,
    /// Runs with a job that waits for an approval; others of their jobs may be queued, and are in no other list.
    Waiting,
    /// Runs that are held by the concurrency of their workflow, or of one of their jobs.
    Pending,
}

impl RunStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Queued, Self::InProgress, Self::Waiting, Self::Pending];
}

/// A run of a workflow, as GitHub lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// GitHub's id of it.
    pub id: u64,
    /// When it last changed. GitHub tells whole seconds.
    pub updated_at: Time,
}

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Page {
    /// Its number, counted from 1.
    pub number: u32,
    /// How many things a full one has; 100 at most.
    pub size: u32,
}

/// An archive of the runner that GitHub offers, as GitHub describes it. Nothing in it is checked yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Download {
    /// The operating system, such as `linux`.
    pub os: String,
    /// For which architecture, such as `x64` or `arm64`.
    pub architecture: String,
    /// The archive's name, which has the release's version in it.
    pub file_name: String,
    /// Where it is.
    pub url: String,
    /// Its SHA-256, which is left out at times.
    pub checksum: Option<String>,
    /// Whether fetching it takes a token, which came with the answer.
    pub takes_token: bool,
}

/// When GitHub ends its support of a release; `None` where that is not decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EndOfLife {
    /// From then on its runners get no jobs.
    pub runtime_at: Option<Time>,
    /// From then on its runners cannot be registered.
    pub registration_at: Option<Time>,
}

/// An answer, unless nothing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Etagged<T> {
    /// 304: it has not changed since GitHub gave the etag. Such an answer does not count against the primary limit.
    Unchanged,
    /// Something else.
    Changed {
        /// The answer.
        value: T,
        /// GitHub's name for it.
        etag: String,
    },
}

/// What GitHub said about the rate limit, with an answer or a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests for an hour.
    pub limit: u32,
    /// Requests left.
    pub remaining: u32,
    /// When the hour is over.
    pub reset: Time,
}

/// A refusal, with everything that tells a rate limit from a missing permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// GitHub's words.
    pub message: String,
    /// The header `retry-after`.
    pub retry_after: Option<Duration>,
    /// The headers `x-ratelimit-*`.
    pub rate_limit: Option<RateLimit>,
    /// How old the installation's token was with which the request was made, if it was made with one.
    pub token_age: Option<Duration>,
}

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GithubError {
    /// GitHub refused.
    #[error("GitHub answered {}: {}", .0.status, .0.message)]
    Refused(Refusal),
    /// No answer: the call was carried out, or not.
    #[error("no answer from GitHub: {0}")]
    Unknown(String),
}

/// Calls GitHub as the App's installation.
pub trait Github {
    /// Registers a just-in-time runner.
    async fn register(&self, registration: &Registration) -> Result<JitConfiguration, GithubError>;

    /// Removes a runner, unless it is busy.
    async fn remove(&self, target: &RegistrationTarget, runner_id: u64) -> Result<(), GithubError>;

    /// The runner of that name, if there is one.
    async fn find(&self, target: &RegistrationTarget, name: &str) -> Result<Option<Registered>, GithubError>;

    /// All runners, page `page` of 100, counted from 1.
    async fn runners(&self, target: &RegistrationTarget, page: u32) -> Result<Vec<Registered>, GithubError>;

    /// One job; `None` if GitHub does not know it any more.
    async fn job(&self, job: &JobRef) -> Result<Option<GithubJob>, GithubError>;

    /// The runs of a repository in `status`, the latest first: page `page` of 100, counted from 1.
    async fn runs(
        &self,
        repository: &Repository,
        status: RunStatus,
        page: u32,
        etag: Option<&str>,
    ) -> Result<Etagged<Vec<Run>>, GithubError>;

    /// A page of the jobs of a run's latest attempt. Some runs have too many jobs for a large page, which is then
    /// answered with 502.
    async fn jobs(
        &self,
        repository: &Repository,
        run: u64,
        page: Page,
    ) -> Result<Vec<GithubJob>, GithubError>;

    /// The repositories of the installation, page `page` of 100, counted from 1.
    async fn repositories(&self, page: u32) -> Result<Vec<Repository>, GithubError>;

    /// The archives of the release that runners of `target` should use.
    async fn downloads(&self, target: &RegistrationTarget) -> Result<Vec<Download>, GithubError>;

    /// When the support of a release ends.
    async fn end_of_life(
        &self,
        target: &RegistrationTarget,
        version: &RunnerVersion,
    ) -> Result<EndOfLife, GithubError>;

    /// The new name of `repository`, if a redirect told that it was renamed or transferred. Redirects are followed, so a
    /// request under the old name costs one more request and is answered.
    fn renamed(&self, repository: &Repository) -> Option<Repository>;

    /// The rate limit, as the last answer told it.
    fn rate_limit(&self) -> Option<RateLimit>;
}
