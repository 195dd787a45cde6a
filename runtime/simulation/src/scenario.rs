//! Named runs: what people do, what goes wrong meanwhile, and for how long one looks.

mod demand;
mod named;
#[cfg(test)]
mod tests;

use std::{cell::RefCell, rc::Rc, time::Duration};

use jit_runners_runtime::time::Time;

pub use self::demand::Push;
use crate::{
    Simulator,
    github::RunId,
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
    /// When the run ends, whatever is left then.
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

    /// Those that show how the number of calls follows the number of jobs.
    pub const GROWING: &[Self] = named::GROWING;

    /// Those that the numbers of the queues are tried in.
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

    /// Its world. GitHub drops runners that idle, as it does since 2025.
    pub fn world(&self, seed: u64) -> WorldSettings {
        let mut settings = WorldSettings::quiet(seed);
        settings.github.idle_drop = Some((Duration::from_mins(2), Duration::from_mins(6)));
        (self.settings)(&mut settings);
        settings
    }

    /// Has people do what they do. Gives the time of their last act.
    pub fn begin(&self, world: &mut World, seed: u64) -> Time {
        let began = world.now;
        if let Some(after) = self.faults_stop {
            world.at(began + after, World::calm);
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
