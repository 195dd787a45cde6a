//! How often the two loops run.

use crate::unit::Seconds;

/// Time between two runs of scale-down.
pub const SCALE_DOWN_RATE: Seconds = Seconds::from_minutes(5);
/// Time between two runs of the rebalancer, the shortest that EventBridge Scheduler knows.
pub const REBALANCER_RATE: Seconds = Seconds::from_minutes(1);
