//! Says when a rate-limited call may be made: each call is reserved before it is made.
//!
//! Both kinds are kept in the table ([`crate::record::Fleet`]), so all invocations share them. A reservation is never
//! earlier than the one before it.
//!
//! ```
//! use std::time::Duration;
//! use jit_runners_runtime::{budget::{Bucket, BucketLevel}, time::Time};
//!
//! let bucket = Bucket { capacity: 2, refill: Duration::from_secs(1) };
//! let (mut level, now) = (BucketLevel::default(), Time::from_millis(60_000));
//! // Two calls may be made at once. Each further call waits a second longer.
//! let waits = [(); 4].map(|()| bucket.reserve(&mut level, 1, now).since(now).as_secs());
//! assert_eq!(waits, [0, 0, 1, 2]);
//! ```

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// A bucket of tokens that fills at a steady rate, as EC2 throttles
/// (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Tokens when it is full.
    pub capacity: u32,
    /// Time until one token is back.
    pub refill: Duration,
}

/// How empty a bucket is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BucketLevel {
    /// When it will be full again, if nothing more is taken.
    full_at: Time,
}

impl Bucket {
    /// Takes `tokens`; returns when they are available.
    pub fn reserve(self, level: &mut BucketLevel, tokens: u32, now: Time) -> Time {
        level.full_at = level.full_at.max(now) + self.refill * tokens;
        (level.full_at - self.refill * self.capacity).max(now)
    }
}

/// A limit for any period of a given length, as GitHub limits requests
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many.
    pub limit: u32,
    /// In which time.
    pub period: Duration,
    /// How late a reserved call may be made. A caller that is later reserves again.
    pub slack: Duration,
}

/// What was taken of a window in the last period: start and number, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WindowUse(Vec<(Time, u32)>);

impl Window {
    /// A period is divided into this many pieces; calls of one piece are counted together.
    const PIECES: u32 = 60;

    /// When `count` more calls, at most the limit, may be made. Takes nothing.
    pub fn earliest(self, used: &WindowUse, count: u32, now: Time) -> Time {
        let count = count.min(self.limit);
        // Reservations are in order, so the search begins at the last one.
        let from = used.0.last().map_or(now, |(last, _)| now.max(*last));
        let within = |time: Time| -> u32 {
            used.0.iter().filter(|(at, _)| *at + self.length() > time).map(|(_, count)| count).sum()
        };
        // Calls become possible only when others leave the window.
        std::iter::once(from)
            .chain(used.0.iter().map(|(at, _)| *at + self.length()).filter(|time| *time > from))
            .find(|time| within(*time) + count <= self.limit)
            .unwrap_or(from)
    }

    /// Takes `count` at the time that [`Window::earliest`] gives, and returns that time.
    pub fn reserve(self, used: &mut WindowUse, count: u32, now: Time) -> Time {
        let at = self.earliest(used, count, now);
        used.0.retain(|(start, _)| *start + self.length() > now);
        match used.0.last_mut() {
            Some((start, taken)) if at < *start + self.piece() => *taken += count,
            _ => used.0.push((at, count)),
        }
        at
    }

    fn piece(self) -> Duration {
        self.period / Self::PIECES
    }

    /// A call counts from the start of its piece, but may be made at the end of it, and late.
    fn length(self) -> Duration {
        self.period + self.piece() + self.slack
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Time::from_millis(1_000_000);

    fn seconds(time: Time) -> f64 {
        time.since(START).as_secs_f64()
    }

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let bucket = Bucket { capacity: 5, refill: Duration::from_millis(500) };
        let mut level = BucketLevel::default();
        let times: Vec<_> = (0..9).map(|_| seconds(bucket.reserve(&mut level, 1, START))).collect();
        assert_eq!(times, [0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 1.5, 2.0]);
        let later = START + Duration::from_mins(1);
        assert_eq!(bucket.reserve(&mut level, 5, later), later);
    }

    #[test]
    fn no_stretch_of_a_period_has_more_than_the_limit() {
        let window = Window { limit: 180, period: Duration::from_mins(1), slack: Duration::ZERO };
        let mut used = WindowUse::default();
        let mut given: Vec<Time> = Vec::new();
        for step in 0..200_u64 {
            let now = START + Duration::from_millis(step * 137);
            let count = 1 + u32::try_from(step % 10).unwrap();
            let at = window.reserve(&mut used, count, now);
            assert!(at >= now && given.last().is_none_or(|last| *last <= at));
            given.extend((0..count).map(|_| at));
        }
        for end in &given {
            let within = given.iter().filter(|at| **at <= *end && **at + window.period > *end).count();
            assert!(within <= 180, "{within} in the minute before {}", seconds(*end));
        }
        assert!(used.0.len() < 80, "{} entries", used.0.len());
    }

    #[test]
    fn a_full_window_opens_when_its_first_piece_leaves_it() {
        let window = Window { limit: 10, period: Duration::from_mins(1), slack: Duration::from_secs(5) };
        let mut used = WindowUse::default();
        assert_eq!(window.reserve(&mut used, 10, START), START);
        assert!((seconds(window.earliest(&used, 1, START)) - 66.0).abs() < 0.01);
    }
}
