//! The ports of one invocation, into the simulated world.

mod account;
mod compute;
mod github;
mod queue;
mod table;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::Poll,
};

use super::{
    call::Caller,
    sabotage::Sabotage,
    world::{Event, World},
};

/// The ports of one invocation.
pub struct SimPorts {
    world: Rc<RefCell<World>>,
    caller: Caller,
    /// What GitHub's last answer said.
    rate_limit: Cell<Option<RateLimit>>,
}

impl SimPorts {
    /// The ports of `caller`.
    pub(super) const fn new(world: Rc<RefCell<World>>, caller: Caller) -> Self {
        Self { world, caller, rate_limit: Cell::new(None) }
    }

    fn sabotage(&self) -> Option<Sabotage> {
        self.world.borrow().sabotage
    }
}

impl Clock for SimPorts {
    fn now(&self) -> Time {
        self.world.borrow().now
    }

    async fn sleep_until(&self, time: Time) {
        {
            let world = &mut *self.world.borrow_mut();
            if time <= world.now {
                return;
            }
            world.agenda.enter(time, Event::Wake(self.caller.task));
        }
        std::future::poll_fn(|_| if self.now() < time { Poll::Pending } else { Poll::Ready(()) }).await;
    }
}

impl Observe for SimPorts {
    fn observe(&self, observation: Observation) {
        self.world.borrow_mut().observe(self.caller, observation);
    }
}

/// Writes requests down: what each asks for, how it is carried out, and what the caller gets when no answer comes.
macro_rules! requests {
    ($(
        $operation:ident { $($field:ident: $type:ty),* $(,)? } -> Result<$done:ty, $error:ty>,
        apply |$this:ident, $world:ident| $apply:expr,
        unanswered $unanswered:expr,
        words |$self_words:ident| $words:expr,
        done |$value:ident| $told:expr;
    )+) => {$(
        struct $operation { $($field: $type,)* }

        impl $crate::call::Request for $operation {
            type Answer = Result<$done, $error>;
            const OPERATION: $crate::call::Operation = $crate::call::Operation::$operation;

            fn apply(self, $world: &mut $crate::world::World) -> Self::Answer {
                let $this = self;
                $apply
            }

            fn unanswered() -> Self::Answer {
                Err($unanswered)
            }

            fn is_success(answer: &Self::Answer) -> bool {
                answer.is_ok()
            }

            fn words(&self) -> String {
                let $self_words = self;
                $words
            }

            fn answer_words(answer: &Self::Answer) -> String {
                match answer {
                    Ok($value) => $told,
                    Err(error) => error.to_string(),
                }
            }
        }
    )+};
}
use jit_runners_runtime::{
    port::{Clock, Observation, Observe, RateLimit},
    time::Time,
};
use requests;

/// What callers are told when no answer comes.
const NO_ANSWER: &str = "timed out";
