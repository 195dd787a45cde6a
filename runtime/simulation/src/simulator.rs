//! Runs a policy in the world, event by event.

use std::{
    cell::{Ref, RefCell, RefMut},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use jit_runners_model::contract::Handler;
use jit_runners_runtime::time::Time;

use crate::{
    call::Caller,
    engine::{Executor, LocalFuture, Progress, TaskId},
    lambda::{Ending, Invocation, MARGIN, Output, Running, Work},
    policy::{Environments, Policy},
    ports::SimPorts,
    world::{Event, World, WorldError, WorldSettings},
};

/// A run of a policy in a world.
pub struct Simulator<P> {
    world: Rc<RefCell<World>>,
    tasks: Executor<Running, Doing>,
    policy: P,
    steps: u64,
}

impl<P: Policy> Simulator<P> {
    /// A run that has not begun.
    pub fn new(settings: WorldSettings, policy: P) -> Result<Self, WorldError> {
        let world = Rc::new(RefCell::new(World::new(settings)?));
        Ok(Self { world, tasks: Executor::default(), policy, steps: 0 })
    }

    /// The world, to look at.
    pub fn world(&self) -> Ref<'_, World> {
        self.world.borrow()
    }

    /// The world, to change something from outside.
    pub fn world_mut(&mut self) -> RefMut<'_, World> {
        self.world.borrow_mut()
    }

    /// How many steps the run took so far.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The invocations that are under way.
    pub fn invocations(&self) -> impl Iterator<Item = &Running> {
        self.tasks.tasks()
    }

    /// Carries out all events before `time`, and moves on to it.
    pub fn run_until(&mut self, time: Time) {
        while self.step_before(time).is_some() {}
        let mut world = self.world.borrow_mut();
        world.now = world.now.max(time);
    }

    /// When something happens next.
    pub fn next_at(&self) -> Option<Time> {
        self.world.borrow().next_at()
    }

    /// Carries out the next event, and returns its time. [`World::happened`] says what happened, until the next step.
    pub fn step(&mut self) -> Option<Time> {
        let time = self.next_at()?;
        self.step_at(time)
    }

    /// Carries out the next event as [`Simulator::step`] does, if it is before `limit`.
    pub fn step_before(&mut self, limit: Time) -> Option<Time> {
        let time = self.next_at().filter(|time| *time < limit)?;
        self.step_at(time)
    }

    fn step_at(&mut self, time: Time) -> Option<Time> {
        let mut world = self.world.borrow_mut();
        self.steps += 1;
        if world.advance(time) {
            return Some(time);
        }
        let event = world.events.pop()?.1;
        let task = match event {
            Event::Arrive(call) => {
                let caller = call.caller();
                if call.arrive(&mut world) {
                    drop(world);
                    self.kill(caller.task, &Ending::Crashed);
                }
                return Some(time);
            }
            Event::Answer(call) => call.answer(&mut world).then(|| call.caller().task),
            Event::GiveUp(call) => call.give_up(&mut world).then(|| call.caller().task),
            Event::Wake(task) => Some(task),
            Event::TimeLimit(task) => {
                drop(world);
                self.kill(task, &Ending::TimedOut);
                return Some(time);
            }
            Event::Invoke(invocation) => {
                drop(world);
                self.begin(*invocation);
                return Some(time);
            }
            Event::Poll(queue) => {
                world.poll(queue);
                None
            }
            Event::Retry(attempt) => {
                world.try_to_begin(*attempt);
                None
            }
            Event::Tick(handler, due) => {
                world.tick(handler, due);
                None
            }
            Event::Agent(index, step) => {
                world.step_agent(index, step);
                None
            }
            Event::Gone => {
                world.tell(|| "the functions are gone");
                world.stack.gone_at = Some(world.now);
                drop(world);
                for task in self.tasks.ids() {
                    self.kill(task, &Ending::Crashed);
                }
                return Some(time);
            }
            Event::Act(act) => {
                act(&mut world);
                None
            }
        };
        drop(world);
        if let Some(task) = task {
            self.poll(task);
        }
        Some(time)
    }

    /// Begins an invocation, and runs it until it waits.
    fn begin(&mut self, invocation: Invocation) {
        let Invocation { number, handler, work, process } = invocation;
        let mut guard = self.world.borrow_mut();
        let world = &mut *guard;
        world.trace.record(world.now, 0x800 + handler as u64, number);
        world.tell(|| format!("{handler} {number} begins{}", work.words()));
        let stillborn = world.faults.functions.stillborn;
        let is_stillborn = stillborn > 0.0 && world.random.chance(stillborn);
        if world.stack.is_gone() {
            return;
        }
        let limit = world.now + world.lambda.timeout(handler);
        let process = process.unwrap_or(world.now);
        let about = Running::new(number, handler, &work, process);
        if is_stillborn {
            world.end_invocation(about, &Ending::Crashed);
            return;
        }
        let environments = Rc::clone(&world.environments);
        drop(guard);
        let task = self.tasks.start(about, |task| {
            let caller = Caller { task, handler, invocation: number };
            let ports = SimPorts::new(Rc::clone(&self.world), caller, process);
            invoke(&self.policy, ports, handler, environments, work, limit - MARGIN)
        });
        self.world.borrow_mut().events.schedule(limit, Event::TimeLimit(task));
        self.poll(task);
    }

    fn poll(&mut self, task: TaskId) {
        let progress = self.tasks.poll(task);
        let crashes = std::mem::take(&mut self.world.borrow_mut().crashes);
        match progress {
            Progress::Done(about, output) => {
                let ending = if crashes { Ending::Crashed } else { Ending::Done(output) };
                self.world.borrow_mut().end_invocation(about, &ending);
            }
            Progress::Waits if crashes => self.kill(task, &Ending::Crashed),
            Progress::Waits | Progress::Gone => {}
        }
    }

    fn kill(&mut self, task: TaskId, ending: &Ending) {
        if let Some(about) = self.tasks.kill(task) {
            self.world.borrow_mut().end_invocation(about, ending);
        }
    }
}

