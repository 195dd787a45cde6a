//! How many runners there are, and which calls of EC2 and GitHub are reserved. All invocations share this one item.

use std::{collections::BTreeMap, time::Duration};

use jit_runners_model::contract::{
    environment::{Count, Flag},
    message::Repository,
};
use serde::{Deserialize, Serialize};

use crate::{
    budget::{Bucket, BucketLevel, Window, WindowUse},
    time::Time,
};

/// EC2 allows five calls of `RunInstances`, then two a second. This is one less, because calls may be late by
/// [`LATE_LAUNCH`] (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>).
const RUN_INSTANCES: Bucket = Bucket { capacity: 4, refill: Duration::from_millis(550) };
/// How late a reserved call of `RunInstances` may be made. Late calls meet those that were reserved after them. As
/// this is less than the time of one refill, that is at most one call too many.
pub const LATE_LAUNCH: Duration = Duration::from_millis(500);
/// EC2 allows 1,000 instances in `RunInstances`, then two a second (same page).
const INSTANCES: Bucket = Bucket { capacity: 990, refill: Duration::from_millis(505) };
/// A request that changes something costs 5 of the 900 points that each endpoint has for a minute
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits>).
const CHANGES: Window = Window { limit: 176, period: Duration::from_mins(1), slack: LATE_REQUEST };
/// Registrations have their own limit of 10,000 an hour (`actions_runner_registration` of `GET /rate_limit`).
const REGISTRATIONS_PER_HOUR: Window =
    Window { limit: 9_800, period: Duration::from_hours(1), slack: Duration::ZERO };
/// How late a reserved request to GitHub may be made: the time that the registrations of a batch take, one after the
/// other.
pub const LATE_REQUEST: Duration = Duration::from_secs(12);

/// How many slots are taken, and which calls are reserved.
///
/// ```
/// use jit_runners_model::contract::message::Repository;
/// use jit_runners_runtime::{record::{Caps, Fleet}, time::Time};
///
/// let repository = Repository::new("octo/cat")?;
/// let caps = Caps { total: 5, per_repository: 3 };
/// let mut fleet = Fleet::default();
/// fleet.take(&repository, 2);
/// assert_eq!(fleet.free(&repository, caps), 1, "the tighter of both caps holds");
/// fleet.stop(Time::from_millis(1));
/// assert_eq!(fleet.free(&repository, caps), 0, "nothing is launched while the deployment is removed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    /// Slots that are taken, by an instance or by a launch that may still make one.
    slots: BTreeMap<Repository, u32>,
    run_instances: BucketLevel,
    instances: BucketLevel,
    registrations: WindowUse,
    registrations_per_hour: WindowUse,
    removals: WindowUse,
    /// GitHub asked for a pause until then.
    paused_until: Time,
    /// Since then, nothing is launched, because the deployment is being removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped_at: Option<Time>,
    /// Since then, nothing is launched, because somebody has paused the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    launches_paused_at: Option<Time>,
}

/// Why nothing at all is launched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLaunches {
    /// The deployment is being removed.
    Removed,
    /// The deployment is paused, by its input or in the table.
    Paused,
}

/// The two caps of a deployment. Both are 0 while its input says that it is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Instances at the same time.
    pub total: u32,
    /// Instances at the same time for one repository.
    pub per_repository: u32,
}

impl Caps {
    /// The caps from a function's environment.
    pub fn new(total: Count, per_repository: Count, paused: Flag) -> Self {
        if paused.0 {
            return Self { total: 0, per_repository: 0 };
        }
        Self { total: total.0.get(), per_repository: per_repository.0.get() }
    }
}

impl Fleet {
    /// Slots that are taken.
    pub fn taken(&self) -> u32 {
        self.slots.values().sum()
    }

    /// Whether some repository, or all, have no free slot.
    pub fn is_full(&self, caps: Caps) -> bool {
        self.taken() >= caps.total || self.slots.values().any(|own| *own >= caps.per_repository)
    }

    /// Slots that are free for `repository`; none while nothing at all is launched.
    pub fn free(&self, repository: &Repository, caps: Caps) -> u32 {
        if self.no_launches(caps).is_some() {
            return 0;
        }
        let own = self.slots.get(repository).copied().unwrap_or(0);
        let (all, its) = (caps.total.saturating_sub(self.taken()), caps.per_repository.saturating_sub(own));
        all.min(its)
    }

    /// Takes slots for `repository`.
    pub fn take(&mut self, repository: &Repository, slots: u32) {
        if slots > 0 {
            *self.slots.entry(repository.clone()).or_default() += slots;
        }
    }

    /// Gives slots of `repository` back.
    pub fn give_back(&mut self, repository: &Repository, slots: u32) {
        if let Some(taken) = self.slots.get_mut(repository) {
            *taken = taken.saturating_sub(slots);
            if *taken == 0 {
                self.slots.remove(repository);
            }
        }
    }

    /// Stops launches, because the deployment is being removed; returns since when they are stopped.
    pub fn stop(&mut self, now: Time) -> Time {
        *self.stopped_at.get_or_insert(now)
    }

