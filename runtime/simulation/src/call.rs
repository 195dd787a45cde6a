//! One call of a service: the request travels, is carried out at one instant, and the answer travels back.
//!
//! A call that is on its way does not depend on its caller: it is carried out whether or not anybody waits for it.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use jit_runners_model::contract::Handler;
use jit_runners_runtime::time::Time;

use crate::{
    executor::TaskId,
    fault::CallFault,
    world::{Event, World},
};

/// A service that handlers call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// `DynamoDB`.
    Table,
    /// EC2.
    Compute,
    /// GitHub.
    Github,
    /// SQS.
    Queue,
    /// IAM and CloudFormation.
    Account,
}

/// How many services there are.
pub const SERVICES: usize = Service::ALL.len();

impl Service {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Table, Self::Compute, Self::Github, Self::Queue, Self::Account];

    /// How long a caller waits before it gives a call up. Timeouts of the clients that the handlers use.
    pub const fn patience(self) -> Duration {
        match self {
            Self::Table => Duration::from_secs(3),
            Self::Compute | Self::Github | Self::Account => Duration::from_secs(10),
            Self::Queue => Duration::from_secs(2),
        }
    }

    /// How long a call takes, from and to, there and back again.
    const fn latency(self) -> (Duration, Duration) {
        let (from, to) = match self {
            Self::Table => (3, 12),
            Self::Compute => (150, 1_200),
            Self::Github => (80, 700),
            Self::Queue => (5, 25),
            Self::Account => (50, 400),
        };
        (Duration::from_millis(from), Duration::from_millis(to))
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident: $service:ident, $words:literal;)+) => {
        /// What is called.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Operation { $($(#[$doc])* $name,)+ }

        impl Operation {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Whose operation it is.
            pub const fn service(self) -> Service {
                match self { $(Self::$name => Service::$service,)+ }
            }

            /// What it does, in words.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)+ }
            }
        }
    };
}

operations! {
    /// Reads an item.
    Get: Table, "read an item";
    /// Changes items.
    Commit: Table, "change items";
    /// Queries a label set.
    OpenOfLabelSet: Table, "query a label set";
    /// Queries a kind.
    OpenOfKind: Table, "query a kind";
    /// Launches instances.
    RunInstances: Compute, "launch instances";
    /// Launches instances from the first of several pools that have any.
    CreateFleet: Compute, "launch a fleet";
    /// Looks at an image.
    DescribeImages: Compute, "look at an image";
    /// Lists instances.
    DescribeInstances: Compute, "list instances";
    /// Looks at single instances.
    DescribeSomeInstances: Compute, "look at instances";
    /// Ends instances.
    TerminateInstances: Compute, "end instances";
    /// Registers a runner.
    Register: Github, "register a runner";
    /// Removes a runner.
    Remove: Github, "remove a runner";
    /// Finds a runner.
    Find: Github, "find a runner";
    /// Lists runners.
    Runners: Github, "list runners";
    /// Looks at a job.
    Job: Github, "look at a job";
    /// Lists runs.
    Runs: Github, "list runs";
    /// Lists jobs.
    Jobs: Github, "list jobs";
    /// Lists repositories.
    Repositories: Github, "list repositories";
    /// Asks which release of the runner to use.
    Downloads: Github, "ask for the runner's release";
    /// Asks how long a release gets jobs.
    ReleaseEnd: Github, "ask for a release's end";
    /// Sends jobs to scale-up.
    SendJobs: Queue, "send jobs";
    /// Sends an event to lifecycle.
    SendEvent: Queue, "send an event";
    /// Makes EC2 Spot's own role.
    CreateSpotRole: Account, "make EC2 Spot's own role";
    /// Looks at a stack.
    DescribeStack: Account, "look at a stack";
    /// Answers a request of CloudFormation.
    AnswerRequest: Account, "answer CloudFormation";
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The task that waits for answers.
    pub task: TaskId,
    /// The function that it is an invocation of.
    pub handler: Handler,
    /// The number of the invocation.
    pub invocation: u64,
}

/// What one call asks for.
pub(crate) trait Request: Sized + 'static {
    /// What it is answered with.
    type Answer: 'static;
    /// What is called.
    const OPERATION: Operation;

    /// Carries it out.
    fn apply(self, world: &mut World) -> Self::Answer;

    /// What the caller gets when no answer comes.
    fn unanswered() -> Self::Answer;

    /// Whether the service did what was asked.
    fn is_success(answer: &Self::Answer) -> bool;

    /// What is asked for, for the story.
    fn words(&self) -> String;

    /// How it was answered, for the story.
    fn answer_words(answer: &Self::Answer) -> String;
}

/// A call that was sent.
pub(crate) struct Call<R: Request> {
    caller: Caller,
    number: u64,
    fault: Option<CallFault>,
    sent_at: Time,
    back: Duration,
    request: Cell<Option<R>>,
    answer: Cell<Option<R::Answer>>,
    /// The caller has its answer, or has given up.
    over: Cell<bool>,
}

/// A call of any kind.
pub(crate) trait Sent {
    /// Carries the call out; says whether its caller dies now.
    fn arrive(self: Rc<Self>, world: &mut World) -> bool;

    /// The answer reaches the caller. Says whether the caller is to be woken.
    fn answer(&self, world: &mut World) -> bool;

    /// The caller waits no longer. Says whether it is to be woken.
    fn give_up(&self, world: &mut World) -> bool;

