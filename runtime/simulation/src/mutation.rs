//! Mutations: mistakes made on purpose between the handlers and the world, which the checks must notice.

use jit_runners_runtime::{
    port::{Launch, Write},
    record::Item,
};

use crate::table::SimTable;

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
}

impl Mutation {
    /// All of them.
    pub const ALL: [Self; 10] = [
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
    ];

    /// The promises that it may break. At least one of them must be noticed.
    pub const fn breaks(self) -> &'static [u8] {
        match self {
            Self::UnconditionalWrites => &[3, 7, 8],
            Self::SharedToken => &[1, 3, 7],
            Self::TerminateFirst => &[4],
            Self::NoReservation => &[7],
            Self::UnrecordedLaunch => &[3],
            Self::LostPublish => &[1],
            Self::ForgottenRegistrations => &[5, 6],
            Self::UnsignedWebhooks => &[10],
            Self::UnseenStop | Self::SparedInstances => &[6],
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
            Self::SharedToken
            | Self::TerminateFirst
            | Self::LostPublish
            | Self::ForgottenRegistrations
            | Self::UnsignedWebhooks
            | Self::UnseenStop
            | Self::SparedInstances => {}
        }
        writes
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
    const WITHIN: u64 = 150;

    #[test]
    #[expect(clippy::print_stdout, reason = "after how many seeds is worth knowing")]
    fn each_mistake_is_noticed() {
        for mutation in Mutation::ALL {
            let mode = Mode { mutation: Some(mutation), ..Mode::default() };
            let noticed = (1..=WITHIN).find(|seed| {
                let outcome = run(*seed, mode).unwrap();
                outcome.violations.iter().any(|violation| mutation.breaks().contains(&violation.promise))
            });
            println!("{mutation:?}: noticed after {noticed:?} seeds");
            assert!(noticed.is_some(), "{mutation:?} was not noticed in {WITHIN} seeds");
        }
    }
}
