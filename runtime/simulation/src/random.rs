//! Chance that a seed decides.

use std::time::Duration;

/// The increment of the state (<https://prng.di.unimi.it/splitmix64.c>).
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A generator of numbers, the same for the same seed: splitmix64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    /// The generator of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    /// A separate generator for one part of the world. It depends only on the seed and the label, so a change in one
    /// part does not change the numbers of the others.
    #[must_use]
    pub fn fork(&self, label: &str) -> Self {
        // FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
        let name = label.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self::new(mix(self.seed ^ mix(name)))
    }

    /// Any number.
    pub const fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        let drawn = u32::try_from(self.number() >> 32).unwrap_or(u32::MAX);
        f64::from(drawn) < probability * (f64::from(u32::MAX) + 1.0)
    }

    /// A number below `limit`; 0 if `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        u64::try_from((u128::from(self.number()) * u128::from(limit)) >> 64).unwrap_or_default()
    }

    /// A duration from `shortest` to `longest`, both included, in whole milliseconds.
    pub fn between(&mut self, shortest: Duration, longest: Duration) -> Duration {
        let spread = longest.saturating_sub(shortest).as_millis();
        let spread = u64::try_from(spread).unwrap_or(u64::MAX - 1);
        shortest + Duration::from_millis(self.below(spread.saturating_add(1)))
    }

    /// One of `items`; none when there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.index(items.len()))
    }

    /// An index of something of this length; 0 if it is empty.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).unwrap_or(u64::MAX))).unwrap_or_default()
    }
}

/// The output function of splitmix64.
const fn mix(state: u64) -> u64 {
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_splitmix64() {
        // The published generator's first numbers for this seed.
        let mut random = Random::new(1_234_567);
        let first: Vec<_> = (0..3).map(|_| random.number()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn a_fork_depends_on_seed_and_label_only() {
        let mut random = Random::new(7);
        let early = random.fork("github");
        random.number();
        assert_eq!(random.fork("github"), early);
        assert_ne!(random.fork("compute"), early);
        assert_ne!(Random::new(8).fork("github"), early);
    }

    #[test]
    fn chances_come_as_often_as_they_say() {
        let mut random = Random::new(3);
        let mut share = |p| (0..10_000).filter(|_| random.chance(p)).count();
        assert_eq!(share(0.0), 0);
        assert_eq!(share(1.0), 10_000);
        assert!((2_300..2_700).contains(&share(0.25)));
    }

    #[test]
    fn what_is_drawn_stays_within_its_limits_and_reaches_them() {
        let mut random = Random::new(5);
        let (low, high) = (Duration::from_millis(3), Duration::from_millis(6));
        let drawn: std::collections::BTreeSet<_> = (0..200).map(|_| random.between(low, high)).collect();
        assert_eq!(drawn.into_iter().map(|it| it.as_millis()).collect::<Vec<_>>(), [3, 4, 5, 6]);
        assert_eq!(random.between(high, low), high);
        assert_eq!(random.below(0), 0);
        assert_eq!(random.pick::<u8>(&[]), None);
        let picked: std::collections::BTreeSet<_> =
            (0..100).filter_map(|_| random.pick(&['a', 'b', 'c']).copied()).collect();
        assert_eq!(picked.len(), 3);
    }
}
