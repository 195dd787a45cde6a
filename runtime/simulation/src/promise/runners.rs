//! Promises 4 and 13: no busy runner is ended, and only its own events move a runner.

use std::time::Duration;

use jit_runners_runtime::record::{InstanceId, Item, Runner};

use super::Watch;
use crate::{ec2::EndCause, table::Change, world::World};

impl Watch {
    /// Promise 4: no busy runner is terminated, whether or not its registration was removed before.
    pub(super) fn ended(&mut self, world: &World, instance: &InstanceId, cause: EndCause) {
        if let Some(machine) = world.ec2.machine(instance)
            && let Some(live) = self.live_of_intent.get_mut(&machine.intent)
        {
            *live = live.saturating_sub(1);
        }
        // Removing the deployment ends every instance, busy or not.
        if cause != EndCause::Terminated || world.stack.removal_asked_at.is_some() {
            return;
        }
        let Some(runner) = runner_on(world, instance) else { return };
        let Some(job) = world.github.job_under_way(runner) else { return };
        let age = world
            .ec2
            .machine(instance)
            .map_or(Duration::ZERO, |machine| world.now.since(machine.launched_at));
        if age <= self.max_age {
            let (job, now) = (job.job.job_id, world.now);
            self.broken(4, now, || format!("{instance} was terminated while runner {runner} had job {job}"));
        }
    }

    /// Promise 13: a runner has a job only if GitHub gave it that job, and is done only if that job is over or was taken
    /// from it.
    pub(super) fn moved(&mut self, world: &World, change: &Change) {
        let Some(Item::Runner(after)) = change.after.as_ref().map(|after| &after.item) else { return };
        let before = match change.before.as_ref().map(|before| &before.item) {
            Some(Item::Runner(before)) => Some(before),
            _ => None,
        };
        let is_new = |fact: fn(&Runner) -> bool| fact(after) && !before.is_some_and(fact);
        let Some(job) = &after.job else {
            if is_new(|runner| runner.job_done) {
                self.broken(13, world.now, || format!("{} is done and had no job", after.instance));
            }
            return;
        };
        let runner = runner_on(world, &after.instance);
        if is_new(|runner| runner.job.is_some()) {
            let was_given = runner.is_some_and(|runner| world.github.was_given(job, runner));
            let is_its_own = after.registration.is_none_or(|registration| Some(registration) == runner);
            if !was_given || !is_its_own {
                let (id, place) = (job.job_id, job.repository.as_str());
                self.broken(13, world.now, || {
                    format!("{} counts as having job {id} of {place}, which it never got", after.instance)
                });
            }
        }
        if is_new(|runner| runner.job_done) {
            let has_it = runner.and_then(|runner| world.github.job_under_way(runner));
            // Where GitHub hides jobs, nobody can know.
            let is_hidden = world.github.last_refused(job).is_some();
            if has_it.is_some_and(|has_it| has_it.job.job_id == job.job_id) && !is_hidden {
                let id = job.job_id;
                self.broken(13, world.now, || {
                    format!("{} counts as done while it has job {id}", after.instance)
                });
            }
        }
    }
}

/// GitHub's id of the runner that listens, or listened, on an instance.
pub(super) fn runner_on(world: &World, instance: &InstanceId) -> Option<u64> {
    world.agents.get(*world.agent_of.get(instance)?)?.runner
}
