//! How often the two loops run, and how long somebody waits for scale-down.

use crate::unit::Seconds;

/// A run that Lambda could not start within this time is dropped, because the next one is there by then.
pub const LONGEST_DELAY: Seconds = Seconds::from_minutes(1);
/// Time between two runs of scale-down.
pub const SCALE_DOWN_RATE: Seconds = Seconds::from_minutes(5);
/// Time between two runs of the rebalancer, the shortest that EventBridge Scheduler knows.
pub const REBALANCER_RATE: Seconds = Seconds::from_minutes(1);
/// How long `CloudFormation` waits for scale-down's answer when runners are prepared, or ended: instances take minutes to shut
/// down. The default, an hour, is what a function that cannot answer would cost a deployment.
pub const FLEET_ANSWER_LIMIT: Seconds = Seconds::from_minutes(10);
