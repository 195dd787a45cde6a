//! Promises 3 and 7: launches, the caps, and the limits of EC2.

use std::time::Duration;

use jit_runners_model::contract::table::Key;
use jit_runners_runtime::{budget::Bucket, record::Item};

use super::Watch;
use crate::{operation::Operation, world::World};

/// A call that was made before launches were stopped may be carried out this much later.
const STOPPED_WITHIN: Duration = Duration::from_secs(45);
/// An invocation of scale-up that began before its input was changed launches until its time limit.
const PAUSED_WITHIN: Duration = Duration::from_secs(90);
/// What EC2 allows (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>).
const RUN_INSTANCES: Bucket = Bucket { capacity: 5, refill: Duration::from_millis(500) };

impl Watch {
    /// Promises 3 and 7: there are no more instances than a launch has slots, and no more than the caps allow.
    pub(super) fn launches(&mut self, world: &World) {
        let machines = world.ec2.machines();
        if machines.len() == self.machines {
            return;
        }
        let new = machines.get(self.machines..).unwrap_or_default();
        self.machines = machines.len();
        for machine in new {
            *self.live_of_intent.entry(machine.intent.clone()).or_default() += 1;
            self.waste.launched(world, machine);
        }
        if self.has_ended || self.stopped_at.is_some_and(|at| world.now.since(at) > STOPPED_WITHIN) {
            self.broken(6, world.now, || "an instance was launched although launches are stopped".to_owned());
        }
        if world.paused_at.is_some_and(|at| world.now.since(at) > PAUSED_WITHIN) {
            self.broken(7, world.now, || {
                "an instance was launched although the deployment is paused".to_owned()
            });
        }
        for machine in new {
            let live = self.live_of_intent.get(&machine.intent).copied().unwrap_or(0);
            let slots = world.table.peek(&Key::intent(machine.intent.as_str())).and_then(|stored| {
                match &stored.item {
                    Item::Intent(intent) => {
                        Some(intent.unfilled + u32::try_from(intent.launched.len()).unwrap_or(u32::MAX))
                    }
                    _ => None,
                }
            });
            if slots.is_none_or(|slots| live > slots) {
                self.broken(3, world.now, || {
                    format!("launch {} has {live} live instances and {slots:?} slots", machine.intent)
                });
            }
            let own = world.ec2.live_of(&machine.repository);
            if world.ec2.live() > self.caps.total || own > self.caps.per_repository {
                let (all, caps) = (world.ec2.live(), self.caps);
                self.broken(7, world.now, || {
                    format!("{all} instances, {own} of one repository; the caps are {caps:?}")
                });
            }
        }
    }

    /// Promise 7: calls of `RunInstances` are made within EC2's bucket. Delays of the network do not count.
    pub(super) fn launch_calls(&mut self, world: &World) {
        let made = world.calls.of(Operation::RunInstances).made;
        while self.launch_calls < made {
            self.launch_calls += 1;
            if RUN_INSTANCES.reserve(&mut self.launch_bucket, 1, world.now) > world.now {
                self.broken(7, world.now, || "RunInstances was called beyond EC2's bucket".to_owned());
            }
        }
    }
}
