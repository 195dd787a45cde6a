//! Faults of calls, functions and instances. By default there are none.

use std::{collections::BTreeMap, collections::BTreeSet, time::Duration};

use crate::operation::Service;

/// How likely something is, from 0 to 1.
pub type Probability = f64;

/// What goes wrong by chance, and how long things take.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Faults {
    /// Calls of the table.
    pub table: CallFaults,
    /// Calls of EC2.
    pub compute: CallFaults,
    /// Calls of GitHub.
    pub github: CallFaults,
    /// Messages sent.
    pub queue: CallFaults,
    /// Calls of IAM and CloudFormation.
    pub account: CallFaults,
    /// The functions.
    pub functions: FunctionFaults,
    /// The instances.
    pub machines: MachineFaults,
}

/// What goes wrong with the calls of one service, each by chance.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CallFaults {
    /// The request never arrives.
    pub request_lost: Probability,
    /// The call is carried out, and its answer never arrives.
    pub answer_lost: Probability,
    /// The request arrives only after the caller has given up, and is carried out then.
    pub late: Probability,
    /// The call takes seconds.
    pub slow: Probability,
    /// The caller dies before it sends the request.
    pub crash_before_sending: Probability,
    /// The caller dies while the request is on its way.
    pub crash_before_applying: Probability,
    /// The caller dies while the answer is on its way.
    pub crash_after_applying: Probability,
    /// A batch of messages is taken in part.
    pub partial: Probability,
}

/// What goes wrong with functions.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FunctionFaults {
    /// An invocation dies before it does anything.
    pub stillborn: Probability,
    /// A cold start takes seconds instead of a moment.
    pub slow_start: Probability,
    /// A schedule's tick does not come.
    pub tick_missed: Probability,
    /// A schedule's tick comes twice.
    pub tick_doubled: Probability,
    /// The longest delay of a tick.
    pub tick_jitter: Duration,
    /// Lambda fails to delete messages that were handled, so they come again.
    pub deletion_lost: Probability,
}

/// What goes wrong with instances.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MachineFaults {
    /// Our program does not start, so the instance does nothing.
    pub silent: Probability,
    /// One read of the configuration fails.
    pub unreadable: Probability,
    /// The configuration is read and deleted, and the answer with it is lost.
    pub configuration_lost: Probability,
    /// The runner dies before it listens.
    pub runner_crash: Probability,
    /// The instance fails to end itself, so somebody else has to.
    pub never_ends: Probability,
}

impl Faults {
    /// What goes wrong with the calls of `service`.
    pub const fn calls(&self, service: Service) -> &CallFaults {
        match service {
            Service::Table => &self.table,
            Service::Compute => &self.compute,
            Service::Github => &self.github,
            Service::Queue => &self.queue,
            Service::Account => &self.account,
        }
    }
}

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallFault {
    /// The caller dies before it sends the request.
    CrashBeforeSending,
    /// The caller dies while the request is on its way; it is carried out all the same.
    CrashBeforeApplying,
    /// The caller dies while the answer is on its way.
    CrashAfterApplying,
    /// The request never arrives.
    RequestLost,
    /// The call is carried out, and its answer never arrives.
    AnswerLost,
    /// The request arrives only after the caller has given up.
    Late,
}

impl CallFault {
    /// Every fault of a call.
    pub const ALL: [Self; 6] = [
        Self::CrashBeforeSending,
        Self::CrashBeforeApplying,
        Self::CrashAfterApplying,
        Self::RequestLost,
        Self::AnswerLost,
        Self::Late,
    ];
}

impl CallFault {
    /// What happens, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::CrashBeforeSending => "crash before sending",
            Self::CrashBeforeApplying => "crash before applying",
            Self::CrashAfterApplying => "crash after applying",
            Self::RequestLost => "request lost",
            Self::AnswerLost => "answer lost",
            Self::Late => "request late",
        }
    }
}

impl CallFaults {
    /// The fault for `draw`, a random number from 0 and below 1.
    pub(crate) fn of_draw(&self, draw: f64) -> Option<CallFault> {
        let mut below = 0.0;
        [
            (self.request_lost, CallFault::RequestLost),
            (self.answer_lost, CallFault::AnswerLost),
            (self.late, CallFault::Late),
            (self.crash_before_sending, CallFault::CrashBeforeSending),
            (self.crash_before_applying, CallFault::CrashBeforeApplying),
            (self.crash_after_applying, CallFault::CrashAfterApplying),
        ]
        .into_iter()
        .find_map(|(share, fault)| {
            below += share;
            (draw < below).then_some(fault)
        })
    }

    /// Whether any call can go wrong.
    pub(crate) const fn are_possible(&self) -> bool {
        self.request_lost
            + self.answer_lost
            + self.late
            + self.crash_before_sending
            + self.crash_before_applying
            + self.crash_after_applying
            > 0.0
    }
}

/// Faults of chosen calls and messages, for runs that try all of them in turn. Calls and messages are counted over
/// the whole run, from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlannedFaults {
    /// What happens to which call.
    pub calls: BTreeMap<u64, CallFault>,
    /// Messages that a queue delivers twice.
    pub doubled_messages: BTreeSet<u64>,
}

impl PlannedFaults {
    /// One fault of one call.
    pub fn of_call(number: u64, fault: CallFault) -> Self {
        Self { calls: [(number, fault)].into(), ..Self::default() }
    }

    /// These faults and those of `other`.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.calls.extend(&other.calls);
        self.doubled_messages.extend(&other.doubled_messages);
        self
    }

    /// One message that comes twice.
    pub fn of_message(number: u64) -> Self {
        Self { doubled_messages: [number].into(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_share_of_the_draws() {
        let faults = CallFaults {
            request_lost: 0.25,
            late: 0.125,
            crash_after_applying: 0.0625,
            ..Default::default()
        };
        let of = |draw| faults.of_draw(draw);
        assert_eq!((of(0.0), of(0.2)), (Some(CallFault::RequestLost), Some(CallFault::RequestLost)));
        assert_eq!((of(0.25), of(0.3)), (Some(CallFault::Late), Some(CallFault::Late)));
        assert_eq!((of(0.4), of(0.5)), (Some(CallFault::CrashAfterApplying), None));
        assert!(faults.are_possible() && !CallFaults::default().are_possible());
    }
}