    /// Who waits.
    fn caller(&self) -> Caller;
}

/// Waits until a call is over.
pub(crate) struct Answered<R: Request>(pub(crate) Rc<Call<R>>);

impl<R: Request> Future for Answered<R> {
    type Output = R::Answer;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<R::Answer> {
        if !self.0.over.get() {
            return Poll::Pending;
        }
        self.0.answer.take().map_or(Poll::Pending, Poll::Ready)
    }
}

/// Sends a call off, and waits until it is over.
pub(crate) async fn call<R: Request>(world: &RefCell<World>, caller: Caller, request: R) -> R::Answer {
    let sent = world.borrow_mut().send(caller, request);
    Answered(sent).await
}

impl World {
    fn send<R: Request>(&mut self, caller: Caller, request: R) -> Rc<Call<R>> {
        let operation = R::OPERATION;
        let service = operation.service();
        let number = self.calls.begin(caller.handler, operation, self.now);
        let fault = self.fault_of_call(number, service);
        self.trace.mark(self.now, 0x100 + operation as u64, number);
        if self.trace.is_told() {
            let (words, fault) =
                (request.words(), fault.map_or_else(String::new, |fault| format!(" ({fault:?})")));
            self.tell(|| format!("{} {}: {words}{fault}", caller.handler, caller.invocation));
        }
        let (there, back) = self.latency(service, fault);
        let (now, patience) = (self.now, service.patience());
        let call = Rc::new(Call {
            caller,
            number,
            fault,
            sent_at: now,
            back,
            request: Cell::new(Some(request)),
            answer: Cell::new(None),
            over: Cell::new(false),
        });
        if fault == Some(CallFault::CrashBeforeSending) {
            self.calls.end(service);
            self.doomed = true;
            return call;
        }
        if fault != Some(CallFault::RequestLost) {
            self.agenda.enter(now + there, Event::Arrive(Rc::clone(&call) as Rc<dyn Sent>));
        }
        if fault == Some(CallFault::RequestLost) || there >= patience {
            self.agenda.enter(now + patience, Event::GiveUp(Rc::clone(&call) as Rc<dyn Sent>));
        }
        if fault == Some(CallFault::CrashBeforeApplying) {
            self.doomed = true;
        }
        call
    }

    fn fault_of_call(&mut self, number: u64, service: Service) -> Option<CallFault> {
        if let Some(fault) = self.plan.calls.get(&number) {
            return Some(*fault);
        }
        let faults = *self.faults.calls(service);
        if !faults.are_possible() {
            return None;
        }
        let draw = self.random.number() >> 32;
        let fault = faults.of_draw(f64::from(u32::try_from(draw).unwrap_or(u32::MAX)) / 4_294_967_296.0)?;
        *self.call_faults.entry(fault).or_default() += 1;
        Some(fault)
    }

    fn latency(&mut self, service: Service, fault: Option<CallFault>) -> (Duration, Duration) {
        let (from, to) = service.latency();
        if fault == Some(CallFault::Late) {
            let patience = service.patience();
            return (self.random.between(patience, patience * 3), Duration::ZERO);
        }
        let slow = self.faults.calls(service).slow;
        let whole = if slow > 0.0 && self.random.chance(slow) {
            self.random.between(Duration::from_millis(500), service.patience() * 3 / 4)
        } else {
            self.random.between(from, to)
        };
        (whole / 2, whole / 2)
    }
}

impl<R: Request> Sent for Call<R> {
    fn arrive(self: Rc<Self>, world: &mut World) -> bool {
        let Some(request) = self.request.take() else { return false };
        let answer = request.apply(world);
        let success = R::is_success(&answer);
        world.trace.mark(world.now, 0x200 + u64::from(success), self.number);
        world.calls.answered(R::OPERATION, success);
        if world.trace.is_told() {
            let (words, caller) = (R::answer_words(&answer), self.caller);
            let late = if self.over.get() { ", but nobody waits for it" } else { "" };
            world.tell(|| format!("    {} {} is answered: {words}{late}", caller.handler, caller.invocation));
        }
        if self.over.get() {
            return false;
        }
        let patience = R::OPERATION.service().patience();
        let back_at = world.now + self.back;
        if self.fault == Some(CallFault::AnswerLost) || back_at >= self.sent_at + patience {
            // A call whose request came too late is given up already on the agenda; giving up twice is harmless.
            let at = (self.sent_at + patience).max(world.now);
            world.agenda.enter(at, Event::GiveUp(Rc::clone(&self) as Rc<dyn Sent>));
        } else {
            self.answer.set(Some(answer));
            world.agenda.enter(back_at, Event::Answer(Rc::clone(&self) as Rc<dyn Sent>));
        }
        self.fault == Some(CallFault::CrashAfterApplying)
    }

    fn answer(&self, world: &mut World) -> bool {
        let first = !self.over.replace(true);
        if first {
            world.calls.end(R::OPERATION.service());
        }
        first
    }

    fn give_up(&self, world: &mut World) -> bool {
        let first = !self.over.replace(true);
        if first {
            self.answer.set(Some(R::unanswered()));
            world.calls.end(R::OPERATION.service());
            world.calls.unanswered(R::OPERATION);
            let caller = self.caller;
            world.tell(|| format!("    {} {} gets no answer", caller.handler, caller.invocation));
        }
        first
    }

    fn caller(&self) -> Caller {
        self.caller
    }
}
