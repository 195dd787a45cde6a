//! Runs one seed, from its first push until everything is over.

use std::{collections::BTreeMap, time::Duration};

use jit_runners_model::contract::{
    Handler,
    message::{JobRef, Repository},
    table::Key,
};
use jit_runners_runtime::{record::Item, time::Time};

use crate::{
    Simulator,
    ec2::{Ec2Event, EndCause},
    github::GithubEvent,
    mutation::Mutation,
    policy::{OurPolicy, Policy},
    promise::{Violation, Watch, is_quiet},
    scenario::Scenario,
    statistics::Statistics,
    swarm::{FORGED_JOB, Swarm},
    tuning::Numbers,
    world::{World, WorldError, WorldSettings},
};

/// The result of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// Promises that were broken.
    pub violations: Vec<Violation>,
    /// Stands for everything that happened.
    pub fingerprint: u64,
    /// How often each interesting thing happened.
    pub paths: BTreeMap<&'static str, u64>,
    /// Numbers.
    pub statistics: Statistics,
    /// Steps of the world.
    pub steps: u64,
    /// What happened, in words, if that was asked for.
    pub story: String,
}

/// How often a run looks whether it is over.
const LOOKS_EVERY: Duration = Duration::from_secs(30);

/// How a seed is run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mode {
    /// Tell what happens in words.
    pub with_story: bool,
    /// Make a mistake on purpose.
    pub mutation: Option<Mutation>,
    /// Other numbers than the usual ones for one of the queues.
    pub numbers: Option<Numbers>,
}

/// Runs `seed`.
pub fn run(seed: u64, mode: Mode) -> Result<Outcome, WorldError> {
    let mut swarm = Swarm::new(seed, mode.with_story);
    swarm.settings.mutation = mode.mutation;
    if let Some(numbers) = mode.numbers {
        numbers.set_up(&mut swarm.settings);
    }
    let (faults_stop_at, until) = (swarm.faults_stop_at, swarm.until);
    let mut simulator = Simulator::new(swarm.settings.clone(), OurPolicy)?;
    Swarm::schedule(swarm, &mut simulator.world_mut());
    Ok(carry_out(simulator, seed, faults_stop_at, until))
}

/// Runs a named scenario. Faults stop when it says so, or a minute after the last push.
pub fn run_scenario(scenario: &Scenario, seed: u64, with_story: bool) -> Result<Outcome, WorldError> {
    let settings = WorldSettings { with_story, ..scenario.world(seed) };
    let (began, until) = (settings.began, settings.began + scenario.lasts);
    let mut simulator = Simulator::new(settings, OurPolicy)?;
    let last = scenario.begin(&mut simulator.world_mut(), seed);
    let faults_stop_at = scenario.faults_stop.map_or(last + Duration::from_mins(1), |after| began + after);
    Ok(carry_out(simulator, seed, faults_stop_at, until))
}

/// Runs until everything is quiet, at most until `until`, and checks every promise; faults stop at `faults_stop_at`.
fn carry_out(mut simulator: Simulator<OurPolicy>, seed: u64, faults_stop_at: Time, until: Time) -> Outcome {
    let began = simulator.world().now;
    let mut watch = Watch::new(&simulator.world());
    let mut paths = Paths::default();
    advance(&mut simulator, faults_stop_at, &mut watch, &mut paths);
    simulator.world_mut().stop_faults();
    watch.faults_stopped(&simulator.world());
    let mut next = faults_stop_at;
    while next < until {
        next = next + LOOKS_EVERY;
        advance(&mut simulator, next, &mut watch, &mut paths);
        if is_quiet(&simulator.world()) {
            break;
        }
    }
    watch.at_end(&simulator.world());
    let steps = simulator.steps();
    let world = simulator.world();
    let mut violations = watch.violations().to_vec();
    violations.extend(forged(&world));
    paths.count(&world, watch.stranded());
    let mut statistics = Statistics::of(&world, began);
    statistics.sort();
    Outcome {
        seed,
        violations,
        fingerprint: world.trace.fingerprint(),
        paths: paths.0,
        statistics,
        steps,
        story: world.trace.story().to_owned(),
    }
}

/// Lets everything happen until `time`, and watches.
pub(crate) fn advance<P: Policy>(
    simulator: &mut Simulator<P>,
    time: Time,
    watch: &mut Watch,
    paths: &mut Paths,
) {
    while simulator.step_before(time).is_some() {
        let known = watch.violations().len();
        {
            let world = simulator.world();
            watch.after_step(&world);
            paths.after_step(&world);
        }
        for violation in &watch.violations()[known..] {
            simulator.world_mut().trace.tell(violation.at, || violation);
        }
    }
    simulator.run_until(time);
}

