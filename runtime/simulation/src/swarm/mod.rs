//! What a seed determines: which faults there are, how strong they are, and what people do.
//!
//! Most faults are switched off in most runs: a run with a few strong faults finds what one with a little of everything
//! hides ("Swarm testing", <https://users.cs.utah.edu/~regehr/papers/swarm12.pdf>).

mod faults;
mod people;
mod trouble;

use std::{cell::RefCell, rc::Rc, time::Duration};

use jit_runners_model::contract::message::Repository;
use jit_runners_runtime::time::Time;

use self::{
    faults::{ec2, faults, github, neighbours, queue, table, variables},
    people::{acts, deploying, forged, pauses},
    trouble::trouble,
};
use crate::{
    github::{NewJob, PlaceRefusal, RefusedCall, RunId},
    queue::QueueSettings,
    random::Random,
    stack::Deploying,
    stranger::Stranger,
    world::{Means, World, WorldSettings},
};

/// A run that a seed describes.
pub struct Swarm {
    /// The world.
    pub settings: WorldSettings,
    /// When faults stop.
    pub faults_stop_at: Time,
    /// When the run ends at the latest.
    pub until: Time,
    acts: Vec<(Time, Act)>,
}

/// What people do.
enum Act {
    /// Push: a run of these jobs.
    Push(Repository, Vec<NewJob>),
    /// Cancel the run that was pushed as number n.
    Cancel(usize),
    /// Run it again.
    Rerun(usize),
    /// Somebody without the secret posts a webhook.
    Forge,
    /// Somebody changes the deployment, or removes it.
    Deploy(Deploying),
    /// Somebody pauses the deployment for some time.
    Pause(Means, Duration),
    /// Push: a run that hangs, without jobs.
    Hang(Repository),
    /// From now on, the jobs of the latest run cannot be listed.
    FailToList,
    /// Rename or transfer a repository.
    Rename(Repository, Repository),
    /// Push in a repository of another installation.
    PushForeign(u64, Repository, Vec<NewJob>),
    /// A stranger sends an event of a job of his own.
    Stranger(Stranger),
    /// Cancel all jobs that need what is refused for ever.
    CancelRefused,
}

/// The time around a job: an instance boots before it, and ends after it.
const AROUND_A_JOB: Duration = Duration::from_mins(3);
/// The time from the end of faults until everything must be over. A job that has used up its budget, and an instance
/// that does not end itself, take longest.
const LIVENESS: Duration = Duration::from_hours(2);
/// The id of the job in forged webhooks: GitHub gives small ones here.
pub const FORGED_JOB: u64 = 666_666_666;

impl Act {
    /// The longest that it keeps one runner busy.
    fn work(&self) -> Duration {
        match self {
            // It may be run again.
            Self::Push(_, jobs) => jobs.iter().map(|job| 2 * (job.duration + AROUND_A_JOB)).sum(),
            Self::Cancel(_)
            | Self::Rerun(_)
            | Self::Forge
            | Self::Deploy(_)
            | Self::Pause(..)
            | Self::Hang(_)
            | Self::FailToList
            | Self::Rename(..)
            | Self::PushForeign(..)
            | Self::Stranger(_)
            | Self::CancelRefused => Duration::ZERO,
        }
    }
}

