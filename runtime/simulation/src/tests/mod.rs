//! Runs of our handlers, and of small ones made for one question, in the world.

mod agents;
mod calls;
mod conformance;
mod deployment;
mod endings;
mod functions;
mod messages;
mod refusals;
mod releases;
mod throttling;
mod whole;

use std::{cell::RefCell, rc::Rc, time::Duration};

use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_runtime::{batch::Message, time::Time, webhook::Request};

use super::{
    SimPorts, Simulator,
    executor::LocalFuture,
    github::NewJob,
    policy::{Environments, Policy},
    world::{World, WorldSettings},
};

/// Functions that do what a test gives them to do, and nothing where it gives them nothing.
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
        held_for: None,
    };
    let repository = Repository::new("o/r").unwrap();
    world.github.push(world.now, &repository, (0..count).map(job).collect());
}
