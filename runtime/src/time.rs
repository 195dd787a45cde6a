//! Points in time. Handlers get them from the clock port.
//!
//! ```
//! use std::time::Duration;
//! use jit_runners_runtime::time::Time;
//!
//! let queued = Time::from_millis(60_000);
//! let started = queued + Duration::from_secs(5);
//! assert_eq!(started.since(queued), Duration::from_secs(5));
//! // Clocks differ, so an event may seem to come before its cause. No wait is negative.
//! assert_eq!(queued.since(started), Duration::ZERO);
//! ```

use std::{fmt, ops, time::Duration};

use jit_runners_model::Seconds;
use serde::{Deserialize, Serialize};

/// A point in time, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(u64);

impl Time {
    /// `millis` milliseconds after 1970 began.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long this is after `earlier`; zero if it is not later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl ops::Add<Duration> for Time {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl ops::Sub<Duration> for Time {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1_000, self.0 % 1_000)
    }
}

/// A quantity of the model as a duration.
pub const fn duration(seconds: Seconds) -> Duration {
    Duration::from_secs(seconds.get() as u64)
}
