//! The ports of one invocation, into the simulated world.

mod aws;
mod github;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    task::Poll,
};

use jit_runners_model::contract::message::Repository;
use jit_runners_runtime::{
    port::{
        AccountError, Answer, AnswerAddress, AnswerStack, Clock, Observation, Observe, RateLimit, SpotRole,
        Stacks,
    },
    time::Time,
};

use crate::{
    call::{Caller, call},
    mutation::Mutation,
    world::{Event, World},
};

/// The ports of one invocation.
pub struct SimPorts {
    world: Rc<RefCell<World>>,
    caller: Caller,
    /// What GitHub's last answer said.
    rate_limit: Cell<Option<RateLimit>>,
    /// When the process began, which gets a token for GitHub then.
    process: Time,
    /// The new names of repositories that were renamed, as redirects told them.
    renamed: RefCell<BTreeMap<String, Repository>>,
}

impl SimPorts {
    /// The ports of `caller`.
    pub(super) const fn new(world: Rc<RefCell<World>>, caller: Caller, process: Time) -> Self {
        let renamed = RefCell::new(BTreeMap::new());
        Self { world, caller, rate_limit: Cell::new(None), process, renamed }
    }

    fn mutation(&self) -> Option<Mutation> {
        self.world.borrow().mutation
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
            world.events.schedule(time, Event::Wake(self.caller.task));
        }
        std::future::poll_fn(|_| if self.now() < time { Poll::Pending } else { Poll::Ready(()) }).await;
    }
}

impl Observe for SimPorts {
    fn observe(&self, observation: Observation) {
        self.world.borrow_mut().observe(self.caller, observation);
    }
}

/// Defines requests: what each asks for, how it is carried out, and what the caller gets if no answer comes.
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
            const OPERATION: $crate::operation::Operation = $crate::operation::Operation::$operation;

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

use requests;

/// What callers are told when no answer comes.
const NO_ANSWER: &str = "timed out";

impl SpotRole for SimPorts {
    async fn make_sure_of_spot_role(&self) -> Result<(), AccountError> {
        call(&self.world, self.caller, CreateSpotRole {}).await
    }
}

impl Stacks for SimPorts {
    async fn stack_status(&self, stack: &str) -> Result<String, AccountError> {
        call(&self.world, self.caller, DescribeStack { stack: stack.to_owned() }).await
    }
}

impl AnswerStack for SimPorts {
    async fn answer(&self, _: &AnswerAddress, answer: &Answer) -> Result<(), AccountError> {
        call(&self.world, self.caller, AnswerRequest { answer: answer.clone() }).await
    }
}

fn silence() -> AccountError {
    AccountError::Unknown(NO_ANSWER.to_owned())
}

requests! {
    CreateSpotRole {} -> Result<(), AccountError>,
    apply |_this, world| {
        world.stack.make_sure_of_spot_role();
        Ok(())
    },
    unanswered silence(),
    words |_this| "makes sure of EC2 Spot's own role".to_owned(),
    done |_done| "it is there".to_owned();

    DescribeStack { stack: String } -> Result<String, AccountError>,
    apply |this, world| world.stack.status(&this.stack),
    unanswered silence(),
    words |_this| "looks at its stack".to_owned(),
    done |status| status.clone();

    AnswerRequest { answer: Answer } -> Result<(), AccountError>,
    apply |this, world| {
        world.answered(&this.answer);
        Ok(())
    },
    unanswered silence(),
    words |this| format!("answers {:?}: {}", this.answer.status, this.answer.reason),
    done |_done| "taken".to_owned();
}
