//! Quantities with their units, checked against the bounds of the service that takes them.
//!
//! ```
//! use jit_runners_model::{Mebibytes, RetentionDays, UnitError};
//!
//! assert_eq!(Mebibytes::new(512)?.get(), 512);
//! assert_eq!(RetentionDays::new(13), Err(UnitError::NotARetention { found: 13, nearest: 14 }));
//! # Ok::<(), UnitError>(())
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a quantity was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// The number is outside the bounds that the service accepts.
    #[error("{found} is outside {low} to {high} {unit}")]
    OutOfRange {
        /// What was given.
        found: u64,
        /// Smallest accepted value.
        low: u64,
        /// Largest accepted value.
        high: u64,
        /// The unit's name, in the plural.
        unit: &'static str,
    },
    /// CloudWatch Logs keeps events for a fixed set of periods only.
    #[error("{found} days is not a period that CloudWatch Logs offers; nearest: {nearest} days")]
    NotARetention {
        /// What was given.
        found: u32,
        /// The nearest period on offer.
        nearest: u32,
    },
}

/// A duration in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seconds(u32);

impl Seconds {
    /// A duration of `seconds`.
    pub const fn new(seconds: u32) -> Self {
        Self(seconds)
    }

    /// A duration of whole `minutes`.
    pub const fn from_minutes(minutes: u32) -> Self {
        Self(minutes * 60)
    }

    /// A duration of whole `days`.
    pub const fn from_days(days: u32) -> Self {
        Self(days * 24 * 60 * 60)
    }

    /// The number of seconds.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

/// A Lambda function's timeout: 1 to 900 s
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timeout(Seconds);

impl Timeout {
    /// Smallest timeout, in seconds.
    pub const MIN: u32 = 1;
    /// Largest timeout, in seconds.
    pub const MAX: u32 = 900;

    /// A timeout of `seconds`, if Lambda accepts it.
    pub fn new(seconds: Seconds) -> Result<Self, UnitError> {
        in_range(u64::from(seconds.get()), Self::MIN.into(), Self::MAX.into(), "seconds")
            .map(|()| Self(seconds))
    }

    /// The timeout as a duration.
    pub const fn seconds(self) -> Seconds {
        self.0
    }
}

/// A Lambda function's memory: 128 to 10,240 MiB
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mebibytes(u32);

impl Mebibytes {
    /// Smallest memory size, in MiB.
    pub const MIN: u32 = 128;
    /// Largest memory size, in MiB.
    pub const MAX: u32 = 10_240;

    /// A memory size of `mebibytes`, if Lambda accepts it.
    pub fn new(mebibytes: u32) -> Result<Self, UnitError> {
        in_range(mebibytes.into(), Self::MIN.into(), Self::MAX.into(), "MiB").map(|()| Self(mebibytes))
    }

    /// The number of mebibytes.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// How long a log group keeps its events, in days; only the periods that CloudWatch Logs offers
/// (<https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RetentionDays(u32);

impl RetentionDays {
    /// The periods on offer, in days, ascending.
    pub const OFFERED: [u32; 22] = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
        3653,
    ];

    /// A retention of `days`, if CloudWatch Logs offers it.
    pub fn new(days: u32) -> Result<Self, UnitError> {
        if Self::OFFERED.contains(&days) {
            return Ok(Self(days));
        }
        let nearest = Self::OFFERED.into_iter().min_by_key(|offered| offered.abs_diff(days)).unwrap_or(14);
        Err(UnitError::NotARetention { found: days, nearest })
    }

    /// The number of days.
    pub const fn get(self) -> u32 {
        self.0
    }
}

fn in_range(found: u64, low: u64, high: u64, unit: &'static str) -> Result<(), UnitError> {
    if (low..=high).contains(&found) { Ok(()) } else { Err(UnitError::OutOfRange { found, low, high, unit }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_inclusive() {
        assert!(Mebibytes::new(128).is_ok());
        assert!(Mebibytes::new(10_240).is_ok());
        assert!(Mebibytes::new(127).is_err());
        assert!(Mebibytes::new(10_241).is_err());
        assert!(Timeout::new(Seconds::new(900)).is_ok());
        assert!(Timeout::new(Seconds::new(0)).is_err());
    }

    #[test]
    fn retention_names_the_nearest_period() {
        assert_eq!(RetentionDays::new(13), Err(UnitError::NotARetention { found: 13, nearest: 14 }));
    }
}
