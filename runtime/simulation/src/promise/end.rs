//! Promises 2 and 6: no message is lost, and nothing is left when everything is over.

use std::time::Duration;

use jit_runners_model::contract::{message::JobMessage, table::Key};
use jit_runners_runtime::record::{Fleet, Item, RunnerName};

use super::{Watch, is_left};
use crate::world::World;

/// An instance that is too old is ended within two ticks of scale-down.
const ENDED_WITHIN: Duration = Duration::from_mins(11);

impl Watch {
    /// Promise 2: what was handed to scale-up is in the ledger, in the queue, or in the dead-letter queue.
    pub(super) fn no_message_lost(&mut self, world: &World) {
        let dead: Vec<_> = world.scale_up.dead_letters().iter().map(|letter| letter.body.as_str()).collect();
        for body in &world.accepted {
            let Ok(message) = serde_json::from_str::<JobMessage>(body) else { continue };
            let known = world.table.peek(&Key::job(&message.job)).is_some();
            if !known && world.scale_up.is_empty() && !dead.contains(&body.as_str()) {
                self.broken(2, world.now, || {
                    format!("job {} was accepted and is nowhere", message.job.job_id)
                });
            }
        }
    }

    /// Promise 6, where the deployment is removed: when that is done, every instance is terminated, and none follows.
    pub(super) fn end_of_deployment(&mut self, world: &World) {
        if self.has_ended || world.stack.ended_at.is_none() {
            return;
        }
        self.has_ended = true;
        self.busy_at_end = world.github.registrations().filter(|it| it.busy).map(|it| it.id).collect();
        for machine in world.ec2.machines().iter().filter(|machine| !machine.is_terminated(world.now)) {
            self.broken(6, world.now, || format!("the deployment has ended, and {} has not", machine.id));
        }
    }

    /// Promise 6, where the deployment was removed.
    pub(super) fn nothing_left_behind(&mut self, world: &World) {
        let now = world.now;
        let (Some(asked_at), true) = (world.stack.removal_asked_at, world.stack.is_gone()) else {
            self.broken(6, now, || "the deployment was not removed".to_owned());
            return;
        };
        let live = world.ec2.live();
        if live > 0 {
            self.broken(6, now, || format!("{live} instances live, and the deployment was removed"));
        }
        // The removal does not wait for GitHub while it does not answer, and GitHub does not remove busy runners.
        if self.faults_stop_at.is_some_and(|faults_stop_at| faults_stop_at <= asked_at) {
            let deployment = &world.environments().scaleup.deployment;
            let may_stay = |id| self.busy_at_end.contains(&id) || world.github.is_kept_for_good(id);
            let idle = world.github.registrations().filter(|it| !may_stay(it.id));
            let left: Vec<_> = idle
                .filter(|it| RunnerName::parse(it.name, deployment).is_some())
                .map(|it| it.name.to_owned())
                .collect();
            if !left.is_empty() {
                self.broken(6, now, || format!("registered, and the deployment was removed: {left:?}"));
            }
        }
    }

    /// Promise 6: nothing is left.
    pub(super) fn nothing_left(&mut self, world: &World) {
        let now = world.now;
        if world.github.open_jobs() > 0 {
            return;
        }
        let end_themselves = self.end_themselves(world);
        let live = usize::try_from(world.ec2.live()).unwrap_or(usize::MAX).saturating_sub(end_themselves);
        if live > 0 {
            self.broken(6, now, || format!("{live} instances live, and there is no job"));
        }
        let deployment = &world.environments().scaleup.deployment;
        let is_later = |name: &str| {
            let owner = RunnerName::parse(name, deployment)
                .and_then(|name| world.table.peek(&Key::runner(name.instance.as_str())));
            owner.is_some_and(|owner| self.ends_itself(world, &owner.item))
        };
        let registered = world
            .github
            .registrations()
            .filter(|it| !world.github.is_kept_for_good(it.id) && !is_later(it.name));
        let registered: Vec<_> = registered.map(|it| it.name.to_owned()).collect();
        if !registered.is_empty() {
            self.broken(6, now, || format!("registered, and there is no job: {registered:?}"));
        }
        let open: Vec<_> = world
            .table
            .items()
            .filter(|stored| is_left(world, &stored.item) && !self.ends_itself(world, &stored.item))
            .map(|stored| stored.item.key().to_string())
            .collect();
        if !open.is_empty() {
            self.broken(6, now, || format!("open, and there is no job: {open:?}"));
        }
        if let Some(taken) = world.table.peek(&Key::fleet()).and_then(|stored| match &stored.item {
            Item::Fleet(fleet) => {
                usize::try_from(Fleet::taken(fleet)).ok().filter(|taken| *taken > end_themselves)
            }
            _ => None,
        }) {
            self.broken(6, now, || format!("{taken} slots are taken, and there is no job"));
        }
    }

    /// How many instances end by themselves, or at the maximum age: their registration was removed while their runner
    /// could have had a job that GitHub did not show.
    pub(super) fn end_themselves(&self, world: &World) -> usize {
        world.table.items().filter(|stored| self.ends_itself(world, &stored.item)).count()
    }

    fn ends_itself(&self, world: &World, item: &Item) -> bool {
        let Item::Runner(runner) = item else { return false };
        let lives = world.ec2.machine(&runner.instance).is_some_and(|machine| machine.ended.is_none());
        let may_live = world.now.since(runner.launched_at) <= self.max_age + ENDED_WITHIN;
        let only_age_ends_it = runner.ends_itself || world.github.refuses_for_good_at(&runner.repository);
        only_age_ends_it && runner.is_open() && lives && may_live
    }
}
