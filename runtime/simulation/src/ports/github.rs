//! GitHub.

use jit_runners_model::{
    RunnerVersion,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::port::{
    Download, EndOfLife, Etagged, Github, GithubError, GithubJob, JitConfiguration, RateLimit, Registered,
    Registration, RegistrationTarget, Run, RunStatus,
};

use super::{NO_ANSWER, SimPorts, requests};
use crate::{
    call::{Request, call},
    mutation::Mutation,
};

impl Github for SimPorts {
    async fn register(&self, registration: &Registration) -> Result<JitConfiguration, GithubError> {
        self.ask(Register { registration: registration.clone() }).await
    }

    async fn remove(&self, target: &RegistrationTarget, runner_id: u64) -> Result<(), GithubError> {
        if self.mutation() == Some(Mutation::TerminateFirst) {
            return Ok(());
        }
        self.ask(Remove { target: target.clone(), runner_id }).await
    }

    async fn find(&self, target: &RegistrationTarget, name: &str) -> Result<Option<Registered>, GithubError> {
        if self.mutation() == Some(Mutation::ForgottenRegistrations) {
            return Ok(None);
        }
        self.ask(Find { target: target.clone(), name: name.to_owned() }).await
    }

    async fn runners(&self, target: &RegistrationTarget, page: u32) -> Result<Vec<Registered>, GithubError> {
        if self.mutation() == Some(Mutation::ForgottenRegistrations) {
            return Ok(Vec::new());
        }
        self.ask(Runners { target: target.clone(), page }).await
    }

    async fn job(&self, job: &JobRef) -> Result<Option<GithubJob>, GithubError> {
        self.ask(Job { job: job.clone() }).await
    }

    async fn runs(
        &self,
        repository: &Repository,
        status: RunStatus,
        etag: Option<&str>,
    ) -> Result<Etagged<Vec<Run>>, GithubError> {
        let etag = etag.map(str::to_owned);
        self.ask(Runs { repository: repository.clone(), status, etag }).await
    }

    async fn jobs(
        &self,
        repository: &Repository,
        run: Run,
        page: u32,
    ) -> Result<Vec<GithubJob>, GithubError> {
        self.ask(Jobs { repository: repository.clone(), run, page }).await
    }

    async fn repositories(&self, page: u32) -> Result<Vec<Repository>, GithubError> {
        self.ask(Repositories { page }).await
    }

    async fn downloads(&self, target: &RegistrationTarget) -> Result<Vec<Download>, GithubError> {
        self.ask(Downloads { target: target.clone() }).await
    }

    async fn end_of_life(
        &self,
        target: &RegistrationTarget,
        version: &RunnerVersion,
    ) -> Result<EndOfLife, GithubError> {
        self.ask(ReleaseEnd { target: target.clone(), version: version.clone() }).await
    }

    fn rate_limit(&self) -> Option<RateLimit> {
        self.rate_limit.get()
    }
}

impl SimPorts {
    /// Calls GitHub, and notes what its answer says about the rate limit.
    async fn ask<T, R: Request<Answer = Result<T, GithubError>>>(
        &self,
        request: R,
    ) -> Result<T, GithubError> {
        let answer = call(&self.world, self.caller, request).await;
        if !matches!(answer, Err(GithubError::Unknown(_))) {
            let world = self.world.borrow();
            self.rate_limit.set(Some(world.github.rate_limit(world.now)));
        }
        answer
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

    Runs { repository: Repository, status: RunStatus, etag: Option<String> } -> Result<Etagged<Vec<Run>>, GithubError>,
    apply |this, world| world.github.runs(world.now, &this.repository, this.status, this.etag.as_deref()),
    unanswered silence(),
    words |this| format!("lists runs of {} that are {:?}", this.repository.as_str(), this.status),
    done |found| match found {
        Etagged::Unchanged => "unchanged".to_owned(),
        Etagged::Changed { value, .. } => format!("{} runs", value.len()),
    };

    Jobs { repository: Repository, run: Run, page: u32 } -> Result<Vec<GithubJob>, GithubError>,
    apply |this, world| world.github.jobs(world.now, &this.repository, this.run, this.page),
    unanswered silence(),
    words |this| format!("lists jobs of run {}, page {}", this.run.id, this.page),
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
