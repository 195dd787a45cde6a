//! What an instance does with its time. Its user data follows these limits, and the handlers count on them.

use crate::unit::Seconds;

/// How long an instance waits for its configuration before it ends itself: longer than a job's message needs to come back
/// after scale-up was cut off.
pub const CONFIGURATION_WAIT: Seconds = Seconds::from_minutes(5);
/// How long a runner listens without a job before its instance ends itself. GitHub drops idle just-in-time runners after
/// two to six minutes (<https://github.com/actions/runner/issues/4726>), and a ghost, whose registration is used up, never
/// gets a job (<https://github.com/actions/runner/issues/4617>).
pub const IDLE_LIMIT: Seconds = Seconds::from_minutes(3);