    /// Lifts a stop that began before `before`, if there is one.
    pub fn lift_stop(&mut self, before: Time) {
        self.stopped_at = self.stopped_at.filter(|at| *at >= before);
    }

    /// Whether launches are stopped.
    pub const fn is_stopped(&self) -> bool {
        self.stopped_at.is_some()
    }

    /// Pauses launches until [`Self::resume_launches`].
    pub fn pause_launches(&mut self, now: Time) {
        self.launches_paused_at.get_or_insert(now);
    }

    /// Ends the pause that [`Self::pause_launches`] began. One by the deployment's input goes on.
    pub const fn resume_launches(&mut self) {
        self.launches_paused_at = None;
    }

    /// Why nothing at all is launched, if that is so.
    pub const fn no_launches(&self, caps: Caps) -> Option<NoLaunches> {
        if self.is_stopped() {
            Some(NoLaunches::Removed)
        } else if self.launches_paused_at.is_some() || caps.total == 0 {
            Some(NoLaunches::Paused)
        } else {
            None
        }
    }

    /// Reserves one call of `RunInstances` for `count` instances; returns when it may be made.
    pub fn reserve_launch(&mut self, count: u32, now: Time) -> Time {
        let call = RUN_INSTANCES.reserve(&mut self.run_instances, 1, now);
        INSTANCES.reserve(&mut self.instances, count, now).max(call)
    }

    /// Remembers that GitHub asked for a pause.
    pub fn pause(&mut self, until: Time) {
        self.paused_until = self.paused_until.max(until);
    }

    /// When `count` runners may be registered.
    pub fn earliest_registration(&self, count: u32, now: Time) -> Time {
        let now = now.max(self.paused_until);
        CHANGES.earliest(&self.registrations, count, now).max(REGISTRATIONS_PER_HOUR.earliest(
            &self.registrations_per_hour,
            count,
            now,
        ))
    }

    /// Reserves `count` registrations of runners; returns when they may be made.
    pub fn reserve_registrations(&mut self, count: u32, now: Time) -> Time {
        let now = now.max(self.paused_until);
        let hour = REGISTRATIONS_PER_HOUR.reserve(&mut self.registrations_per_hour, count, now);
        CHANGES.reserve(&mut self.registrations, count, hour)
    }

