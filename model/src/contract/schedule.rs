//! How often the two loops run.

use crate::unit::Seconds;

/// A run that Lambda could not start within this time is dropped, because the next one is there by then.
pub const LONGEST_DELAY: Seconds = Seconds::from_minutes(1);
/// Time between two runs of scale-down.
pub const SCALE_DOWN_RATE: Seconds = Seconds::from_minutes(5);
/// Time between two runs of the rebalancer, the shortest that EventBridge Scheduler knows.
pub const REBALANCER_RATE: Seconds = Seconds::from_minutes(1);
