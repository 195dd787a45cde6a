//! How much was called, by whom, and how densely.

use std::time::Duration;

use jit_runners_model::contract::Handler;
use jit_runners_runtime::time::Time;

use crate::call::{Operation, SERVICES, Service};

const OPERATIONS: usize = Operation::ALL.len();

/// Counts of calls.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    total: u64,
    operations: [Count; OPERATIONS],
    by_handler: [[u64; OPERATIONS]; 5],
    under_way: [u32; SERVICES],
    most_under_way: [u32; SERVICES],
}

/// Counts of the calls of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Calls that were made.
    pub made: u64,
    /// Calls that the service refused.
    pub refused: u64,
    /// Calls whose answer the caller never got.
    pub unanswered: u64,
    /// Most calls that began in one second of the clock.
    pub most_in_a_second: u32,
    /// Most calls that began in one minute of the clock.
    pub most_in_a_minute: u32,
    second: (u64, u32),
    minute: (u64, u32),
}

impl Calls {
    /// Calls of the whole run.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Counts of one operation.
    pub fn of(&self, operation: Operation) -> Count {
        self.operations.get(operation as usize).copied().unwrap_or_default()
    }

    /// Calls of one operation that one function made.
    pub fn by(&self, handler: Handler, operation: Operation) -> u64 {
        self.by_handler
            .get(handler as usize)
            .and_then(|counts| counts.get(operation as usize))
            .copied()
            .unwrap_or_default()
    }

    /// Calls of one service.
    pub fn of_service(&self, service: Service) -> u64 {
        let operations = Operation::ALL.iter().filter(|operation| operation.service() == service);
        operations.map(|operation| self.of(*operation).made).sum()
    }

    /// Most calls of one service that were under way at the same time.
    pub fn most_under_way(&self, service: Service) -> u32 {
        self.most_under_way.get(service as usize).copied().unwrap_or_default()
    }

    /// Counts a call that begins; says its number in the run, from 1.
    pub(crate) fn begin(&mut self, handler: Handler, operation: Operation, now: Time) -> u64 {
        self.total += 1;
        if let Some(count) = self.operations.get_mut(operation as usize) {
            count.made += 1;
            count.most_in_a_second =
                count.most_in_a_second.max(Count::in_piece(&mut count.second, now, SECOND));
            count.most_in_a_minute =
                count.most_in_a_minute.max(Count::in_piece(&mut count.minute, now, MINUTE));
        }
        let by_handler = self.by_handler.get_mut(handler as usize);
        if let Some(made) = by_handler.and_then(|counts| counts.get_mut(operation as usize)) {
            *made += 1;
        }
        let service = operation.service() as usize;
        if let (Some(under_way), Some(most)) =
            (self.under_way.get_mut(service), self.most_under_way.get_mut(service))
        {
            *under_way += 1;
            *most = (*most).max(*under_way);
        }
        self.total
    }

    /// Counts a call that is over for its caller.
    pub(crate) fn end(&mut self, service: Service) {
        if let Some(under_way) = self.under_way.get_mut(service as usize) {
            *under_way = under_way.saturating_sub(1);
        }
    }

    /// Counts what the service said.
    pub(crate) fn answered(&mut self, operation: Operation, success: bool) {
        if let Some(count) = self.operations.get_mut(operation as usize) {
            count.refused += u64::from(!success);
        }
    }

    /// Counts a call whose answer its caller did not get.
    pub(crate) fn unanswered(&mut self, operation: Operation) {
        if let Some(count) = self.operations.get_mut(operation as usize) {
            count.unanswered += 1;
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

impl Count {
    fn in_piece(piece: &mut (u64, u32), now: Time, length: Duration) -> u32 {
        let number = u128::from(now.as_millis()).checked_div(length.as_millis());
        let number = number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0);
        if piece.0 != number {
            *piece = (number, 0);
        }
        piece.1 += 1;
        piece.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_of_one_second_and_one_minute() {
        let mut calls = Calls::default();
        for at in [10_000, 10_999, 11_000, 12_000, 13_000, 70_000] {
            calls.begin(Handler::ScaleUp, Operation::Register, Time::from_millis(at));
        }
        let count = calls.of(Operation::Register);
        assert_eq!((count.made, count.most_in_a_second, count.most_in_a_minute), (6, 2, 5));
        assert_eq!(calls.by(Handler::ScaleUp, Operation::Register), 6);
        assert_eq!(calls.by(Handler::ScaleDown, Operation::Register), 0);
        assert_eq!((calls.of_service(Service::Github), calls.of_service(Service::Table)), (6, 0));
    }

    #[test]
    fn calls_are_under_way_until_they_end() {
        let mut calls = Calls::default();
        let now = Time::from_millis(1);
        calls.begin(Handler::ScaleUp, Operation::Get, now);
        calls.begin(Handler::ScaleUp, Operation::Commit, now);
        calls.end(Service::Table);
        calls.begin(Handler::ScaleUp, Operation::Get, now);
        assert_eq!((calls.most_under_way(Service::Table), calls.total()), (2, 3));
    }
}