    /// Reserves the removal of `count` registrations, if it may be done by `deadline`; returns when.
    pub fn reserve_removals(&mut self, count: u32, now: Time, deadline: Time) -> Option<Time> {
        let now = now.max(self.paused_until);
        (CHANGES.earliest(&self.removals, count, now) <= deadline)
            .then(|| CHANGES.reserve(&mut self.removals, count, now))
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// EC2's bucket for `RunInstances`.
    const EC2: Bucket = Bucket { capacity: 5, refill: Duration::from_millis(500) };
    /// EC2's bucket for the instances in `RunInstances`.
    const EC2_INSTANCES: Bucket = Bucket { capacity: 1_000, refill: Duration::from_millis(500) };

    /// Times with these pauses between them.
    fn times(pauses: &[u64]) -> impl Iterator<Item = Time> {
        pauses.iter().scan(Time::from_millis(1_000_000), |now, pause| {
            *now = *now + Duration::from_millis(*pause);
            Some(*now)
        })
    }

    /// The most that falls into any period of `length`.
    fn most_within(length: Duration, mut done: Vec<(Time, u32)>) -> u32 {
        done.sort_unstable();
        let within = |end: Time| done.iter().filter(move |(at, _)| *at <= end && *at + length > end);
        done.iter().map(|(end, _)| within(*end).map(|(_, count)| count).sum()).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn launches_that_are_late_stay_within_both_buckets_of_ec2(
            calls in vec((prop_oneof![Just(0), 0_u64..1_500], 1_u32..=60, 0..=LATE_LAUNCH.as_millis()), 1..120),
        ) {
            let mut fleet = Fleet::default();
            let pauses: Vec<_> = calls.iter().map(|(pause, ..)| *pause).collect();
            let mut made: Vec<_> = times(&pauses)
                .zip(&calls)
                .map(|(now, (_, count, late))| {
                    let late = Duration::from_millis(u64::try_from(*late).unwrap());
                    (fleet.reserve_launch(*count, now) + late, *count)
                })
                .collect();
            made.sort_unstable();
            let (mut calls, mut instances) = (BucketLevel::default(), BucketLevel::default());
            for (at, count) in made {
                prop_assert_eq!(EC2.reserve(&mut calls, 1, at), at, "one call too many");
                prop_assert_eq!(EC2_INSTANCES.reserve(&mut instances, count, at), at, "too many instances");
            }
        }

        #[test]
        fn registrations_that_are_late_stay_within_the_limits_of_github(
            batches in vec((0_u64..9_000, 1_u32..=60, 0..=LATE_REQUEST.as_millis()), 1..150),
            pause in 0_u64..60_000,
        ) {
            let mut fleet = Fleet::default();
            let pauses: Vec<_> = batches.iter().map(|(pause, ..)| *pause).collect();
            let done: Vec<_> = times(&pauses)
                .zip(&batches)
                .enumerate()
                .map(|(number, (now, (_, count, late)))| {
                    if number == 3 {
                        fleet.pause(now + Duration::from_millis(pause));
                    }
                    let earliest = fleet.earliest_registration(*count, now);
                    let at = fleet.reserve_registrations(*count, now);
                    assert_eq!(at, earliest, "what is said is what is given");
                    assert!(at >= now.max(fleet.paused_until));
                    (at + Duration::from_millis(u64::try_from(*late).unwrap()), *count)
                })
                .collect();
            prop_assert!(most_within(Duration::from_mins(1), done.clone()) <= 180);
            prop_assert!(most_within(Duration::from_hours(1), done) <= 10_000);
        }

        #[test]
        fn removals_stay_within_the_limit_of_github_or_are_not_promised(
            batches in vec((0_u64..4_000, 1_u32..=60, 0..=LATE_REQUEST.as_millis()), 1..100),
        ) {
            let mut fleet = Fleet::default();
            let pauses: Vec<_> = batches.iter().map(|(pause, ..)| *pause).collect();
            let mut done = Vec::new();
            for (now, (_, count, late)) in times(&pauses).zip(&batches) {
                let (before, deadline) = (fleet.clone(), now + Duration::from_secs(20));
                let Some(at) = fleet.reserve_removals(*count, now, deadline) else {
                    prop_assert_eq!(&fleet, &before, "nothing is taken");
                    continue;
                };
                prop_assert!(at <= deadline);
                done.push((at + Duration::from_millis(u64::try_from(*late).unwrap()), *count));
            }
            prop_assert!(most_within(Duration::from_mins(1), done) <= 180);
        }
    }

    #[test]
    fn the_tighter_of_both_caps_holds() {
        let (one, other) = (Repository::new("o/one").unwrap(), Repository::new("o/other").unwrap());
        let caps = Caps { total: 5, per_repository: 3 };
        let mut fleet = Fleet::default();
        fleet.take(&one, 3);
        assert_eq!((fleet.free(&one, caps), fleet.free(&other, caps)), (0, 2));
        fleet.give_back(&one, 9);
        assert_eq!((fleet.free(&one, caps), fleet.taken()), (3, 0));
    }

    #[test]
    fn a_stop_leaves_no_slot_until_it_is_lifted_and_old_items_have_none() {
        let (repository, caps) = (Repository::new("o/one").unwrap(), Caps { total: 5, per_repository: 3 });
        let mut fleet: Fleet = serde_json::from_str(
            r#"{"slots":{},"run_instances":0,"instances":0,"registrations":[],"registrations_per_hour":[],"removals":[],"paused_until":0}"#,
        )
        .unwrap();
        assert_eq!((fleet.is_stopped(), fleet.free(&repository, caps)), (false, 3));
        let first = fleet.stop(Time::from_millis(7));
        assert_eq!(
            (first, fleet.stop(Time::from_millis(9))),
            (Time::from_millis(7), first),
            "it has one beginning"
        );
        assert_eq!((fleet.is_stopped(), fleet.free(&repository, caps)), (true, 0));
        let stored: Fleet = serde_json::from_value(serde_json::to_value(&fleet).unwrap()).unwrap();
        assert_eq!(stored, fleet);
        fleet.lift_stop(Time::from_millis(7));
        assert!(fleet.is_stopped(), "it began later");
        fleet.lift_stop(Time::from_millis(8));
        assert_eq!((fleet.is_stopped(), fleet.free(&repository, caps)), (false, 3));
    }

    #[test]
    fn a_paused_deployment_has_no_free_slot_until_it_is_resumed() {
        let (repository, caps) = (Repository::new("o/one").unwrap(), Caps { total: 5, per_repository: 3 });
        let mut fleet = Fleet::default();
        fleet.pause_launches(Time::from_millis(1));
        assert_eq!((fleet.no_launches(caps), fleet.free(&repository, caps)), (Some(NoLaunches::Paused), 0));
        let stored: Fleet = serde_json::from_value(serde_json::to_value(&fleet).unwrap()).unwrap();
        assert_eq!(stored, fleet);
        fleet.stop(Time::from_millis(2));
        assert_eq!(fleet.no_launches(caps), Some(NoLaunches::Removed), "a removal says more than a pause");
        fleet.lift_stop(Time::from_millis(3));
        fleet.resume_launches();
        assert_eq!((fleet.no_launches(caps), fleet.free(&repository, caps)), (None, 3));
        let [many, few] = [5, 1].map(|count| Count(NonZeroU32::new(count).unwrap()));
        assert_eq!(fleet.no_launches(Caps::new(many, few, Flag(false))), None);
        let paused = Caps::new(many, few, Flag(true));
        assert_eq!(
            (fleet.no_launches(paused), fleet.free(&repository, paused)),
            (Some(NoLaunches::Paused), 0)
        );
    }
}