/// Promise 10: whoever does not know the secret changes nothing.
fn forged(world: &World) -> Option<Violation> {
    let repository = Repository::new("octo/one").ok()?;
    let job = JobRef { repository, job_id: FORGED_JOB, run_attempt: 1 };
    world.table.peek(&Key::job(&job)).map(|_| Violation {
        promise: 10,
        at: world.now,
        what: "a webhook without a valid signature was believed".to_owned(),
    })
}

/// Counts of interesting things.
#[derive(Debug, Default)]
pub(crate) struct Paths(pub(crate) BTreeMap<&'static str, u64>);

impl Paths {
    /// Counts what the last step did.
    pub(crate) fn after_step(&mut self, world: &World) {
        for event in &world.happened.github {
            match event {
                GithubEvent::Ghosted { .. } => self.add("ghost runner", 1),
                GithubEvent::Dropped { .. } => self.add("idle runner dropped by GitHub", 1),
                GithubEvent::Webhook { .. }
                | GithubEvent::JobStarted { .. }
                | GithubEvent::JobEnded { .. } => {}
            }
        }
        for event in &world.happened.ec2 {
            if let Ec2Event::Ended { instance, cause } = event {
                match cause {
                    EndCause::Interrupted => {
                        let key = Key::runner(instance.as_str());
                        let had_job = world.table.peek(&key).is_some_and(
                            |stored| matches!(&stored.item, Item::Runner(runner) if runner.job.is_some()),
                        );
                        self.add(
                            if had_job { "spot loss during a job" } else { "spot loss before a job" },
                            1,
                        );
                    }
                    EndCause::FailedBoot => self.add("boot failed", 1),
                    EndCause::FailedStart => self.add("start failed", 1),
                    EndCause::Terminated | EndCause::ShutDown => {}
                }
            }
        }
    }

    /// Counts what the whole run did.
    fn count(&mut self, world: &World, stranded: usize) {
        for (what, count) in &world.observed {
            self.add(what, *count);
        }
        for (fault, count) in &world.call_faults {
            self.add(fault.words(), *count);
        }
        let ec2 = world.ec2.statistics();
        self.add("launch in part", ec2.in_part.into());
        self.add("launch without capacity", ec2.empty_handed.into());
        self.add("launch made again", ec2.repeated.into());
        self.add(
            "dead letter",
            world.scale_up.dead_letters().len() as u64 + world.lifecycle.dead_letters().len() as u64,
        );
        self.add("webhook not accepted", world.lambda.failed_webhooks);
        self.add("webhook refused by the API", world.api.refused);
        self.add("budget of launches used up", stranded as u64);
        self.add("deployment removed", u64::from(world.stack.is_gone()));
        self.add("request of whoever deploys failed", world.stack.failed);
        for handler in Handler::ALL {
            let invocations = world.lambda.of(handler);
            self.add("time limit of a function", invocations.timed_out);
            self.add("invocation throttled", invocations.throttled);
            if matches!(handler, Handler::ScaleUp | Handler::Lifecycle) {
                self.add("batch throttled and given up", invocations.given_up);
            }
        }
    }

    fn add(&mut self, what: &'static str, count: u64) {
        *self.0.entry(what).or_default() += count;
    }
}

/// What must happen in at least one run of many. A simulation in which it never happens proves nothing about it.
pub const REQUIRED: &[&str] = &[
    "ghost runner",
    "idle runner dropped by GitHub",
    "spot loss during a job",
    "spot loss before a job",
    "boot failed",
    "launch in part",
    "launch without capacity",
    "launch made again",
    "dead letter",
    "webhook not accepted",
    "webhook refused by the API",
    "invocation throttled",
    "batch throttled and given up",
    "budget of launches used up",
    "time limit of a function",
    "name taken",
    "deferred by the caps",
    "deferred by GitHub's limits",
    "lost webhook",
    "resumed",
    "abandoned",
    "rate limited",
    "retired",
    "busy",
    "stale",
    "too old",
    "interrupted",
    "orphan",
    "zombie",
    "published",
    "launch failed",
    "prepared",
    "nothing ended",
    "stopped",
    "ending",
    "ended",
    "deployment removed",
    "request of whoever deploys failed",
    "start failed",
    "ended early",
    "not offered",
    "no spot",
];
