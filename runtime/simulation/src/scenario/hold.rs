//! What must hold of a scenario, and what came out.

mod measure;
mod read;

use std::{collections::BTreeSet, fmt, time::Duration};

use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_yaml::quantity::Quantity as _;

pub(super) use self::{
    measure::{Ended, Observed, figures},
    read::read,
};

/// Everything that must hold.
#[derive(Debug, Clone)]
pub(super) struct Hold {
    /// When the run ends.
    pub end: End,
    /// Which promises must hold.
    promises: BTreeSet<u8>,
    started: Vec<Started>,
    instances: Vec<Instances>,
    requests: Vec<Requests>,
    metrics: Vec<Metric>,
    stranded: Option<u32>,
    busy_ended: Option<u32>,
    dead_letters: Option<u32>,
}

/// When a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// At this time.
    At(Duration),
    /// As soon as everything is over, and at this time at the latest.
    Over(Duration),
}

impl End {
    /// The latest time at which it ends.
    pub(super) const fn latest(self) -> Duration {
        match self {
            Self::At(time) | Self::Over(time) => time,
        }
    }
}

/// Jobs that must start soon.
#[derive(Debug, Clone)]
struct Started {
    repository: Option<Repository>,
    labels: Option<BTreeSet<Label>>,
    name: Option<String>,
    within: Duration,
    after: After,
}

/// From when on it counts how long a job waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// When it was queued; for a held job, when it was let through.
    Queued,
    /// When it was pushed.
    Push,
    /// When something that it needs was last refused, if it was queued before.
    Refusal,
    /// A time since the beginning, for jobs that were queued before it.
    Time(Duration),
}

/// Instances that may be launched.
#[derive(Debug, Clone)]
struct Instances {
    repository: Option<Repository>,
    first_hour: Option<u32>,
    day: Option<u32>,
    in_all: Option<u32>,
    at_once: Option<u32>,
    for_nothing: Option<u32>,
}

/// Requests to GitHub that may be made.
#[derive(Debug, Clone)]
struct Requests {
    per_hour: Option<u32>,
    in_all: Option<u32>,
    registrations: Option<u32>,
    registrations_per_launch: Option<u32>,
    more_per_hour: Option<u32>,
    /// The entries of the story that are left out in the run with which it is compared.
    without: BTreeSet<String>,
}

/// A value of a metric that must be seen, or must not.
#[derive(Debug, Clone)]
struct Metric {
    name: &'static str,
    /// It rises above this.
    above: Option<f64>,
    /// From this time on.
    from: Duration,
    /// Before this time.
    until: Option<Duration>,
    /// Before so much time has passed since then.
    within: Option<Duration>,
    /// It never rises above this.
    at_most: Option<f64>,
}

/// One number that came out, beside what was expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What it is.
    pub what: String,
    /// The most that it may be.
    pub at_most: Amount,
    /// What it was.
    pub found: Amount,
    /// What to say of it, line by line.
    pub details: Vec<String>,
}

impl Figure {
    /// Whether it is as expected.
    pub fn holds(&self) -> bool {
        self.found <= self.at_most
    }
}

/// A number with its meaning.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub enum Amount {
    /// Things.
    Count(u64),
    /// The value of a metric.
    Value(f64),
    /// Time.
    Time(Duration),
    /// It did not happen.
    Never,
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Value(value) => write!(f, "{value}"),
            // Tenths of a second are enough to read, and what is whole is told as it is written in the file.
            Self::Time(time) if time.subsec_millis() == 0 => f.write_str(&time.written()),
            Self::Time(time) => write!(f, "{:.1} s", time.as_secs_f64()),
            Self::Never => f.write_str("never"),
        }
    }
}

impl Hold {
    /// Sets of entries of the story without which the run is to be compared.
    pub(super) fn comparisons(&self) -> BTreeSet<BTreeSet<String>> {
        let compared = self.requests.iter().filter(|requests| requests.more_per_hour.is_some());
        compared.map(|requests| requests.without.clone()).collect()
    }

    /// The metrics that are looked at.
    fn watched(&self) -> BTreeSet<&'static str> {
        self.metrics.iter().map(|metric| metric.name).collect()
    }
}
