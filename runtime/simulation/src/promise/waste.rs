//! Promise 11: waste is bounded.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    time::Duration,
};

use jit_runners_model::contract::table::Key;
use jit_runners_runtime::{
    record::{IntentId, IntentState, Item},
    time::Time,
};

use super::Watch;
use crate::{
    ec2::{Ec2Event, Machine},
    github::GithubEvent,
    world::World,
};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// Launches in vain for one job within a day, at most.
const MOST_IN_A_DAY: usize = 10;

/// A job: its id and its run attempt.
type Job = (u64, u32);

/// Launches that made instances, and what came of them.
#[derive(Debug, Default)]
pub(super) struct Waste {
    launches: BTreeMap<IntentId, Launch>,
    /// When launches for a job were made that were in vain.
    in_vain: BTreeMap<Job, Vec<Time>>,
    told: BTreeSet<Job>,
    /// Launches of instances that have ended, one entry for each instance.
    to_count: Vec<IntentId>,
}

/// A launch that made instances.
#[derive(Debug)]
struct Launch {
    at: Time,
    jobs: Vec<Job>,
    live: u32,
    /// One of its runners took a job.
    took_one: bool,
    /// It was counted as in vain.
    is_counted: bool,
}

impl Waste {
    /// An instance was launched.
    pub(super) fn launched(&mut self, world: &World, machine: &Machine) {
        let launch = self.launches.entry(machine.intent.clone()).or_insert_with(|| {
            let stored = world.table.peek(&Key::intent(machine.intent.as_str()));
            let jobs = match stored.map(|stored| &stored.item) {
                Some(Item::Intent(intent)) => intent.jobs.clone(),
                _ => Vec::new(),
            };
            Launch { at: machine.launched_at, jobs, live: 0, took_one: false, is_counted: false }
        });
        launch.live += 1;
    }

    /// A runner has picked up a job.
    fn took(&mut self, world: &World, runner: u64) {
        let agent = world.agent_with.get(&runner).and_then(|index| world.agents.get(*index));
        let machine = agent.and_then(|agent| world.ec2.machine(&agent.instance));
        if let Some(launch) = machine.and_then(|machine| self.launches.get_mut(&machine.intent)) {
            launch.took_one = true;
        }
    }

    /// An instance has ended. Returns the jobs for which its launch was in vain.
    fn ended(&mut self, intent: &IntentId) -> Vec<Job> {
        let Some(launch) = self.launches.get_mut(intent) else { return Vec::new() };
        launch.live = launch.live.saturating_sub(1);
        if launch.live > 0 || launch.took_one || launch.is_counted {
            return Vec::new();
        }
        launch.is_counted = true;
        for job in &launch.jobs {
            let times = self.in_vain.entry(*job).or_default();
            times.push(launch.at);
            times.sort_unstable();
        }
        launch.jobs.clone()
    }

    /// How many launches for a job since `from` made runners that took other jobs.
    pub(super) fn overtaken(&self, job: Job, from: Time) -> u32 {
        let launches =
            self.launches.values().filter(|it| it.at >= from && it.took_one && it.jobs.contains(&job));
        u32::try_from(launches.count()).unwrap_or(u32::MAX)
    }

    /// The most launches in vain for a job within an hour and within a day. If it was held until `let_go_at`, what was
    /// launched before anybody could hear of that is counted apart: those launches could not get it. When somebody
    /// heard is not known, so the moment is taken after which least is left to blame.
    fn most(&self, job: Job, let_go_at: Option<Time>) -> (usize, usize) {
        let times = self.in_vain.get(&job).map(Vec::as_slice).unwrap_or_default();
        let splits = match let_go_at {
            None => 0..=0,
            Some(let_go_at) => times.partition_point(|at| *at < let_go_at)..=times.len(),
        };
        let most = splits.map(|split| {
            let (before, after) = times.split_at(split);
            let within = |time| most_within(before, time).max(most_within(after, time));
            (within(HOUR), within(DAY))
        });
        most.min().unwrap_or_default()
    }
}

