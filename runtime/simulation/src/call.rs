//! One call of a service: the request takes some time to arrive, is carried out at one instant, and the answer takes
//! some time to come back.
//!
//! A call that was sent does not depend on its caller: it is carried out whether or not anybody waits for it.

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
    engine::TaskId,
    fault::CallFault,
    operation::{Operation, Service},
    world::{Event, World},
};

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
    /// Carries out the call; returns whether its caller dies now.
    fn arrive(self: Rc<Self>, world: &mut World) -> bool;

    /// The answer reaches the caller. Returns whether the caller is to be woken.
    fn answer(&self, world: &mut World) -> bool;

    /// The caller waits no longer. Returns whether it is to be woken.
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

/// Sends a call, and waits until it is over.
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
        self.trace.record(self.now, 0x100 + operation as u64, number);
        if self.trace.is_told() {
            let (words, fault) =
                (request.words(), fault.map_or_else(String::new, |fault| format!(" ({fault:?})")));
            self.tell(|| format!("{} {}: {words}{fault}", caller.handler, caller.invocation));
        }
        let (there, back) = self.latency(service, fault);
        let (now, timeout) = (self.now, service.timeout());
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
            self.crashes = true;
            return call;
        }
        if fault != Some(CallFault::RequestLost) {
            self.events.schedule(now + there, Event::Arrive(Rc::clone(&call) as Rc<dyn Sent>));
        }
        if fault == Some(CallFault::RequestLost) || there >= timeout {
            self.events.schedule(now + timeout, Event::GiveUp(Rc::clone(&call) as Rc<dyn Sent>));
        }
        if fault == Some(CallFault::CrashBeforeApplying) {
            self.crashes = true;
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
            let timeout = service.timeout();
            return (self.random.between(timeout, timeout * 3), Duration::ZERO);
        }
        let slow = self.faults.calls(service).slow;
        let whole = if slow > 0.0 && self.random.chance(slow) {
            self.random.between(Duration::from_millis(500), service.timeout() * 3 / 4)
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
        world.trace.record(world.now, 0x200 + u64::from(success), self.number);
        world.calls.answered(R::OPERATION, success);
        if world.trace.is_told() {
            let (words, caller) = (R::answer_words(&answer), self.caller);
            let late = if self.over.get() { ", but nobody waits for it" } else { "" };
            world.tell(|| format!("    {} {} is answered: {words}{late}", caller.handler, caller.invocation));
        }
        if self.over.get() {
            return false;
        }
        let timeout = R::OPERATION.service().timeout();
        let back_at = world.now + self.back;
        if self.fault == Some(CallFault::AnswerLost) || back_at >= self.sent_at + timeout {
            // If the request came too late, another event has given up the call already. Giving up twice is harmless.
            let at = (self.sent_at + timeout).max(world.now);
            world.events.schedule(at, Event::GiveUp(Rc::clone(&self) as Rc<dyn Sent>));
        } else {
            self.answer.set(Some(answer));
            world.events.schedule(back_at, Event::Answer(Rc::clone(&self) as Rc<dyn Sent>));
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
