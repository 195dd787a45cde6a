//! How long a release gets jobs: pure.

use std::time::Duration;

use crate::{port::EndOfLife, time::Time};

const DAY: Duration = Duration::from_hours(24);

/// When a release is of no use any more: an instance's runner is registered and gets its job within minutes, so the earlier of
/// both ends counts.
pub(super) fn end(told: EndOfLife) -> Option<Time> {
    [told.runtime_at, told.registration_at].into_iter().flatten().min()
}

/// Days until `end`, where a day that has begun counts as a whole one; none after it.
pub(super) fn days_until(end: Time, now: Time) -> u64 {
    end.since(now).as_millis().div_ceil(DAY.as_millis()).try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{NOW, seconds};

    #[test]
    fn the_earlier_end_counts() {
        let (sooner, later) = (Some(NOW), Some(NOW + seconds(1)));
        let ends = |runtime_at, registration_at| end(EndOfLife { runtime_at, registration_at });
        assert_eq!((ends(sooner, later), ends(later, sooner)), (sooner, sooner));
        assert_eq!((ends(None, later), ends(later, None), ends(None, None)), (later, later, None));
    }

    #[test]
    fn a_day_that_has_begun_is_left() {
        let left = |seconds_left| days_until(NOW + seconds(seconds_left), NOW);
        assert_eq!([left(0), left(1), left(86_400), left(86_401), left(14 * 86_400)], [0, 1, 1, 2, 14]);
        assert_eq!(days_until(NOW - seconds(5), NOW), 0);
    }
}
