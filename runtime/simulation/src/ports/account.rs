//! The account, and the stack that the functions belong to.

use jit_runners_runtime::{
    deployment::{Answer, AnswerAddress},
    port::{AccountError, AnswerStack, SpotRole, Stacks},
};

use super::{NO_ANSWER, SimPorts, requests};
use crate::call::call;

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
