//! What a pool has to give.

use jit_runners_runtime::{record::Market, time::Time};

use super::settings::Scarcity;
use crate::random::Random;

/// What a pool has in one period.
#[derive(Debug, Clone, Copy)]
pub(super) struct Supply {
    until: Time,
    /// Instances that are left; `None` without end.
    left: Option<u32>,
    /// What EC2 says when nothing is left.
    pub(super) refusal: (&'static str, &'static str),
}

/// What EC2 says of a pool without capacity, the commonest first
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).
const REFUSALS: [(&str, &str); 6] = [
    NO_CAPACITY,
    NO_CAPACITY,
    NO_CAPACITY,
    ("UnfulfillableCapacity", "there is not enough capacity"),
    ("Unsupported", "the instance type is not supported in the zone"),
    ("InsufficientFreeAddressesInSubnet", "the subnet has no free addresses"),
];
/// What it says of spot instances only, which cost more at times.
const PRICE: (&str, &str) = ("SpotMaxPriceTooLow", "the maximum price is below the current price");
/// How often that is the reason.
const PRICE_CHANCE: f64 = 0.1;
const NO_CAPACITY: (&str, &str) = ("InsufficientInstanceCapacity", "there is no capacity in the zone");

impl Supply {
    /// A supply that is drawn when it is first asked.
    pub(super) const fn new() -> Self {
        Self { until: Time::from_millis(0), left: None, refusal: NO_CAPACITY }
    }

    /// Moves on to the period of `now`.
    pub(super) fn advance(
        &mut self,
        scarcity: Option<&Scarcity>,
        now: Time,
        random: &mut Random,
        market: Market,
    ) {
        let Some(scarcity) = scarcity else {
            self.left = None;
            return;
        };
        if now < self.until {
            return;
        }
        // Only the period that now is in matters. It began somewhere before.
        let length = random.between(scarcity.period.0, scarcity.period.1);
        self.until = now + random.between(length / 2, length);
        self.left = if random.chance(scarcity.drought) {
            Some(0)
        } else if random.chance(scarcity.limited) {
            Some(1 + u32::try_from(random.below(u64::from(scarcity.limit))).unwrap_or(0))
        } else {
            None
        };
        self.refusal = if market == Market::Spot && random.chance(PRICE_CHANCE) {
            PRICE
        } else {
            random.pick(&REFUSALS).copied().unwrap_or(NO_CAPACITY)
        };
    }

    /// How many of `wanted` there are.
    pub(super) fn available(&self, wanted: u32) -> u32 {
        self.left.map_or(wanted, |left| left.min(wanted))
    }

    /// Takes what is available.
    pub(super) fn take(&mut self, count: u32) {
        self.left = self.left.map(|left| left.saturating_sub(count));
    }
}