impl Swarm {
    /// The run of `seed`.
    pub fn new(seed: u64, with_story: bool) -> Self {
        let mut random = Random::new(seed).fork("swarm");
        let mut settings = WorldSettings::quiet(seed);
        settings.with_story = with_story;
        settings.began = settings.began + random.between(Duration::ZERO, Duration::from_hours(1));
        let began = settings.began;
        let busy = Duration::from_mins(2 + random.below(20));
        let faults_stop_at = began + busy + random.between(Duration::from_mins(1), Duration::from_mins(15));
        settings.faults = faults(&mut random);
        settings.github = github(&mut random, began, faults_stop_at);
        settings.ec2 = ec2(&mut random);
        settings.table = table(&mut random);
        settings.scale_up = queue(&mut random, &QueueSettings::scale_up());
        settings.lifecycle = queue(&mut random, &QueueSettings::lifecycle());
        variables(&mut random, &mut settings);
        let mut acts = acts(&mut random, began, busy);
        acts.extend(deploying(&mut Random::new(seed).fork("deploying"), &mut settings, faults_stop_at));
        let pauses = pauses(&mut Random::new(seed).fork("pauses"), began, faults_stop_at);
        let paused_for: Duration = pauses.iter().map(|(_, lasting)| *lasting).sum();
        acts.extend(pauses.into_iter().map(|(act, _)| act));
        neighbours(&mut random, &mut settings);
        let lasts = trouble(seed, &mut settings, &mut acts, faults_stop_at);
        let cap = settings.variables.get("MAX_RUNNERS_PER_REPOSITORY").and_then(|cap| cap.parse().ok());
        let on_demand = settings.ec2.on_demand_quota.unwrap_or(u32::MAX);
        let spot = if settings.ec2.spot_forbidden { 0 } else { settings.ec2.spot_quota.unwrap_or(u32::MAX) };
        let quota = on_demand.max(spot);
        let at_once = cap.unwrap_or(100).min(quota).max(1);
        let until = faults_stop_at
            + lasts.unwrap_or(LIVENESS)
            + paused_for
            + acts.iter().map(|(_, act)| act.work()).sum::<Duration>() / at_once;
        Self { settings, faults_stop_at, until, acts }
    }

    /// Has people do what they do.
    pub fn schedule(acts: Self, world: &mut World) {
        // The installation has its repositories before the first push: the rebalancer takes up to ten minutes to hear of a
        // new one, if the webhook of its first job is lost.
        let named_later = |name: &Repository| {
            acts.acts.iter().any(|(_, act)| matches!(act, Act::Rename(_, to) if to.as_str() == name.as_str()))
        };
        for (_, act) in &acts.acts {
            if let Act::Push(repository, _) = act
                && !named_later(repository)
            {
                world.github.add_repository(repository);
            }
        }
        let runs: Rc<RefCell<Vec<RunId>>> = Rc::default();
        for (time, act) in acts.acts {
            let runs = Rc::clone(&runs);
            world.at(time, move |world| {
                let now = world.now;
                match act {
                    Act::Push(repository, jobs) => {
                        let run = world.github.push(now, &repository, jobs);
                        runs.borrow_mut().push(run);
                    }
                    Act::Cancel(number) => {
                        if let Some(run) = runs.borrow().get(number) {
                            world.github.cancel(now, *run);
                        }
                    }
                    Act::Rerun(number) => {
                        if let Some(run) = runs.borrow().get(number) {
                            world.github.rerun(now, *run);
                        }
                    }
                    Act::Forge => world.post(forged()),
                    Act::Deploy(what) => world.deploy(what),
                    Act::Pause(means, lasting) => world.pause(means, lasting),
                    Act::Hang(repository) => drop(world.github.push_hanging(now, &repository)),
                    Act::FailToList => {
                        let refusal = runs.borrow().last().map(|run| cannot_be_listed(now, *run));
                        world.github.settings_mut().refusals.extend(refusal);
                    }
                    Act::Rename(from, to) => drop(world.github.rename(now, &from, &to)),
                    Act::PushForeign(installation, repository, jobs) => {
                        world.github.push_foreign(now, installation, &repository, jobs);
                    }
                    Act::Stranger(stranger) => world.stranger(stranger),
                    Act::CancelRefused => world.github.cancel_refused(now),
                }
            });
        }
    }
}

/// GitHub's database is too slow for the list of a run's jobs
/// (<https://github.com/open-telemetry/opentelemetry-java-instrumentation/issues/18649>).
fn cannot_be_listed(now: Time, run: RunId) -> PlaceRefusal {
    PlaceRefusal {
        from: now,
        until: None,
        call: RefusedCall::RunJobs { run: Some(run) },
        answer: 502,
        repositories: [].into(),
        labels: [].into(),
        chance: 1.0,
    }
}
