//! The assignment of jobs to runners: any runner with the labels may get a job, chosen at random.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_runtime::time::Time;

use super::{GithubEvent, GithubWorld, Scope, Step, demand::Stage, runner::RunnerStage, webhook::Action};

/// An assigned job that was not picked up is queued again after this
/// (<https://docs.github.com/en/actions/reference/runners/self-hosted-runners>).
pub(super) const REQUEUED_AFTER: Duration = Duration::from_mins(1);

/// How many jobs or runners of a label set are considered when one of them is chosen.
const LOOKED_AT: usize = 16;

impl GithubWorld {
    /// The job is offered to runners after a moment.
    pub(super) fn seek_runner_later(&mut self, now: Time, job: usize) {
        let at = now + self.delay(self.settings.assign_delay);
        self.schedule.add(at, Step::SeekRunner { job });
    }

    /// Gives the job to any listening runner, if there is one. Otherwise it waits until one comes.
    pub(super) fn seek_runner(&mut self, now: Time, job: usize) {
        let it = &self.jobs[job];
        if it.stage != Stage::Queued {
            return;
        }
        let repository = &self.repositories[it.repository];
        let targets = [repository.target, self.owners[repository.owner].target];
        let listening = targets.into_iter().flatten().flat_map(|target| {
            self.targets[target].listening.of(|labels| self.label_sets.fits(labels, it.labels))
        });
        let candidates: Vec<_> =
            listening.flat_map(|runners| runners.iter().take(LOOKED_AT)).copied().collect();
        if let Some(runner) = self.random.pick(&candidates) {
            self.assign(now, job, *runner);
        }
    }

    /// Gives the runner any queued job, if there is one. Otherwise it waits until one comes.
    pub(super) fn seek_job(&mut self, now: Time, runner: usize) {
        let it = &self.runners[runner];
        if it.stage != RunnerStage::Listening {
            return;
        }
        let queued = match self.targets[it.target].scope {
            Scope::Repository(repository) => &self.repositories[repository].queued,
            Scope::Owner(owner) => &self.owners[owner].queued,
        };
        let fitting = || queued.of(|labels| self.label_sets.fits(it.labels, labels));
        let job = if self.random.chance(self.settings.oldest_first) {
            fitting().filter_map(BTreeSet::first).min().copied()
        } else {
            let candidates: Vec<_> =
                fitting().flat_map(|jobs| jobs.iter().take(LOOKED_AT)).copied().collect();
            self.random.pick(&candidates).copied()
        };
        if let Some(job) = job {
            self.assign(now, job, runner);
        }
    }

    /// The runner starts its job.
    pub(super) fn pick_up(&mut self, now: Time, job: usize, epoch: u32, out: &mut Vec<GithubEvent>) {
        let it = &mut self.jobs[job];
        let (Stage::Assigned { runner, at }, true) = (it.stage, it.epoch == epoch) else { return };
        it.started_at = Some(now);
        it.runner = Some(runner);
        self.given.insert((job, runner));
        let duration = it.duration;
        self.set_stage(now, job, Stage::Running { runner, assigned_at: at });
        let epoch = self.jobs[job].epoch;
        self.schedule.add(now + duration, Step::End { job, epoch });
        self.notify(now, job, Action::InProgress, Some(runner));
        out.push(GithubEvent::JobStarted {
            runner_id: Self::runner_id(runner),
            job: self.jobs[job].reference.clone(),
        });
    }

    /// The runner finds that its job is gone.
    pub(super) fn become_ghost(&mut self, now: Time, runner: usize, out: &mut Vec<GithubEvent>) {
        let it = &self.runners[runner];
        if !it.is_busy() {
            return;
        }
        if it.lost {
            // Nobody asked for the job.
            self.go_offline(now, runner);
        } else {
            self.set_runner_stage(now, runner, RunnerStage::Gone);
            self.happened.ghosts += 1;
            out.push(GithubEvent::Ghosted { runner_id: Self::runner_id(runner) });
        }
    }

    /// The job waits for a runner again. No webhook says so.
    pub(super) fn requeue(&mut self, now: Time, job: usize, epoch: u32) {
        let it = &mut self.jobs[job];
        let (Stage::Assigned { runner, .. } | Stage::Running { runner, .. }, true) =
            (it.stage, it.epoch == epoch)
        else {
            return;
        };
        if it.cancelled {
            self.complete(now, job, "cancelled");
        } else {
            it.started_at = None;
            it.runner = None;
            self.happened.requeued += 1;
            self.set_stage(now, job, Stage::Queued);
            self.seek_runner_later(now, job);
        }
        // The runner that did not pick it up is gone. Its registration cannot be used again.
        if self.runners[runner].is_busy() {
            self.go_offline(now, runner);
        }
    }

    /// The job is over, and the runner's process exits.
    pub(super) fn end(&mut self, now: Time, job: usize, epoch: u32, out: &mut Vec<GithubEvent>) {
        let it = &self.jobs[job];
        let (Stage::Running { runner, .. }, true) = (it.stage, it.epoch == epoch) else { return };
        let conclusion = if it.cancelled { "cancelled" } else { "success" };
        out.push(GithubEvent::JobEnded { runner_id: Self::runner_id(runner), job: it.reference.clone() });
        self.complete(now, job, conclusion);
        self.set_runner_stage(now, runner, RunnerStage::Gone);
    }

    /// GitHub has not heard from the job's machine for too long.
    pub(super) fn give_up(&mut self, now: Time, job: usize, epoch: u32) {
        let it = &self.jobs[job];
        let (Stage::Running { runner, .. }, true) = (it.stage, it.epoch == epoch) else { return };
        let conclusion = if it.cancelled { "cancelled" } else { "failure" };
        self.happened.given_up += 1;
        self.complete(now, job, conclusion);
        if self.random.chance(self.settings.left_behind) {
            self.go_offline(now, runner);
        } else {
            self.set_runner_stage(now, runner, RunnerStage::Gone);
        }
    }

    fn assign(&mut self, now: Time, job: usize, runner: usize) {
        self.set_stage(now, job, Stage::Assigned { runner, at: now });
        self.set_runner_stage(now, runner, RunnerStage::Busy { job });
        let epoch = self.jobs[job].epoch;
        let pickup = now + self.delay(self.settings.pickup_delay);
        if self.runners[runner].lost {
            self.schedule.add(now + REQUEUED_AFTER, Step::Requeue { job, epoch });
        } else if self.random.chance(self.settings.ghost) {
            self.schedule.add(pickup, Step::Ghost { runner });
            self.schedule.add(now + REQUEUED_AFTER, Step::Requeue { job, epoch });
        } else {
            self.schedule.add(pickup, Step::PickUp { job, epoch });
        }
    }
}
