//! Trying again, and not for ever.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use crate::{port::Clock, time::Time};

/// The first pause; the next ones double.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// Does `act` until it succeeds, or until there is no time for another try; then the last error is the answer.
pub(super) async fn patiently<T, E, F: Future<Output = Result<T, E>>>(
    clock: &impl Clock,
    until: Time,
    mut act: impl FnMut() -> F,
) -> Result<T, E> {
    let mut pause = FIRST_PAUSE;
    loop {
        match act().await {
            Err(_) if clock.now() + pause < until => {
                clock.sleep_until(clock.now() + pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            done => return done,
        }
    }
}

/// What `work` comes to, if it comes to an end before `time`. What it waits for is left then.
pub(super) async fn within<T>(clock: &impl Clock, time: Time, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut alarm = pin!(clock.sleep_until(time));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => alarm.as_mut().poll(context).map(|()| None),
    })
    .await
}
