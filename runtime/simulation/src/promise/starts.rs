//! Promises 1 and 12: every job starts, whatever happens to others.

use std::time::Duration;

use jit_runners_runtime::{gap::TRUST, port::GithubJobStatus, time::Time};

use super::Watch;
use crate::{github::JobView, world::World};

/// The longest time from the end of faults, or from when a job is queued, until the job starts. In the worst case,
/// its runner counts as supply and never comes (or takes another job); then a tick finds the gap, an instance boots,
/// and its runner gets the job.
const STARTS_WITHIN: Duration = Duration::from_mins(9);
/// The longest wait of a job that has used up its budget of launches: until the hour of its first launch is over. Then
/// it is tried again. The runner of that launch may take another job of the label set, and then it rests once more.
const STRANDED_WITHIN: Duration = Duration::from_hours(2);
/// The longest time until it is noticed that GitHub queued a job again that a runner had taken. Scale-down sees that
/// the instance is gone, and asks about the job in the run after the next.
const NOTICED_WITHIN: Duration = Duration::from_mins(16);
/// The longest time until there is another runner, if a job with some of its labels took the one that was launched for it: a
/// tick finds that it still waits, and an instance boots.
const OVERTAKEN: Duration = Duration::from_mins(2);
/// The longest rest after GitHub refused something, or did not know a job.
const REST: Duration = Duration::from_mins(15);

impl Watch {
    /// Promises 1 and 12: every job starts. Jobs that need what is refused for ever do not, and delay no other.
    pub(super) fn jobs_started(&mut self, world: &World) {
        // A paused deployment starts nothing.
        if world.paused_at.is_some() {
            return;
        }
        let faults_stop_at = self.faults_stop_at.unwrap_or(world.now).max(world.resumed_at);
        let others_have_trouble = world.github.has_lasting_trouble();
        // Until the maximum age, instances that do not end themselves can take every slot.
        let slots_are_lost = self.end_themselves(world) > 0;
        for job in world.github.all_jobs() {
            let Some(queued_at) = job.queued_at else { continue };
            if job.cancelled || world.github.is_refused_for_good(job.job) {
                continue;
            }
            let from = queued_at.max(faults_stop_at);
            let by = self.starts_by(world, &job, from);
            let started = job.started_at.or(job.completed_at).unwrap_or(world.now);
            let never = job.status == GithubJobStatus::Queued;
            let is_full = self.was_full || self.full_places.contains(&*job.job.repository.identity());
            if started > by && ((never && !slots_are_lost) || !is_full) {
                let (name, id) = (job.job.repository.as_str(), job.job.job_id);
                let waited = started.since(from).as_secs();
                let ending = if never { "and has not started" } else { "before it started" };
                let stranded = self.stranded.contains(job.job);
                let note = if stranded { ", though its budget was used up" } else { "" };
                let promise = if others_have_trouble { 12 } else { 1 };
                self.broken(promise, world.now, || {
                    format!("job {id} of {name} waited {waited} s {ending}{note}")
                });
            }
        }
    }

    /// When a job that could start since `from` starts at the latest.
    fn starts_by(&self, world: &World, job: &JobView<'_>, from: Time) -> Time {
        let more = |is: bool, more: Duration| if is { more } else { Duration::ZERO };
        let refused = world.github.last_refused(job.job).map(|at| at + REST);
        from.max(refused.unwrap_or(from))
            + STARTS_WITHIN
            + more(self.stranded.contains(job.job), STRANDED_WITHIN + TRUST)
            + more(self.queued_again.contains(job.job), NOTICED_WITHIN)
            + OVERTAKEN * self.waste.overtaken((job.job.job_id, job.job.run_attempt), from)
    }
}
