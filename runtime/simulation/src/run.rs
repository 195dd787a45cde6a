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
    github::{GithubEvent, Happened},
    mutation::Mutation,
    policy::{OurPolicy, Policy},
    promise::{Violation, Watch, is_quiet},
    statistics::Statistics,
    swarm::{FORGED_JOB, Swarm},
    tuning::Numbers,
    world::{World, WorldError},
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
/// The longest time from a launch in vain until its registration is removed: the runner waits for a job and ends, and
/// scale-down has two runs. The next launch in vain for the same job comes later.
const SETTLES_WITHIN: Duration = Duration::from_mins(20);

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
    let faults_stop_at = swarm.faults_stop_at;
    let shown_by = faults_stop_at + mode.mutation.map_or(Duration::ZERO, Mutation::shows_within);
    let until = swarm.until.max(shown_by);
    let mut simulator = Simulator::new(swarm.settings.clone(), OurPolicy)?;
    Swarm::schedule(swarm, &mut simulator.world_mut());
    Ok(carry_out(simulator, seed, faults_stop_at, until))
}

/// Runs until everything is quiet, at most until `until`, and checks every promise; faults stop at `faults_stop_at`.
fn carry_out(mut simulator: Simulator<OurPolicy>, seed: u64, faults_stop_at: Time, until: Time) -> Outcome {
    let began = simulator.world().now;
    let mut watch = Watch::new(&simulator.world());
    let mut paths = Paths::default();
    advance(&mut simulator, faults_stop_at, &mut watch, &mut paths, |_| {});
    simulator.world_mut().stop_faults();
    watch.faults_stopped(&simulator.world());
    let mut next = faults_stop_at;
    while next < until.max(settled_at(&simulator.world())) {
        next = next + LOOKS_EVERY;
        advance(&mut simulator, next, &mut watch, &mut paths, |_| {});
        if is_quiet(&simulator.world()) {
            break;
        }
    }
    watch.at_end(&simulator.world());
    outcome(seed, &simulator, &watch, &mut paths, began)
}

/// When everything about the last instance that was launched is over, whatever became of its job.
fn settled_at(world: &World) -> Time {
    world.ec2.machines().last().map_or(world.now, |machine| machine.launched_at + SETTLES_WITHIN)
}

/// The result of a run that is over.
pub(crate) fn outcome<P: Policy>(
    seed: u64,
    simulator: &Simulator<P>,
    watch: &Watch,
    paths: &mut Paths,
    began: Time,
) -> Outcome {
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
        paths: std::mem::take(&mut paths.0),
        statistics,
        steps,
        story: world.trace.story().to_owned(),
    }
}

/// Lets everything happen until `time`, and watches; `also` looks at the world after each step.
pub(crate) fn advance<P: Policy>(
    simulator: &mut Simulator<P>,
    time: Time,
    watch: &mut Watch,
    paths: &mut Paths,
    mut also: impl FnMut(&World),
) {
    while simulator.step_before(time).is_some() {
        let known = watch.violations().len();
        {
            let world = simulator.world();
            watch.after_step(&world);
            paths.after_step(&world);
            also(&world);
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
        self.trouble(&world.github.happened());
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

    /// Counts what places, neighbours and people did.
    fn trouble(&mut self, happened: &Happened) {
        let refused = &happened.refused;
        for (what, count) in [
            ("registrations refused for ever", refused.registrations_for_good),
            ("registrations refused for a while", refused.registrations_for_a_while),
            ("labels refused", refused.labels),
            ("name taken by nobody", refused.names),
            ("job not shown", refused.jobs),
            ("removal refused", refused.removals),
            ("jobs of a run not listed", refused.run_jobs),
            ("runs or everything refused", refused.runs),
            ("run that hangs", happened.hanging_runs),
            ("job of another installation", happened.foreign_runs),
            ("job approved", happened.approvals),
            ("job announced and approved", happened.announced_approvals),
            ("repository renamed", happened.renames),
            ("old name redirected", happened.redirects),
            ("runner with a job removed", happened.blind_removals),
            ("young token refused", happened.young_tokens),
            ("runner updated itself", happened.self_updates),
            ("release gets no jobs", happened.deprecated_runners),
            ("stranger's event", happened.strangers_events),
        ] {
            self.add(what, count.into());
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
    "registrations refused for ever",
    "registrations refused for a while",
    "labels refused",
    "name taken by nobody",
    "job not shown",
    "removal refused",
    "jobs of a run not listed",
    "runs or everything refused",
    "run that hangs",
    "job of another installation",
    "job approved",
    "job announced and approved",
    "repository renamed",
    "old name redirected",
    "runner with a job removed",
    "young token refused",
    "runner updated itself",
    "release gets no jobs",
    "stranger's event",
];
