//! The REST API: the same calls as [`jit_runners_runtime::port::Github`], answered at once.

use std::time::Duration;

use jit_runners_model::{
    RunnerVersion,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::{
    port::{
        Download, EndOfLife, Etagged, GithubError, GithubJob, JitConfiguration, Page, RateLimit, Refusal,
        Registered, Registration, RegistrationTarget, Run, RunStatus,
    },
    time::Time,
};

use super::{
    GithubWorld, Scope, Step,
    demand::{IN_PROGRESS, Job, PENDING, QUEUED, RunId, WAITING},
    limit::{Endpoint, SECONDARY},
    refusal::{Answer, RefusedCall},
    runner::{Runner, RunnerStage, Shown},
};

/// Things on a page.
const PAGE: usize = 100;
/// The longest name of a runner, and what it may not have (<https://github.com/runs-on/runs-on/issues/523>).
const LONGEST_NAME: usize = 64;
const NOT_IN_NAMES: &str = "\"/:<>\\|*?";
/// The most labels of a runner
/// (<https://docs.github.com/en/rest/actions/self-hosted-runners#create-configuration-for-a-just-in-time-runner-for-a-repository>).
const MOST_LABELS: usize = 100;
/// The time from the removal of a listening runner until its process knows.
const TOLD: (Duration, Duration) = (Duration::from_millis(100), Duration::from_mins(1));

impl GithubWorld {
    /// Registers a just-in-time runner.
    pub fn register(
        &mut self,
        now: Time,
        registration: &Registration,
    ) -> Result<JitConfiguration, GithubError> {
        let target = self.target(&registration.target);
        let labels = self.label_sets.number(&registration.labels);
        self.answer(now, Endpoint::Register, target, |world| {
            let (target, place) = world.reach_target(now, target, &registration.target)?;
            world.refuse(now, RefusedCall::Registration, place, Some(labels))?;
            let name = &registration.name;
            if name.is_empty()
                || name.chars().count() > LONGEST_NAME
                || name.contains(|c| NOT_IN_NAMES.contains(c))
            {
                return Err(Answer::Refused(400, "Bad request - Invalid runner name".to_owned()));
            }
            if !(1..=MOST_LABELS).contains(&registration.labels.len()) {
                return Err(Answer::Refused(422, "Invalid request. labels: 1 to 100".to_owned()));
            }
            if world.targets[target].names.contains_key(name) {
                world.happened.names_taken += 1;
                let message = format!("Already exists - A runner with the name {name} already exists.");
                return Err(Answer::Refused(409, message));
            }
            Ok(world.add_runner(now, target, registration))
        })
    }

    /// Removes a runner, unless it is busy.
    pub fn remove(
        &mut self,
        now: Time,
        target: &RegistrationTarget,
        runner_id: u64,
    ) -> Result<(), GithubError> {
        let index = self.target(target);
        self.answer(now, Endpoint::Remove, None, |world| {
            let (target, place) = world.reach_target(now, index, target)?;
            world.refuse(now, RefusedCall::Removal, place, None)?;
            let runner = world.runner_index(runner_id).ok_or(Answer::NotFound)?;
            let it = &world.runners[runner];
            if !it.is_registered() || it.target != target {
                return Err(Answer::NotFound);
            }
            if world.hides_its_job(now, runner) {
                world.remove_blindly(runner);
                return Ok(());
            }
            let it = &world.runners[runner];
            if it.is_busy() {
                world.happened.still_busy += 1;
                let it = &world.runners[runner];
                let message = format!("Bad request - Runner \"{}\" is still running a job", it.name);
                return Err(Answer::Refused(422, message));
            }
            let listens = it.stage == RunnerStage::Listening;
            world.set_runner_stage(now, runner, RunnerStage::Gone);
            if listens {
                let at = now + world.delay(TOLD);
                world.schedule.add(at, Step::Tell { runner });
            }
            Ok(())
        })
    }

    /// The runner of that name, if there is one.
    pub fn find(
        &mut self,
        now: Time,
        target: &RegistrationTarget,
        name: &str,
    ) -> Result<Option<Registered>, GithubError> {
        let index = self.target(target);
        self.answer(now, Endpoint::Runners, None, |world| {
            let (target, place) = world.reach_target(now, index, target)?;
            world.refuse(now, RefusedCall::Everything, place, None)?;
            let then = world.shown_as_of(now);
            let names = &world.targets[target].names;
            Ok(names.get(name).and_then(|runner| world.registered(*runner, now, then)))
        })
    }

    /// All runners, page `page` of 100, counted from 1, in the order of their ids.
    pub fn runners(
        &mut self,
        now: Time,
        target: &RegistrationTarget,
        page: u32,
    ) -> Result<Vec<Registered>, GithubError> {
        let index = self.target(target);
        self.answer(now, Endpoint::Runners, None, |world| {
            let (target, place) = world.reach_target(now, index, target)?;
            world.refuse(now, RefusedCall::Everything, place, None)?;
            let then = world.shown_as_of(now);
            let registered = &world.targets[target].registered;
            let on_page = registered.iter().skip(skipped(page)).take(PAGE);
            Ok(on_page.filter_map(|runner| world.registered(*runner, now, then)).collect())
        })
    }

    /// One job; `None` when GitHub knows no such job.
    pub fn job(&mut self, now: Time, job: &JobRef) -> Result<Option<GithubJob>, GithubError> {
        let answer = self.answer(now, Endpoint::Job, None, |world| {
            let repository = world.reach(now, &job.repository)?;
            let index = world.job_index(job);
            let labels = index.map(|index| world.jobs[index].labels);
            world.refuse(now, RefusedCall::Job, Scope::Repository(repository), labels)?;
            Ok(match index {
                Some(index) => Some(world.listed_job(now, index)),
                None => world.strangers_job(job),
            })
        });
        match answer {
            Err(GithubError::Refused(refusal)) if refusal.status == 404 => Ok(None),
            other => other,
        }
    }

    /// The runs of a repository in `status`, the latest first: page `page` of 100, counted from 1.
    pub fn runs(
        &mut self,
        now: Time,
        repository: &Repository,
        status: RunStatus,
        page: u32,
        etag: Option<&str>,
    ) -> Result<Etagged<Vec<Run>>, GithubError> {
        let answer = self.answer(now, Endpoint::Runs, None, |world| {
            let index = world.reach(now, repository)?;
            world.refuse(now, RefusedCall::Runs, Scope::Repository(index), None)?;
            let list = match status {
                RunStatus::Queued => QUEUED,
                RunStatus::InProgress => IN_PROGRESS,
                RunStatus::Waiting => WAITING,
                RunStatus::Pending => PENDING,
            };
            let then = world.shown_as_of(now);
            let list = &world.repositories[index].runs[list];
            let fresh = |run: &usize| world.runs[*run].listed_at > then;
            let hidden = list.runs.iter().rev().take(PAGE).filter(|run| fresh(run)).count();
            let current = format!("W/\"{index}-{status:?}-{page}-{}-{hidden}\"", list.version);
            if etag == Some(current.as_str()) {
                return Ok(Etagged::Unchanged);
            }
            let shown = list.runs.iter().rev().filter(|run| !fresh(run)).skip(skipped(page)).take(PAGE);
            let value = shown.map(|run| Run {
                id: Self::run_id(*run),
                updated_at: in_whole_seconds(world.runs[*run].updated_at.min(then)),
            });
            let value = value.collect();
            Ok(Etagged::Changed { value, etag: current })
        });
        if matches!(answer, Ok(Etagged::Unchanged)) {
            self.limits.give_back(Endpoint::Runs);
        }
        answer
    }

    /// A page of the jobs of a run's latest attempt.
    pub fn jobs(
        &mut self,
        now: Time,
        repository: &Repository,
        run: u64,
        page: Page,
    ) -> Result<Vec<GithubJob>, GithubError> {
        self.answer(now, Endpoint::Jobs, None, |world| {
            let repository = world.reach(now, repository)?;
            let asked = RefusedCall::RunJobs { run: Some(RunId { id: run }) };
            world.refuse(now, asked, Scope::Repository(repository), None)?;
            let run = world.run_index(run).ok_or(Answer::NotFound)?;
            let state = &world.runs[run];
            if state.repository != repository {
                return Err(Answer::NotFound);
            }
            let size = usize::try_from(page.size).unwrap_or(PAGE).clamp(1, PAGE);
            let jobs = state.jobs.clone().skip(skipped_by(page.number, size)).take(size);
            Ok(jobs.map(|job| world.listed_job(now, job)).collect())
        })
    }

    /// The repositories of the installation, page `page` of 100, counted from 1.
    pub fn repositories(&mut self, now: Time, page: u32) -> Result<Vec<Repository>, GithubError> {
        self.answer(now, Endpoint::Repositories, None, |world| {
            let ours = world.repositories.iter().filter(|repository| repository.is_ours());
            let on_page = ours.skip(skipped(page)).take(PAGE);
            Ok(on_page.map(|repository| repository.name().clone()).collect())
        })
    }

    /// The archives of the release that runners of `target` should use.
    pub fn downloads(
        &mut self,
        now: Time,
        target: &RegistrationTarget,
    ) -> Result<Vec<Download>, GithubError> {
        let index = self.target(target);
        self.answer(now, Endpoint::Downloads, None, |world| {
            let (_, place) = world.reach_target(now, index, target)?;
            world.refuse(now, RefusedCall::Everything, place, None)?;
            let offered = world.settings.downloads.iter().rev().find(|(from, _)| *from <= now);
            Ok(offered.map(|(_, downloads)| downloads.clone()).unwrap_or_default())
        })
    }

    /// When the support of a release ends.
    pub fn end_of_life(
        &mut self,
        now: Time,
        target: &RegistrationTarget,
        version: &RunnerVersion,
    ) -> Result<EndOfLife, GithubError> {
        let index = self.target(target);
        self.answer(now, Endpoint::EndOfLife, None, |world| {
            let (_, place) = world.reach_target(now, index, target)?;
            world.refuse(now, RefusedCall::Everything, place, None)?;
            world.settings.ends_of_life.get(version).copied().ok_or(Answer::NotFound)
        })
    }

    /// Whether runners of this release get no jobs, and end at once.
    pub fn turns_away(&mut self, version: &RunnerVersion) -> bool {
        let is_deprecated = self.settings.deprecated.contains(version);
        self.happened.deprecated_runners += u32::from(is_deprecated);
        is_deprecated
    }

    /// The primary limit, as the headers of an answer at `now` tell it.
    pub fn rate_limit(&self, now: Time) -> RateLimit {
        self.limits.primary(now, &self.settings)
    }

    /// One call: it is counted, checked against the limits, and answered, unless there is a fault.
    fn answer<T>(
        &mut self,
        now: Time,
        endpoint: Endpoint,
        target: Option<usize>,
        work: impl FnOnce(&mut Self) -> Result<T, Answer>,
    ) -> Result<T, GithubError> {
        self.limits.count(now, endpoint);
        if self.settings.outage_until(now).is_some() {
            self.happened.met_outage += 1;
            return Err(self.failure());
        }
        self.limits.admit(now, endpoint, target, &self.settings).map_err(|refusal| self.obscured(refusal))?;
        if let Some(refusal) = self.unreasonable_refusal() {
            self.happened.unreasonable_refusals += 1;
            return Err(GithubError::Refused(refusal));
        }
        if self.random.chance(self.settings.server_error) {
            self.happened.server_errors += 1;
            if self.random.chance(self.settings.done_despite_error) {
                self.happened.done_despite_error += 1;
                // The caller does not learn the result.
                drop(work(self));
            }
            return Err(self.failure());
        }
        work(self).map_err(|answer| {
            let (status, message) = match answer {
                Answer::NotFound => (404, "Not Found".to_owned()),
                Answer::Refused(status, message) => (status, message),
                Answer::Limited(refusal) => return GithubError::Refused(refusal),
            };
            let rate_limit = Some(self.limits.told(now, endpoint, &self.settings));
            GithubError::Refused(Refusal { status, message, retry_after: None, rate_limit, token_age: None })
        })
    }

    /// A server error, or no answer.
    fn failure(&mut self) -> GithubError {
        match self.random.below(4) {
            0 => GithubError::Unknown("timed out".to_owned()),
            1 => server_error(500, "Server Error"),
            2 => server_error(502, "Bad Gateway"),
            _ => server_error(503, "Service Unavailable"),
        }
    }

    /// A refusal because of the secondary limit, with the status 403 or 429. Some of them do not say how long to
    /// wait.
    fn obscured(&mut self, mut refusal: Refusal) -> GithubError {
        if refusal.retry_after.is_some() && self.random.chance(self.settings.secondary_without_wait) {
            refusal.retry_after = None;
        }
        if self.random.chance(0.5) {
            refusal.status = 429;
        }
        GithubError::Refused(refusal)
    }

    /// A refusal that no published limit explains: there are limits that GitHub does not publish.
    fn unreasonable_refusal(&mut self) -> Option<Refusal> {
        let status = if self.random.chance(0.5) { 403 } else { 429 };
        let message = SECONDARY.to_owned();
        if self.random.chance(self.settings.refuse_limited) {
            Some(Refusal { status, message, retry_after: None, rate_limit: None, token_age: None })
        } else if self.random.chance(self.settings.refuse_with_wait) {
            let wait = self.delay(self.settings.refused_for);
            let retry_after = Some(Duration::from_secs(wait.as_secs()));
            Some(Refusal { status, message, retry_after, rate_limit: None, token_age: None })
        } else {
            None
        }
    }

    /// The moment whose state a call shows: usually now.
    fn shown_as_of(&mut self, now: Time) -> Time {
        if self.random.chance(self.settings.stale_reads) { now - self.settings.stale_for } else { now }
    }

    /// A job under the present name of its repository.
    fn present_name(&self, job: &Job) -> JobRef {
        let repository = self.repositories[job.repository].name().clone();
        let JobRef { job_id, run_attempt, .. } = job.reference;
        JobRef { repository, job_id, run_attempt }
    }

    /// A runner, as the API showed it at `then`, if it was there.
    fn registered(&self, runner: usize, now: Time, then: Time) -> Option<Registered> {
        let it: &Runner = &self.runners[runner];
        let Shown { online, busy } = it.shown_at(then)?;
        let busy = busy && !self.hides_its_job(now, runner);
        Some(Registered { id: Self::runner_id(runner), name: it.name.clone(), online, busy })
    }

    /// A job, as the API shows it. Times are in whole seconds. There is no time for when a held job was queued.
    fn listed_job(&mut self, now: Time, job: usize) -> GithubJob {
        let then = self.shown_as_of(now);
        let it = &self.jobs[job];
        GithubJob {
            job: self.present_name(it),
            labels: self.label_sets.sets[it.labels].clone(),
            status: if it.changed_at > then { it.before } else { it.stage.status() },
            queued_at: in_whole_seconds(it.created_at),
            runner_name: it.runner.map(|runner| self.runners[runner].name.clone()),
            runner_id: it.runner.map(Self::runner_id),
        }
    }
}

fn server_error(status: u16, message: &str) -> GithubError {
    GithubError::Refused(Refusal {
        status,
        message: message.to_owned(),
        retry_after: None,
        rate_limit: None,
        token_age: None,
    })
}

fn skipped(page: u32) -> usize {
    skipped_by(page, PAGE)
}

fn skipped_by(page: u32, size: usize) -> usize {
    usize::try_from(page.saturating_sub(1)).unwrap_or(usize::MAX).saturating_mul(size)
}

fn in_whole_seconds(time: Time) -> Time {
    Time::from_millis(time.as_millis() / 1_000 * 1_000)
}
