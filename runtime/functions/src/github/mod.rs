//! GitHub's REST API, used as the installation of an App.
//!
//! Requests go through octocrab's plain calls and its authentication, but not through its models, which require
//! fields that GitHub sometimes leaves out. Only a request that was refused with 401 is retried here, and redirects are
//! followed: handlers decide what a failure means.

mod answer;
mod client;
mod payload;
mod redirect;
mod rest;
#[cfg(test)]
mod tests;

pub use self::client::{Access, AccessError, GithubApi};

use http::StatusCode;
use jit_runners_model::{
    RunnerVersion,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::port::{
    Download, EndOfLife, Etagged, Github, GithubError, GithubJob, JitConfiguration, Page, RateLimit,
    Registered, Registration, RegistrationTarget, Run, RunStatus,
};

use self::{
    payload::{JobList, ListedDownload, ListedJob, NewRunner, RepositoryList, RunList, RunnerList, Support},
    rest::Question,
};

impl Github for GithubApi {
    async fn register(&self, registration: &Registration) -> Result<JitConfiguration, GithubError> {
        let answer = self.ask(Question::register(registration, self.runner_group())).await?;
        Ok(answer.success()?.read::<NewRunner>()?.into())
    }

    async fn remove(&self, target: &RegistrationTarget, runner_id: u64) -> Result<(), GithubError> {
        self.ask(Question::remove(target, runner_id)).await?.success().map(drop)
    }

    async fn find(&self, target: &RegistrationTarget, name: &str) -> Result<Option<Registered>, GithubError> {
        let answer = self.ask(Question::find(target, name)).await?;
        let mut found = answer.success()?.read::<RunnerList>()?.registered();
        // Servers without this filter return all runners.
        Ok(found.find(|runner| runner.name == name))
    }

    async fn runners(&self, target: &RegistrationTarget, page: u32) -> Result<Vec<Registered>, GithubError> {
        let answer = self.ask(Question::runners(target, page)).await?;
        Ok(answer.success()?.read::<RunnerList>()?.registered().collect())
    }

    async fn job(&self, job: &JobRef) -> Result<Option<GithubJob>, GithubError> {
        let answer = self.ask(Question::job(job)).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        Ok(Some(answer.success()?.read::<ListedJob>()?.asked_for(job)))
    }

    async fn runs(
        &self,
        repository: &Repository,
        status: RunStatus,
        page: u32,
        etag: Option<&str>,
    ) -> Result<Etagged<Vec<Run>>, GithubError> {
        let answer = self.ask(Question::runs(repository, status, page, etag)).await?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            return Ok(Etagged::Unchanged);
        }
        let answer = answer.success()?;
        Ok(Etagged::Changed { value: answer.read::<RunList>()?.runs(), etag: answer.etag() })
    }

    async fn jobs(
        &self,
        repository: &Repository,
        run: u64,
        page: Page,
    ) -> Result<Vec<GithubJob>, GithubError> {
        let answer = self.ask(Question::jobs(repository, run, page)).await?;
        Ok(answer.success()?.read::<JobList>()?.of(repository))
    }

    async fn repositories(&self, page: u32) -> Result<Vec<Repository>, GithubError> {
        let answer = self.ask(Question::repositories(page)).await?;
        Ok(answer.success()?.read::<RepositoryList>()?.names())
    }

    async fn downloads(&self, target: &RegistrationTarget) -> Result<Vec<Download>, GithubError> {
        let answer = self.ask(Question::downloads(target)).await?;
        let listed = answer.success()?.read::<Vec<ListedDownload>>()?;
        Ok(listed.into_iter().map(Download::from).collect())
    }

    async fn end_of_life(
        &self,
        target: &RegistrationTarget,
        version: &RunnerVersion,
    ) -> Result<EndOfLife, GithubError> {
        let answer = self.ask(Question::end_of_life(target, version)).await?;
        Ok(answer.success()?.read::<Support>()?.into())
    }

    fn renamed(&self, repository: &Repository) -> Option<Repository> {
        self.new_name(repository)
    }

    fn rate_limit(&self) -> Option<RateLimit> {
        self.told()
    }
}
