//! Mutations: mistakes made on purpose between the handlers and the world, which the checks must notice.

use std::time::Duration;

use jit_runners_model::contract::{
    message::{JobChange, JobEvent},
    table::Key,
};
use jit_runners_runtime::{
    port::{Launch, Write},
    record::{IntentState, Item, RunnerName, longest_open},
};

use crate::{table::SimTable, world::World};

/// The one place of [`Mutation::SharedRefusals`].
const EVERYWHERE: &str = "everywhere";

/// One mistake, as if somebody had made it in the handlers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutation {
    /// Writes without the condition that the item has not changed since it was read.
    UnconditionalWrites,
    /// Uses one client token for all calls of a launch.
    SharedToken,
    /// Terminates without asking GitHub first.
    TerminateFirst,
    /// Takes no slot of the fleet for a launch.
    NoReservation,
    /// Calls EC2 before the launch is stored.
    UnrecordedLaunch,
    /// Treats jobs as published that were not.
    LostPublish,
    /// Does not look for unknown registrations, neither by name nor on GitHub's lists.
    ForgottenRegistrations,
    /// Accepts webhooks without checking their signature.
    UnsignedWebhooks,
    /// Does not see that launches are stopped.
    UnseenStop,
    /// Terminates no busy instance when the deployment is removed.
    SparedInstances,
    /// Forgets which launches were in vain, and until when a job rests.
    ForgottenFailures,
    /// Remembers what GitHub says at one place as if it held everywhere.
    SharedRefusals,
    /// Believes that an event is about the runner that it names.
    BelievedNames,
    /// Closes no launch.
    OpenLaunches,
    /// Launches although the deployment is paused.
    IgnoredPause,
}

impl Mutation {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::UnconditionalWrites,
        Self::SharedToken,
        Self::TerminateFirst,
        Self::NoReservation,
        Self::UnrecordedLaunch,
        Self::LostPublish,
        Self::ForgottenRegistrations,
        Self::UnsignedWebhooks,
        Self::UnseenStop,
        Self::SparedInstances,
        Self::ForgottenFailures,
        Self::SharedRefusals,
        Self::BelievedNames,
        Self::OpenLaunches,
        Self::IgnoredPause,
    ];

    /// The promises that it may break. At least one of them must be noticed.
    pub const fn breaks(self) -> &'static [u8] {
        match self {
            Self::UnconditionalWrites => &[3, 7, 8],
            Self::SharedToken => &[1, 3, 7],
            Self::TerminateFirst => &[4],
            Self::NoReservation | Self::IgnoredPause => &[7],
            Self::UnrecordedLaunch => &[3],
            Self::LostPublish => &[1],
            Self::ForgottenRegistrations => &[5, 6],
            Self::UnsignedWebhooks => &[10],
            Self::UnseenStop | Self::SparedInstances => &[6],
            Self::ForgottenFailures => &[11],
            Self::SharedRefusals => &[12],
            Self::BelievedNames => &[13],
            Self::OpenLaunches => &[14],
        }
    }

    /// How long a run must go on after faults have stopped to show what it breaks.
    pub const fn shows_within(self) -> Duration {
        match self {
            Self::OpenLaunches => longest_open::INTENT.saturating_add(Duration::from_hours(2)),
            _ => Duration::ZERO,
        }
    }

    /// Changes a transaction.
    pub(crate) fn writes(self, table: &SimTable, mut writes: Vec<Write>) -> Vec<Write> {
        match self {
            Self::UnconditionalWrites => {
                for write in &mut writes {
                    write.expected = table.peek(&write.key).and_then(|stored| stored.revision);
                }
            }
            Self::NoReservation => writes.retain(|write| !matches!(write.item, Item::Fleet(_))),
            Self::UnrecordedLaunch => {
                writes.retain(|write| !matches!(write.item, Item::Intent(_)) || write.expected.is_some());
            }
            Self::ForgottenFailures => {
                for write in &mut writes {
                    if let Item::Job(job) = &mut write.item {
                        job.in_vain = 0;
                        job.in_vain_at.clear();
                        job.not_before = None;
                    }
                }
            }
            Self::SharedRefusals => {
                for write in writes.iter_mut().filter(|write| matches!(write.item, Item::Place(_))) {
                    write.key = Key::place(EVERYWHERE);
                }
            }
            Self::OpenLaunches => {
                for write in &mut writes {
                    if let Item::Intent(intent) = &mut write.item
                        && intent.state == IntentState::Closed
                    {
                        intent.state = IntentState::Abandoned;
                        if let Some(Item::Intent(before)) = table.peek(&write.key).map(|stored| &stored.item)
                        {
                            intent.since = before.since;
                        }
                    }
                }
            }
            Self::TerminateFirst => {
                for write in &mut writes {
                    if let Item::Runner(runner) = &mut write.item {
                        runner.ends_itself = false;
                    }
                }
            }
            Self::SharedToken
            | Self::LostPublish
            | Self::ForgottenRegistrations
            | Self::UnsignedWebhooks
            | Self::UnseenStop
            | Self::SparedInstances
            | Self::BelievedNames
            | Self::IgnoredPause => {}
        }
        writes
    }

    /// Changes the key of an item that is read.
    pub(crate) fn key(self, key: Key) -> Key {
        let is_place = key.to_string().starts_with(&Key::place("").to_string());
        if self == Self::SharedRefusals && is_place { Key::place(EVERYWHERE) } else { key }
    }

    /// Changes an event.
    pub(crate) fn event(self, world: &World, mut event: JobEvent) -> JobEvent {
        if self != Self::BelievedNames {
            return event;
        }
        let id_of = |name: &str| {
            let name = RunnerName::parse(name, &world.environments().lifecycle.deployment)?;
            match &world.table.peek(&Key::runner(name.instance.as_str()))?.item {
                Item::Runner(runner) => runner.registration,
                _ => None,
            }
        };
        match &mut event.change {
            JobChange::InProgress { runner_name, runner_id } => {
                *runner_id = id_of(runner_name).unwrap_or(*runner_id);
            }
            JobChange::Completed { runner_name: Some(name), runner_id, .. } => {
                *runner_id = id_of(name).or(*runner_id);
            }
            JobChange::Completed { runner_name: None, .. } | JobChange::Waiting => {}
        }
        event
    }

    /// Changes a call of `RunInstances`.
    pub(crate) fn launch(self, mut launch: Launch) -> Launch {
        if self == Self::SharedToken {
            launch.token = launch.intent.to_string();
        }
        launch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Mode, run};

    /// The number of seeds within which each mistake is noticed.
    const WITHIN: u64 = 400;

    #[test]
    #[expect(clippy::print_stdout, reason = "after how many seeds is worth knowing")]
    fn each_mistake_is_noticed() {
        let mut unnoticed = Vec::new();
        for mutation in Mutation::ALL {
            let mode = Mode { mutation: Some(mutation), ..Mode::default() };
            let noticed = (1..=WITHIN).find(|seed| {
                let outcome = run(*seed, mode).unwrap();
                outcome.violations.iter().any(|violation| mutation.breaks().contains(&violation.promise))
            });
            println!("{mutation:?}: noticed after {noticed:?} seeds");
            if noticed.is_none() {
                unnoticed.push(mutation);
            }
        }
        assert!(unnoticed.is_empty(), "{unnoticed:?} were not noticed in {WITHIN} seeds");
    }
}
