//! Promises 5 and 14: everything has an owner, and nothing is open for ever.

use std::{collections::BTreeMap, time::Duration};

use jit_runners_model::contract::table::{Key, OpenKind};
use jit_runners_runtime::{
    record::{RunnerName, longest_open},
    time::Time,
};

use super::Watch;
use crate::world::World;

/// Things without an owner are gone within two ticks of scale-down, counted from when they can be told from things
/// that are being made.
const OWNED_WITHIN: Duration = Duration::from_mins(17);

/// What is too old is closed within two ticks of scale-down.
const CLOSED_WITHIN: Duration = Duration::from_mins(11);

impl Watch {
    /// Promise 5: everything has an owner, or is gone soon.
    pub(super) fn survey(&mut self, world: &World) {
        let now = world.now;
        let Some(faults_stop_at) = self.faults_stop_at else { return };
        let mut instances = BTreeMap::new();
        for machine in world.ec2.machines().iter().filter(|machine| machine.ended.is_none()) {
            let of_runner = world
                .table
                .peek(&Key::runner(machine.id.as_str()))
                .is_some_and(|it| it.item.open().is_some());
            let of_intent = world
                .table
                .peek(&Key::intent(machine.intent.as_str()))
                .is_some_and(|it| it.item.open().is_some());
            if !of_runner && !of_intent {
                let since = self.unowned_instances.get(&machine.id).copied().unwrap_or(now);
                instances.insert(machine.id.clone(), since.max(faults_stop_at));
            }
        }
        let deployment = &world.environments().scaleup.deployment;
        let mut registrations = BTreeMap::new();
        for registration in world.github.registrations() {
            let owner = RunnerName::parse(registration.name, deployment)
                .and_then(|name| world.table.peek(&Key::runner(name.instance.as_str())));
            let kept = registration.busy || world.github.is_kept_for_good(registration.id);
            if owner.is_none_or(|owner| owner.item.open().is_none()) && !kept {
                let since = self.unowned_registrations.get(&registration.id).copied().unwrap_or(now);
                registrations.insert(registration.id, since.max(faults_stop_at));
            }
        }
        let late = |since: &Time| now.since(*since) > OWNED_WITHIN;
        if let Some((instance, _)) = instances.iter().find(|(_, since)| late(since)) {
            self.broken(5, now, || format!("{instance} lives and nobody owns it"));
        }
        if let Some((id, _)) = registrations.iter().find(|(_, since)| late(since)) {
            self.broken(5, now, || format!("runner {id} is registered and nobody owns it"));
        }
        self.unowned_instances = instances;
        self.unowned_registrations = registrations;
    }

    /// Promise 14: nothing is open for longer than its kind can be.
    pub(super) fn ages(&mut self, world: &World) {
        for stored in world.table.items() {
            let Some(open) = stored.item.open() else { continue };
            let most = match open.kind {
                OpenKind::Job => longest_open::JOB,
                OpenKind::Intent => longest_open::INTENT,
                OpenKind::Runner => longest_open::RUNNER,
                OpenKind::Place => longest_open::TRIED,
                OpenKind::Repository => continue,
            };
            let age = world.now.since(open.since);
            if age > most + CLOSED_WITHIN {
                self.broken(14, world.now, || {
                    format!("{} has been open for {} hours", stored.item.key(), age.as_secs() / 3_600)
                });
            }
        }
    }
}
