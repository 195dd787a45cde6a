//! How EC2 counts calls.

use std::{collections::VecDeque, time::Duration};

use jit_runners_runtime::time::Time;

use super::settings::BucketSize;

/// A token has this many parts, so that a refill by milliseconds is a whole number.
const TOKEN: u64 = 1_000;

/// The token bucket of a service: it starts full, and a call that finds too few tokens takes none.
#[derive(Debug, Clone)]
pub(super) struct TokenBucket {
    /// In thousandths of a token.
    capacity: u64,
    /// In thousandths of a token.
    per_second: u64,
    /// In millionths of a token.
    level: u64,
    at: Time,
}

impl TokenBucket {
    /// A full bucket of `size`, minus the share of others. At least one token is left to us.
    pub(super) fn new(size: BucketSize, others_percent: u32) -> Self {
        let left = u64::from(100 - others_percent.min(99));
        let capacity = (u64::from(size.capacity) * left * TOKEN / 100).max(TOKEN);
        let per_second = u64::from(size.per_second) * left * TOKEN / 100;
        Self { capacity, per_second, level: capacity * 1_000, at: Time::default() }
    }

    /// Takes `tokens`, if they are there.
    pub(super) fn take(&mut self, tokens: u32, now: Time) -> bool {
        let passed = u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX);
        let back = passed.saturating_mul(self.per_second);
        self.level = self.level.saturating_add(back).min(self.capacity * 1_000);
        self.at = self.at.max(now);
        let wanted = u64::from(tokens) * TOKEN * 1_000;
        let enough = wanted <= self.level;
        if enough {
            self.level -= wanted;
        }
        enough
    }
}

/// How often one action was called.
#[derive(Debug, Clone, Default)]
pub struct ActionCalls {
    /// All calls.
    pub made: u64,
    /// Calls that found a bucket too empty.
    pub over_bucket: u64,
    /// The most calls in any second.
    pub peak: usize,
    last_second: VecDeque<Time>,
}

impl ActionCalls {
    pub(super) fn count(&mut self, now: Time) {
        self.made += 1;
        while self.last_second.front().is_some_and(|at| *at + Duration::from_secs(1) <= now) {
            self.last_second.pop_front();
        }
        self.last_second.push_back(now);
        self.peak = self.peak.max(self.last_second.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Time::from_millis(1_700_000_000_000);
    const SIZE: BucketSize = BucketSize { capacity: 5, per_second: 2 };

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let mut bucket = TokenBucket::new(SIZE, 0);
        let taken: Vec<_> = (0..6).map(|_| bucket.take(1, START)).collect();
        assert_eq!(taken, [true, true, true, true, true, false]);
        assert!(!bucket.take(1, START + Duration::from_millis(499)));
        assert!(bucket.take(1, START + Duration::from_millis(500)));
        assert!(!bucket.take(6, START + Duration::from_hours(1)), "more than it holds");
    }

    #[test]
    fn others_take_their_share() {
        let mut bucket = TokenBucket::new(SIZE, 60);
        assert!(bucket.take(2, START) && !bucket.take(1, START));
        assert!(!bucket.take(1, START + Duration::from_millis(1_249)));
        assert!(bucket.take(1, START + Duration::from_millis(1_250)));
    }

    #[test]
    fn the_peak_is_of_any_second() {
        let mut calls = ActionCalls::default();
        for millis in [0, 900, 1_800, 1_850, 1_899, 5_000] {
            calls.count(START + Duration::from_millis(millis));
        }
        assert_eq!((calls.made, calls.peak), (6, 4));
    }
}