/// What is known about whether a launch made instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Somebody knows that it did, or reckons with it.
    Yes,
    /// Nobody does, ever: EC2's answer was lost, and the call was refused when it was made again. The instances are ended
    /// as instances without an owner, which promise 5 bounds, and do not count for the jobs.
    No,
    /// Nobody does yet: the launch may be taken over.
    NotYet,
}

fn known(world: &World, intent: &IntentId) -> Known {
    let stored = world.table.peek(&Key::intent(intent.as_str()));
    let Some(Item::Intent(it)) = stored.map(|stored| &stored.item) else { return Known::Yes };
    match it.state {
        _ if !it.launched.is_empty() => Known::Yes,
        IntentState::Open => Known::NotYet,
        IntentState::Closed => Known::No,
        IntentState::Abandoned => Known::Yes,
    }
}

fn most_within(times: &[Time], time: Duration) -> usize {
    let from = |index: usize| times.iter().skip(index).take_while(|at| at.since(times[index]) < time).count();
    (0..times.len()).map(from).max().unwrap_or_default()
}

impl Watch {
    /// Promise 11: for one job, few launches are in vain within an hour and within a day.
    pub(super) fn waste(&mut self, world: &World) {
        for event in &world.happened.github {
            if let GithubEvent::JobStarted { runner_id, .. } = event {
                self.waste.took(world, *runner_id);
            }
        }
        for event in &world.happened.ec2 {
            if let Ec2Event::Ended { instance, .. } = event
                && let Some(machine) = world.ec2.machine(instance)
            {
                self.waste.to_count.push(machine.intent.clone());
            }
        }
        for intent in mem::take(&mut self.waste.to_count) {
            match known(world, &intent) {
                Known::Yes => self.count(world, &intent),
                Known::No => {}
                Known::NotYet => self.waste.to_count.push(intent),
            }
        }
    }

    fn count(&mut self, world: &World, intent: &IntentId) {
        for job in self.waste.ended(intent) {
            let most = self.waste.most(job, world.github.let_go_at(job.0));
            if (most.0 > self.most_in_an_hour || most.1 > MOST_IN_A_DAY) && self.waste.told.insert(job) {
                self.broken(11, world.now, || {
                    format!("launches in vain for job {}: {} in an hour, {} in a day", job.0, most.0, most.1)
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: u64) -> Time {
        Time::from_millis(minutes * 60_000)
    }

    #[test]
    fn the_most_within_an_hour_is_found_wherever_it_is() {
        let times: Vec<_> = [0, 50, 55, 100, 109, 300].map(at).into();
        assert_eq!(most_within(&times, HOUR), 4);
        assert_eq!(most_within(&times, DAY), 6);
        assert_eq!(most_within(&[], DAY), 0);
    }

    #[test]
    fn launches_before_an_approval_are_counted_apart() {
        let mut waste = Waste::default();
        waste.in_vain.insert((7, 1), [0, 1, 2, 30, 31].map(at).into());
        assert_eq!(waste.most((7, 1), None), (5, 5));
        assert_eq!(waste.most((7, 1), Some(at(10))), (3, 3));
        assert_eq!(waste.most((7, 1), Some(at(1))), (3, 3), "nobody heard of it at once");
        assert_eq!(waste.most((7, 1), Some(at(60))), (5, 5), "nobody can have heard of it before");
        assert_eq!(waste.most((8, 1), None), (0, 0));
    }

    #[test]
    fn a_launch_is_in_vain_once_its_last_instance_has_ended_without_a_job() {
        let intent = IntentId::from("one".to_owned());
        let launch =
            |live, took_one| Launch { at: at(1), jobs: vec![(7, 1)], live, took_one, is_counted: false };
        let mut waste = Waste::default();
        waste.launches.insert(intent.clone(), launch(2, false));
        assert!(waste.ended(&intent).is_empty());
        assert_eq!(waste.ended(&intent), [(7, 1)]);
        assert!(waste.ended(&intent).is_empty(), "it is counted once");
        waste.launches.insert(intent.clone(), launch(1, true));
        assert!(waste.ended(&intent).is_empty());
    }
}