/// Calls the function.
fn invoke(
    policy: &impl Policy,
    ports: SimPorts,
    handler: Handler,
    environments: Rc<Environments>,
    work: Work,
    deadline: Time,
) -> Doing {
    match (handler, work) {
        (Handler::ScaleUp, work) => {
            Doing::Batch(policy.scaleup(ports, environments, work.into_messages(), deadline))
        }
        (Handler::Lifecycle, work) => {
            Doing::Batch(policy.lifecycle(ports, environments, work.into_messages(), deadline))
        }
        (Handler::ScaleDown, Work::Request(_, request)) => {
            Doing::Deploying(policy.deployment(ports, environments, *request, deadline))
        }
        (Handler::ScaleDown, _) => Doing::Tick(policy.scaledown(ports, environments, deadline)),
        (Handler::Rebalancer, _) => Doing::Tick(policy.rebalancer(ports, environments, deadline)),
        (Handler::Webhook, work) => Doing::Request(policy.webhook(ports, environments, work.into_request())),
    }
}

/// What an invocation is doing.
enum Doing {
    Request(LocalFuture<u16>),
    Batch(LocalFuture<Vec<String>>),
    Tick(LocalFuture<()>),
    Deploying(LocalFuture<bool>),
}

impl Future for Doing {
    type Output = Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Output> {
        match self.get_mut() {
            Self::Request(future) => future.as_mut().poll(context).map(Output::Status),
            Self::Batch(future) => future.as_mut().poll(context).map(Output::Failed),
            Self::Tick(future) => future.as_mut().poll(context).map(|()| Output::Nothing),
            Self::Deploying(future) => future.as_mut().poll(context).map(Output::Requested),
        }
    }
}
