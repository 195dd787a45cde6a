//! Many seeds, on all cores, added up.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use sha2::{Digest as _, Sha256};

use crate::{
    exhaustive::{self, Small, exhaust},
    report::{Format, one},
    run::{Mode, Outcome, REQUIRED, run},
    statistics::Statistics,
    world::WorldError,
};

/// The results of many runs.
#[derive(Debug, Default)]
pub struct Campaign {
    /// Seeds that were run.
    pub seeds: u64,
    /// The first runs, by seed, that broke a promise or did not repeat.
    pub failures: Vec<Failure>,
    /// How many there were in all.
    pub failed: u64,
    /// How often each interesting thing happened, and in how many runs.
    pub paths: BTreeMap<&'static str, (u64, u64)>,
    /// Numbers, added up.
    pub statistics: Statistics,
    /// Steps of the worlds.
    pub steps: u64,
}

/// A run that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// What was wrong, in words.
    pub what: Vec<String>,
}

/// Failures that are kept.
const KEPT: usize = 25;
/// Seeds that a thread takes at once.
const CHUNK: u64 = 32;
/// One of this many seeds is run twice, and the runs are compared.
const TWICE_EVERY: u64 = 16;

/// Runs every small scenario with every two faults, on all cores. `progress` is called with the name of each that is
/// done.
pub fn exhaust_all(progress: impl Fn(&str) + Sync) -> Result<Vec<exhaustive::Result>, WorldError> {
    let next = AtomicU64::new(0);
    let done = Mutex::new(Vec::new());
    on_all_cores(|| {
        while let Ok(number) = usize::try_from(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(scenario) = Small::ALL.get(number) else { break };
            let result = exhaust(*scenario, true)?;
            progress(scenario.name());
            done.lock().unwrap_or_else(PoisonError::into_inner).push(result);
        }
        Ok(())
    })?;
    let mut results = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|result| result.scenario);
    Ok(results)
}

/// The SHA-256 of each of `seeds` seeds from `first` on, in the order of the seeds: a digest of the run as JSON with
/// its story, so that it changes as soon as anything happens differently.
pub fn digests(first: u64, seeds: u64) -> Result<Vec<(u64, String)>, WorldError> {
    let next = AtomicU64::new(0);
    let done = Mutex::new(Vec::new());
    on_all_cores(|| {
        loop {
            let from = next.fetch_add(CHUNK, Ordering::Relaxed);
            if from >= seeds {
                return Ok(());
            }
            for seed in (from..seeds.min(from + CHUNK)).map(|number| first + number) {
                let outcome = run(seed, Mode { with_story: true, ..Mode::default() })?;
                let digest = hex(&Sha256::digest(one(&outcome, Format::Json)));
                done.lock().unwrap_or_else(PoisonError::into_inner).push((seed, digest));
            }
        }
    })?;
    let mut digests = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    digests.sort();
    Ok(digests)
}

/// Bytes as lowercase hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Runs `worker` once on each core.
pub(crate) fn on_all_cores(worker: impl Fn() -> Result<(), WorldError> + Sync) -> Result<(), WorldError> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(&worker)).collect();
        handles.into_iter().try_for_each(|handle| match handle.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

impl Campaign {
    /// Runs `seeds` seeds from `first` on. `progress` is called after each: with how many are done, and how many of
    /// them failed.
    pub fn run(
        first: u64,
        seeds: u64,
        always_twice: bool,
        mode: Mode,
        progress: impl Fn(u64, u64) + Sync,
    ) -> Result<Self, WorldError> {
        let next = AtomicU64::new(0);
        let done = Mutex::new(Self::default());
        on_all_cores(|| {
            let mut own = Self::default();
            loop {
                let from = next.fetch_add(CHUNK, Ordering::Relaxed);
                if from >= seeds {
                    break;
                }
                for seed in (from..seeds.min(from + CHUNK)).map(|number| first + number) {
                    let outcome = run(seed, mode)?;
                    let again =
                        if always_twice || seed % TWICE_EVERY == 0 { Some(run(seed, mode)?) } else { None };
                    own.add(outcome, again.map(|again| again.fingerprint));
                }
                let mut all = done.lock().unwrap_or_else(PoisonError::into_inner);
                all.merge(std::mem::take(&mut own));
                progress(all.seeds, all.failed);
            }
            Ok(())
        })?;
        let mut all = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.failures.sort_by_key(|failure| failure.seed);
        all.statistics.sort();
        Ok(all)
    }

    /// Interesting things that never happened.
    pub fn missing(&self) -> Vec<&'static str> {
        let happened = |path: &&&str| self.paths.get(**path).is_some_and(|(count, _)| *count > 0);
        REQUIRED.iter().filter(|path| !happened(path)).copied().collect()
    }

    fn add(&mut self, outcome: Outcome, again: Option<u64>) {
        self.seeds += 1;
        let mut what: Vec<_> = outcome.violations.iter().map(ToString::to_string).collect();
        if again.is_some_and(|again| again != outcome.fingerprint) {
            what.push("the second run of the same seed went another way".to_owned());
        }
        if !what.is_empty() {
            self.failed += 1;
            self.keep(Failure { seed: outcome.seed, what });
        }
        for (path, count) in outcome.paths {
            let (total, runs) = self.paths.entry(path).or_default();
            *total += count;
            *runs += u64::from(count > 0);
        }
        self.steps += outcome.steps;
        self.statistics.add(&outcome.statistics);
    }

    fn merge(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.failed += other.failed;
        other.failures.into_iter().for_each(|failure| self.keep(failure));
        for (path, (count, runs)) in other.paths {
            let (total, of) = self.paths.entry(path).or_default();
            *total += count;
            *of += runs;
        }
        self.steps += other.steps;
        self.statistics.add(&other.statistics);
    }

    fn keep(&mut self, failure: Failure) {
        self.failures.push(failure);
        if self.failures.len() > 2 * KEPT {
            self.failures.sort_by_key(|failure| failure.seed);
            self.failures.truncate(KEPT);
        }
    }

    /// Simulated time.
    pub const fn simulated(&self) -> Duration {
        self.statistics.simulated
    }
}
