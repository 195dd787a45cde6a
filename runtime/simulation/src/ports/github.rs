//! GitHub.

use jit_runners_model::{
    RunnerVersion,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::{
    port::{
        Download, EndOfLife, Etagged, Github, GithubError, GithubJob, JitConfiguration, Page, RateLimit,
        Registered, Registration, RegistrationTarget, Run, RunStatus,
    },
    time::Time,
};

use super::{NO_ANSWER, SimPorts, requests};
use crate::{
    call::{Request, call},
    github::issued_at,
    mutation::Mutation,
    operation::Operation,
    world::World,
};

impl Github for SimPorts {
    async fn register(&self, registration: &Registration) -> Result<JitConfiguration, GithubError> {
        let (name, labels) = (registration.name.clone(), registration.labels.clone());
        let request = |target| Register { registration: Registration { target, name, labels } };
        self.ask_at(&registration.target, request).await
    }

    async fn remove(&self, target: &RegistrationTarget, runner_id: u64) -> Result<(), GithubError> {
        if self.mutation() == Some(Mutation::TerminateFirst) {
            return Ok(());
        }
        self.ask_at(target, |target| Remove { target, runner_id }).await
    }

    async fn find(&self, target: &RegistrationTarget, name: &str) -> Result<Option<Registered>, GithubError> {
        if matches!(self.mutation(), Some(Mutation::ForgottenRegistrations | Mutation::TerminateFirst)) {
            return Ok(None);
        }
        self.ask_at(target, |target| Find { target, name: name.to_owned() }).await
    }

    async fn runners(&self, target: &RegistrationTarget, page: u32) -> Result<Vec<Registered>, GithubError> {
        if self.mutation() == Some(Mutation::ForgottenRegistrations) {
            return Ok(Vec::new());
        }
        self.ask_at(target, |target| Runners { target, page }).await
    }

    async fn job(&self, job: &JobRef) -> Result<Option<GithubJob>, GithubError> {
        let JobRef { repository, job_id, run_attempt } = job.clone();
        self.ask_about(&repository, |repository| Job { job: JobRef { repository, job_id, run_attempt } })
            .await
    }

    async fn runs(
        &self,
        repository: &Repository,
        status: RunStatus,
        page: u32,
        etag: Option<&str>,
    ) -> Result<Etagged<Vec<Run>>, GithubError> {
        let etag = etag.map(str::to_owned);
        self.ask_about(repository, |repository| Runs { repository, status, page, etag }).await
    }

    async fn jobs(
        &self,
        repository: &Repository,
        run: u64,
        page: Page,
    ) -> Result<Vec<GithubJob>, GithubError> {
        self.ask_about(repository, |repository| Jobs { repository, run, page }).await
    }

    async fn repositories(&self, page: u32) -> Result<Vec<Repository>, GithubError> {
        self.ask(Repositories { page }).await
    }

    async fn downloads(&self, target: &RegistrationTarget) -> Result<Vec<Download>, GithubError> {
        self.ask_at(target, |target| Downloads { target }).await
    }

    async fn end_of_life(
        &self,
        target: &RegistrationTarget,
        version: &RunnerVersion,
    ) -> Result<EndOfLife, GithubError> {
        self.ask_at(target, |target| ReleaseEnd { target, version: version.clone() }).await
    }

    fn renamed(&self, repository: &Repository) -> Option<Repository> {
        self.renamed.borrow().get(repository.as_str()).cloned()
    }

    fn rate_limit(&self) -> Option<RateLimit> {
        self.rate_limit.get()
    }
}

impl SimPorts {
    /// Calls GitHub, and notes what its answer says about the rate limit.
    async fn ask<T: 'static, R: Request<Answer = Result<T, GithubError>>>(
        &self,
        request: R,
    ) -> Result<T, GithubError> {
        let request = WithToken { request, process: self.process };
        let answer = call(&self.world, self.caller, request).await;
        if !matches!(answer, Err(GithubError::Unknown(_))) {
            let world = self.world.borrow();
            self.rate_limit.set(Some(world.github.rate_limit(world.now)));
        }
        answer
    }

    /// The same about a repository. If its name is known to be an old one, the request goes to the new one; if an
    /// answer shows that it is, the new one is remembered.
    async fn ask_about<T: 'static, R: Request<Answer = Result<T, GithubError>>>(
        &self,
        repository: &Repository,
        request: impl FnOnce(Repository) -> R,
    ) -> Result<T, GithubError> {
        let known = self.renamed.borrow().get(repository.as_str()).cloned();
        let asked = known.unwrap_or_else(|| repository.clone());
        let answer = self.ask(request(asked)).await;
        if !matches!(answer, Err(GithubError::Unknown(_)))
            && let Some(new) = self.world.borrow().github.renamed(repository)
        {
            self.renamed.borrow_mut().insert(repository.as_str().to_owned(), new);
        }
        answer
    }

    /// The same about the place where runners are registered.
    async fn ask_at<T: 'static, R: Request<Answer = Result<T, GithubError>>>(
        &self,
        target: &RegistrationTarget,
        request: impl FnOnce(RegistrationTarget) -> R,
    ) -> Result<T, GithubError> {
        match target {
            RegistrationTarget::Repository(repository) => {
                self.ask_about(repository, |name| request(RegistrationTarget::Repository(name))).await
            }
            RegistrationTarget::Organization(_) => self.ask(request(target.clone())).await,
        }
    }
}

