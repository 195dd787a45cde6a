//! The clock of the machine. Everything else is given the time.

use std::time::{SystemTime, UNIX_EPOCH};

use jit_runners_runtime::{port::Clock, time::Time};

/// The time of the machine, and waiting by the runtime's timers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// The time now.
#[expect(clippy::disallowed_methods, reason = "this is the clock that handlers are given")]
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

impl Clock for SystemClock {
    fn now(&self) -> Time {
        now()
    }

    async fn sleep_until(&self, time: Time) {
        let wait = time.since(now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}
