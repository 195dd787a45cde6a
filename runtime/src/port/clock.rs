//! The time.

use crate::time::Time;

/// Tells the time, and waits.
pub trait Clock {
    /// The time.
    fn now(&self) -> Time;

    /// Waits until `time`; not at all when it is past.
    async fn sleep_until(&self, time: Time);
}