/// A request with the token of a process.
struct WithToken<R> {
    request: R,
    process: Time,
}

impl<T: 'static, R: Request<Answer = Result<T, GithubError>>> Request for WithToken<R> {
    type Answer = R::Answer;
    const OPERATION: Operation = R::OPERATION;

    fn apply(self, world: &mut World) -> Self::Answer {
        world.github.accepts_token(world.now, issued_at(self.process, world.now))?;
        self.request.apply(world)
    }

    fn unanswered() -> Self::Answer {
        R::unanswered()
    }

    fn is_success(answer: &Self::Answer) -> bool {
        R::is_success(answer)
    }

    fn words(&self) -> String {
        self.request.words()
    }

    fn answer_words(answer: &Self::Answer) -> String {
        R::answer_words(answer)
    }
}

fn silence() -> GithubError {
    GithubError::Unknown(NO_ANSWER.to_owned())
}

requests! {
    Register { registration: Registration } -> Result<JitConfiguration, GithubError>,
    apply |this, world| world.github.register(world.now, &this.registration),
    unanswered silence(),
    words |this| format!("registers {}", this.registration.name),
    done |configuration| format!("runner {}", configuration.runner_id);

    Remove { target: RegistrationTarget, runner_id: u64 } -> Result<(), GithubError>,
    apply |this, world| world.github.remove(world.now, &this.target, this.runner_id),
    unanswered silence(),
    words |this| format!("removes runner {}", this.runner_id),
    done |_done| "removed".to_owned();

    Find { target: RegistrationTarget, name: String } -> Result<Option<Registered>, GithubError>,
    apply |this, world| world.github.find(world.now, &this.target, &this.name),
    unanswered silence(),
    words |this| format!("looks for the runner {}", this.name),
    done |found| format!("{found:?}");

    Runners { target: RegistrationTarget, page: u32 } -> Result<Vec<Registered>, GithubError>,
    apply |this, world| world.github.runners(world.now, &this.target, this.page),
    unanswered silence(),
    words |this| format!("lists runners of {:?}, page {}", this.target, this.page),
    done |found| format!("{} runners", found.len());

    Job { job: JobRef } -> Result<Option<GithubJob>, GithubError>,
    apply |this, world| world.github.job(world.now, &this.job),
    unanswered silence(),
    words |this| format!("looks at job {}", this.job.job_id),
    done |found| format!("{:?}", found.as_ref().map(|job| job.status));

    Runs { repository: Repository, status: RunStatus, page: u32, etag: Option<String> } -> Result<Etagged<Vec<Run>>, GithubError>,
    apply |this, world| world.github.runs(world.now, &this.repository, this.status, this.page, this.etag.as_deref()),
    unanswered silence(),
    words |this| format!("lists runs of {} that are {:?}, page {}", this.repository.as_str(), this.status, this.page),
    done |found| match found {
        Etagged::Unchanged => "unchanged".to_owned(),
        Etagged::Changed { value, .. } => format!("{} runs", value.len()),
    };

    Jobs { repository: Repository, run: u64, page: Page } -> Result<Vec<GithubJob>, GithubError>,
    apply |this, world| world.github.jobs(world.now, &this.repository, this.run, this.page),
    unanswered silence(),
    words |this| format!("lists jobs of run {}, page {} of {}", this.run, this.page.number, this.page.size),
    done |found| format!("{} jobs", found.len());

    Repositories { page: u32 } -> Result<Vec<Repository>, GithubError>,
    apply |this, world| world.github.repositories(world.now, this.page),
    unanswered silence(),
    words |this| format!("lists repositories, page {}", this.page),
    done |found| format!("{} repositories", found.len());

    Downloads { target: RegistrationTarget } -> Result<Vec<Download>, GithubError>,
    apply |this, world| world.github.downloads(world.now, &this.target),
    unanswered silence(),
    words |_this| "asks which release of the runner to use".to_owned(),
    done |found| found.first().map_or_else(|| "none".to_owned(), |download| download.file_name.clone());

    ReleaseEnd { target: RegistrationTarget, version: RunnerVersion } -> Result<EndOfLife, GithubError>,
    apply |this, world| world.github.end_of_life(world.now, &this.target, &this.version),
    unanswered silence(),
    words |this| format!("asks when runner {} gets no jobs any more", this.version),
    done |found| format!("{found:?}");
}
