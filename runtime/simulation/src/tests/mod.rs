//! Runs of our handlers, and of small test handlers, in the world.

mod agents;
mod deployment;
mod functions;
mod messages;
mod ports;
mod recovery;
mod refusals;
mod releases;

use std::{cell::RefCell, rc::Rc, time::Duration};

use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_runtime::{message::Message, time::Time, webhook::Request};

use super::{
    SimPorts, Simulator,
    engine::LocalFuture,
    fault::{CallFaults, Faults, FunctionFaults, MachineFaults},
    github::NewJob,
    policy::{Environments, OurPolicy, Policy},
    world::{World, WorldSettings},
};

/// Functions that do what a test defines for them, and nothing otherwise.
#[derive(Default)]
struct Scripted {
    scaleup: Option<OnMessages>,
    lifecycle: Option<OnMessages>,
    scaledown: Option<OnTick>,
    rebalancer: Option<OnTick>,
}

type OnMessages = Box<dyn Fn(SimPorts, Vec<Message>, Time) -> LocalFuture<Vec<String>>>;
type OnTick = Box<dyn Fn(SimPorts, Time) -> LocalFuture<()>>;

impl Policy for Scripted {
    fn webhook(&self, _: SimPorts, _: Rc<Environments>, _: Request) -> LocalFuture<u16> {
        Box::pin(async { 200 })
    }

    fn scaleup(
        &self,
        ports: SimPorts,
        _: Rc<Environments>,
        messages: Vec<Message>,
        deadline: Time,
    ) -> LocalFuture<Vec<String>> {
        self.scaleup
            .as_ref()
            .map_or_else(|| Box::pin(async { Vec::new() }) as _, |act| act(ports, messages, deadline))
    }

    fn lifecycle(
        &self,
        ports: SimPorts,
        _: Rc<Environments>,
        messages: Vec<Message>,
        deadline: Time,
    ) -> LocalFuture<Vec<String>> {
        self.lifecycle
            .as_ref()
            .map_or_else(|| Box::pin(async { Vec::new() }) as _, |act| act(ports, messages, deadline))
    }

    fn scaledown(&self, ports: SimPorts, _: Rc<Environments>, deadline: Time) -> LocalFuture<()> {
        self.scaledown.as_ref().map_or_else(|| Box::pin(async {}) as _, |act| act(ports, deadline))
    }

    fn rebalancer(&self, ports: SimPorts, _: Rc<Environments>, deadline: Time) -> LocalFuture<()> {
        self.rebalancer.as_ref().map_or_else(|| Box::pin(async {}) as _, |act| act(ports, deadline))
    }
}

/// What functions wrote down, for the test to read.
type Notes<T> = Rc<RefCell<Vec<T>>>;

fn notes<T>() -> Notes<T> {
    Rc::new(RefCell::new(Vec::new()))
}

fn started<P: Policy>(settings: WorldSettings, policy: P) -> Simulator<P> {
    Simulator::new(settings, policy).unwrap()
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// The time `duration` after the run began.
fn after(duration: Duration) -> Time {
    WorldSettings::quiet(0).began + duration
}

/// Pushes `count` jobs of a minute each.
fn push(world: &mut World, count: u32) {
    let label = |text| Label::new(text).unwrap();
    let job = |_| NewJob {
        labels: [label("self-hosted"), label("small")].into(),
        duration: Duration::from_mins(1),
        ..NewJob::default()
    };
    let repository = Repository::new("o/r").unwrap();
    world.github.push(world.now, &repository, (0..count).map(job).collect());
}

fn with_jobs(settings: WorldSettings, jobs: u32) -> Simulator<OurPolicy> {
    let mut run = started(settings, OurPolicy);
    run.world_mut().at(after(Duration::from_secs(5)), move |world| push(world, jobs));
    run
}

#[test]
fn in_a_quiet_world_every_job_is_done_and_nothing_is_left() {
    let mut run = with_jobs(WorldSettings::quiet(1), 5);
    run.run_until(after(Duration::from_mins(30)));
    let world = run.world();
    assert_eq!((world.github.open_jobs(), world.ec2.live()), (0, 0));
    assert_eq!(world.github.all_jobs().count(), 5);
    assert_eq!(world.lambda.failed_webhooks, 0);
}

/// Something of everything.
fn stormy(seed: u64) -> WorldSettings {
    let calls = CallFaults {
        request_lost: 0.01,
        answer_lost: 0.01,
        late: 0.01,
        slow: 0.05,
        crash_before_sending: 0.005,
        crash_before_applying: 0.005,
        crash_after_applying: 0.005,
        partial: 0.05,
    };
    let functions = FunctionFaults {
        stillborn: 0.01,
        slow_start: 0.1,
        tick_missed: 0.1,
        tick_doubled: 0.1,
        tick_jitter: Duration::from_secs(20),
        deletion_lost: 0.05,
    };
    let machines = MachineFaults {
        silent: 0.02,
        unreadable: 0.1,
        configuration_lost: 0.02,
        runner_crash: 0.05,
        never_ends: 0.05,
    };
    let faults = Faults {
        table: calls,
        compute: calls,
        github: calls,
        queue: calls,
        account: calls,
        functions,
        machines,
    };
    WorldSettings { faults, ..WorldSettings::quiet(seed) }
}

#[test]
fn the_same_seed_is_the_same_run_and_another_is_another() {
    let fingerprint = |seed, with_story| {
        let mut run = with_jobs(WorldSettings { with_story, ..stormy(seed) }, 20);
        run.run_until(after(Duration::from_hours(1)));
        (run.world().trace.fingerprint(), run.steps(), run.world().trace.story().to_owned())
    };
    let (one, again, other) = (fingerprint(1, true), fingerprint(1, true), fingerprint(2, true));
    assert!(one == again, "two runs of one seed differ");
    assert_ne!((one.0, &one.2), (other.0, &other.2));
    let silent = fingerprint(1, false);
    assert_eq!((silent.0, silent.1), (one.0, one.1), "whether the story is told changes nothing");
    assert_eq!(silent.2, "");
}

#[test]
fn a_step_says_what_was_written_and_what_was_told() {
    let mut run = with_jobs(WorldSettings::quiet(1), 1);
    let (mut changes, mut observations, mut started_jobs) = (0, 0, 0);
    while run.next_at().is_some_and(|at| at < after(Duration::from_mins(10))) {
        run.step();
        let world = run.world();
        changes += world.happened.changes.len();
        observations += world.happened.observations.len();
        started_jobs += world
            .happened
            .github
            .iter()
            .filter(|event| format!("{event:?}").starts_with("JobStarted"))
            .count();
    }
    let world = run.world();
    assert_eq!(started_jobs, 1);
    assert_eq!(observations as u64, world.observed.values().sum::<u64>());
    assert!(changes > 5, "{changes}");
}
