//! Launches of instances.

use std::time::Duration;

use jit_runners_runtime::{
    port::{ComputeError, Launch},
    record::{InstanceId, Market},
    time::Time,
};

use super::{Change, Ec2World, FIRST_ID, Machine, Supply, Used, refused, throttled};

/// Interruptions are drawn for periods of this length, so that no logarithm is needed.
const STRETCH: Duration = Duration::from_mins(5);
/// How long an instance stays pending if its volume cannot be decrypted.
const FAILS_WITHIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(6));
/// The number of periods that are drawn: a day, longer than any runner lives.
const STRETCHES: u32 = 24 * 12;

/// The result of `CreateFleet`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstantFleet {
    /// Instances that were launched.
    pub instances: Vec<InstanceId>,
    /// EC2's error codes, one for each pool that had too few instances.
    pub errors: Vec<String>,
}

impl Ec2World {
    /// `CreateFleet` of the type `instant`: one call tries one pool after the other, and returns the result
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instant-fleet.html>). All `launches` have the same
    /// count.
    ///
    /// Its limit is not published. It is said to be a few calls a second
    /// (<https://github-aws-runners.github.io/terraform-aws-github-runner/rate-limits-and-tuning/>), so it uses the
    /// bucket of `RunInstances`.
    pub fn create_fleet(&mut self, now: Time, launches: &[Launch]) -> Result<InstantFleet, ComputeError> {
        self.statistics.run_instances.count(now);
        let wanted = launches.first().map_or(0, |launch| launch.count);
        if !(self.buckets.run_instances.take(1, now) && self.buckets.launched.take(wanted, now)) {
            self.statistics.run_instances.over_bucket += 1;
            return Err(throttled());
        }
        let mut fleet = InstantFleet::default();
        let mut left = wanted;
        for launch in launches {
            match self.granted(now, &Launch { count: left, ..launch.clone() }) {
                Ok(count) => {
                    left -= count;
                    fleet.instances.extend((0..count).map(|slot| self.start(now, launch, slot)));
                }
                Err(ComputeError::Refused { code, .. } | ComputeError::Unknown(code)) => {
                    fleet.errors.push(code);
                }
            }
            if left == 0 {
                break;
            }
        }
        Ok(fleet)
    }

    /// Returns the instances that the token made before, or launches new ones.
    pub(super) fn launch(&mut self, now: Time, launch: &Launch) -> Result<Vec<InstanceId>, ComputeError> {
        if let Some(earlier) = self.earlier(now, launch) {
            return earlier;
        }
        if !self.buckets.launched.take(launch.count, now) {
            self.statistics.run_instances.over_bucket += 1;
            return Err(throttled());
        }
        // EC2 remembers the parameters of a token even if the call failed
        // (<https://github.com/ubicloud/ubicloud/pull/5898>).
        let uses = self.tokens.entry(launch.token.clone()).or_default();
        let known = uses.iter().position(|used| used.launch.pool.subnet == launch.pool.subnet);
        let place = known.unwrap_or_else(|| {
            uses.push(Used { launch: launch.clone(), instances: Vec::new() });
            uses.len() - 1
        });
        let count = self.granted(now, launch).inspect_err(|_| self.statistics.empty_handed += 1)?;
        if count < launch.count {
            self.statistics.in_part += 1;
        }

        let alive = |index: &usize| self.machines.get(*index).is_some_and(Machine::is_live);
        let uses = self.tokens.get(&launch.token).map_or(&[][..], Vec::as_slice);
        if uses.iter().any(|used| used.instances.iter().any(alive)) {
            self.statistics.second_sets += 1;
        }
        let first = self.machines.len();
        let ids = (0..count).map(|slot| self.start(now, launch, slot)).collect();
        if let Some(used) = self.tokens.get_mut(&launch.token).and_then(|uses| uses.get_mut(place)) {
            used.instances = (first..self.machines.len()).collect();
        }
        Ok(ids)
    }

    /// The answer to a call whose token was used in this zone before, with the same or other parameters.
    fn earlier(&mut self, now: Time, launch: &Launch) -> Option<Result<Vec<InstanceId>, ComputeError>> {
        let zones = self.tokens.get(&launch.token)?;
        let used = zones.iter().find(|used| used.launch.pool.subnet == launch.pool.subnet)?;
        if used.launch != *launch {
            self.statistics.mismatches += 1;
            let message = "the client token was used with other parameters";
            return Some(Err(refused("IdempotentParameterMismatch", message)));
        }
        let made = || used.instances.iter().filter_map(|index| self.machines.get(*index));
        made().next()?;
        self.statistics.repeated += 1;
        // Since 2025 (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).
        if made().all(|machine| machine.is_terminated(now)) {
            let message = "the instances of the client token are terminated";
            return Some(Err(refused("IdempotentInstanceTerminated", message)));
        }
        Some(Ok(made().map(|machine| machine.id.clone()).collect()))
    }

    /// How many of the instances can be launched; at least one.
    fn granted(&mut self, now: Time, launch: &Launch) -> Result<u32, ComputeError> {
        self.offered(launch)?;
        let (quota, held, code) = match launch.pool.market {
            Market::Spot => (self.settings.spot_quota, self.held[0], "MaxSpotInstanceCountExceeded"),
            Market::OnDemand => (self.settings.on_demand_quota, self.held[1], "VcpuLimitExceeded"),
        };
        if launch.pool.market == Market::Spot
            && self.settings.spot_drought.is_some_and(|(from, until)| (from..until).contains(&now))
        {
            return Err(refused("InsufficientInstanceCapacity", "there is no spot capacity in the zone"));
        }
        let left = quota.map_or(launch.count, |quota| quota.saturating_sub(held));
        if left == 0 || left < launch.count && !self.settings.quota_in_part {
            return Err(refused(code, "you have requested more than your quota"));
        }
        let supply = match self.pools.get_mut(&launch.pool) {
            Some(supply) => supply,
            None => self.pools.entry(launch.pool.clone()).or_insert_with(Supply::new),
        };
        supply.advance(self.settings.scarcity.as_ref(), now, &mut self.random, launch.pool.market);
        let count = supply.available(launch.count.min(left));
        if count == 0 {
            let (code, message) = supply.refusal;
            return Err(refused(code, message));
        }
        supply.take(count);
        Ok(count)
    }

    /// Starts one instance, and draws its boot time, failures and interruption.
    fn start(&mut self, now: Time, launch: &Launch, slot: u32) -> InstanceId {
        let index = self.machines.len();
        let number = FIRST_ID + u64::try_from(index).unwrap_or(u64::MAX - FIRST_ID);
        let id = InstanceId::new(format!("i-{number:017x}"));

        let is_slow = self.random.chance(self.settings.slow_boot);
        let (shortest, longest) = if is_slow { self.settings.slow } else { self.settings.boot };
        let boot = self.random.between(shortest, longest);
        let cannot_start = self.random.chance(self.settings.key_forbidden);
        let boot = if cannot_start { self.random.between(FAILS_WITHIN.0, FAILS_WITHIN.1) } else { boot };
        let planned = if cannot_start {
            Some(Change::FailStart(index))
        } else if !self.random.chance(self.settings.boot_failure) {
            Some(Change::Boot(index))
        } else if self.random.chance(self.settings.hanging) {
            None
        } else {
            Some(Change::FailBoot(index))
        };
        let boot_at = planned.map(|change| self.plan(now + boot, change));

        let interrupted = (launch.pool.market == Market::Spot).then(|| self.until_interruption()).flatten();
        let interruption = interrupted.map(|after| {
            let warned = self.random.chance(self.settings.warned);
            self.plan(now + after, if warned { Change::Warn(index) } else { Change::Interrupt(index) })
        });
        let (soonest, latest) = self.settings.describe_late;
        self.machines.push(Machine {
            id: id.clone(),
            intent: launch.intent.clone(),
            repository: launch.repository.clone(),
            release: launch.release.version.clone(),
            token: launch.token.clone(),
            slot,
            market: launch.pool.market,
            launched_at: now,
            booted_at: None,
            ended: None,
            warned: false,
            terminated_at: Time::default(),
            running_at: now + boot / 3,
            late: self.random.between(soonest, latest),
            boot: boot_at,
            interruption,
        });
        self.listed.push(index);
        self.held[held_as(launch.pool.market)] += 1;
        self.live += 1;
        self.statistics.launched += 1;
        self.statistics.most_live = self.statistics.most_live.max(self.live);
        match self.live_of.get_mut(&launch.repository) {
            Some(live) => *live += 1,
            None => drop(self.live_of.insert(launch.repository.clone(), 1)),
        }
        id
    }

    /// The time until a spot instance is interrupted, if it lives that long.
    fn until_interruption(&mut self) -> Option<Duration> {
        if self.settings.interruptions <= 0.0 {
            return None;
        }
        let chance = self.settings.interruptions * STRETCH.as_secs_f64() / 3_600.0;
        let stretch = (0..STRETCHES).find(|_| self.random.chance(chance))?;
        Some(STRETCH * stretch + self.random.between(Duration::ZERO, STRETCH))
    }
}

/// The index of a market in the counts against quotas.
pub(super) const fn held_as(market: Market) -> usize {
    match market {
        Market::Spot => 0,
        Market::OnDemand => 1,
    }
}
