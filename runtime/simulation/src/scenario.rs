//! Named scenarios: what people push, what goes wrong at the same time, and how long the run lasts.

mod named;

use std::{cell::RefCell, collections::BTreeSet, rc::Rc, time::Duration};

use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_runtime::time::Time;

use crate::{
    Simulator,
    github::{NewJob, RunId},
    policy::Policy,
    random::Random,
    statistics::Statistics,
    world::{World, WorldError, WorldSettings},
};

/// A run that has a name.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// What it shows, in one sentence.
    pub shows: &'static str,
    /// When the run ends at the latest.
    pub lasts: Duration,
    /// When faults stop; `None` if they last as long as the run.
    pub faults_stop: Option<Duration>,
    /// How the world differs from a quiet one that began at that time.
    settings: fn(&mut WorldSettings),
    /// What people do.
    demand: fn(&mut Random) -> Vec<Push>,
}

/// How often a run looks whether it is over.
const LOOKS_EVERY: Duration = Duration::from_mins(1);

impl Scenario {
    /// Those that the comparison is made of.
    pub const COMPARED: &[Self] = named::COMPARED;

    /// Scenarios that show how the number of calls grows with the number of jobs.
    pub const GROWING: &[Self] = named::GROWING;

    /// Scenarios in which the settings of the queues are tried.
    pub fn for_queues() -> impl Iterator<Item = Self> {
        std::iter::once(named::MATRIX).chain(named::QUEUES.iter().copied())
    }

    /// The scenario of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|scenario| scenario.name == name)
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::COMPARED.iter().chain(Self::GROWING).chain(named::QUEUES).copied()
    }

    /// How many jobs there are.
    pub fn jobs(&self) -> usize {
        (self.demand)(&mut Random::new(1).fork(self.name)).iter().map(|push| push.jobs.len()).sum()
    }

    /// Its world. GitHub drops idle runners, as it has done since 2025.
    pub fn world(&self, seed: u64) -> WorldSettings {
        let mut settings = WorldSettings::quiet(seed);
        settings.github.idle_drop = Some((Duration::from_mins(2), Duration::from_mins(6)));
        (self.settings)(&mut settings);
        settings
    }

    /// Schedules what people do. Returns the time of the last push.
    pub fn begin(&self, world: &mut World, seed: u64) -> Time {
        let began = world.now;
        if let Some(after) = self.faults_stop {
            world.at(began + after, World::stop_faults);
        }
        let runs: Rc<RefCell<Vec<RunId>>> = Rc::default();
        let mut last = began;
        for Push { at, repository, jobs, cancels } in (self.demand)(&mut Random::new(seed).fork(self.name)) {
            let runs = Rc::clone(&runs);
            last = last.max(began + at);
            world.at(began + at, move |world| {
                let now = world.now;
                let mut runs = runs.borrow_mut();
                if let Some(run) = cancels.and_then(|number| runs.get(number)) {
                    world.github.cancel(now, *run);
                }
                runs.push(world.github.push(now, &repository, jobs));
            });
        }
        last
    }

    /// Runs it in that world, until everything is over: no job is open and no instance lives.
    pub fn run<P: Policy>(
        &self,
        settings: WorldSettings,
        policy: P,
    ) -> Result<(Statistics, Simulator<P>), WorldError> {
        let (seed, began) = (settings.seed, settings.began);
        let mut simulator = Simulator::new(settings, policy)?;
        let last = self.begin(&mut simulator.world_mut(), seed);
        let until = began + self.lasts;
        let mut next = began;
        while next < until {
            next = next + LOOKS_EVERY;
            simulator.run_until(next);
            let world = simulator.world();
            if next > last && world.github.open_jobs() == 0 && world.ec2.live() == 0 {
                break;
            }
        }
        let mut statistics = Statistics::of(&simulator.world(), began);
        statistics.sort();
        Ok((statistics, simulator))
    }
}

/// A push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Since the run began.
    pub at: Duration,
    /// Where to.
    pub repository: Repository,
    /// The jobs of the run that it begins.
    pub jobs: Vec<NewJob>,
    /// The number of an earlier push whose run it cancels.
    pub cancels: Option<usize>,
}

/// How long jobs take.
const JOB: (Duration, Duration) = (Duration::from_mins(2), Duration::from_mins(8));

/// `jobs` jobs, in pushes of one to `most` jobs, spread over `time` and over `repositories` repositories.
pub(super) fn spread(
    random: &mut Random,
    jobs: usize,
    most: usize,
    repositories: u64,
    time: Duration,
) -> Vec<Push> {
    let mut pushes = Vec::new();
    let mut left = jobs;
    while left > 0 {
        let count = (1 + random.index(most)).min(left);
        left -= count;
        let at = random.between(Duration::ZERO, time);
        let repository = random.below(repositories);
        pushes.extend(push(random, at, repository, count));
    }
    pushes.sort_by_key(|push| push.at);
    pushes
}

/// One push of `jobs` jobs; none if the names were not allowed.
pub(super) fn push(random: &mut Random, at: Duration, repository: u64, jobs: usize) -> Option<Push> {
    let repository = Repository::new(format!("octo/repository-{repository}")).ok()?;
    let labels: BTreeSet<Label> =
        ["self-hosted", "linux", "large"].into_iter().filter_map(|label| Label::new(label).ok()).collect();
    let jobs = (0..jobs)
        .map(|_| NewJob { labels: labels.clone(), duration: random.between(JOB.0, JOB.1), held_for: None })
        .collect();
    Some(Push { at, repository, jobs, cancels: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::OurPolicy;

    #[test]
    fn every_scenario_has_a_name_of_its_own_and_demand() {
        let mut names: Vec<_> = Scenario::all().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), 14);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 14);
        for scenario in Scenario::all() {
            assert_eq!(Scenario::named(scenario.name).map(|found| found.shows), Some(scenario.shows));
            let pushes = (scenario.demand)(&mut Random::new(1).fork(scenario.name));
            assert!(
                !pushes.is_empty() && pushes.iter().all(|push| push.at < scenario.lasts),
                "{}",
                scenario.name
            );
        }
    }

    #[test]
    fn the_number_of_jobs_is_what_the_name_says() {
        let jobs = |name: &str| Scenario::named(name).unwrap().jobs();
        let named = ["one-job", "fifty-jobs", "matrix", "five-thousand", "jobs-1", "jobs-100", "jobs-10000"];
        assert_eq!(named.map(jobs), [1, 50, 256, 5_000, 1, 100, 10_000]);
    }

    #[test]
    fn the_same_seed_gives_the_same_run_and_another_seed_another() {
        let scenario = Scenario::named("cancelling-pushes").unwrap();
        let fingerprint = |seed| {
            let (_, simulator) = scenario.run(scenario.world(seed), OurPolicy).unwrap();
            simulator.world().trace.fingerprint()
        };
        assert_eq!(fingerprint(7), fingerprint(7));
        assert_ne!(fingerprint(7), fingerprint(8));
    }

    #[test]
    fn our_handlers_leave_nobody_waiting() {
        for name in ["one-job", "fifty-jobs", "lost-webhooks", "spot-drought", "github-outage"] {
            let scenario = Scenario::named(name).unwrap();
            let (statistics, simulator) = scenario.run(scenario.world(1), OurPolicy).unwrap();
            assert_eq!(statistics.stranded, 0, "{name}");
            assert_eq!(simulator.world().ec2.live(), 0, "{name}");
        }
    }
}
