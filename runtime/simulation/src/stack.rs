//! CloudFormation or Terraform, which makes, changes and removes the deployment while its functions work.
//!
//! CloudFormation sends a request and waits for its answer
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>); Terraform waits for the
//! function. After a failure, people try again.

use std::time::Duration;

use jit_runners_model::contract::Handler;
use jit_runners_runtime::{
    deployment::{Action, Request, StackRequest},
    port::{AccountError, Answer, AnswerAddress, Status},
    time::Time,
};

use crate::{
    lambda::Work,
    world::{Event, World},
};

/// How long CloudFormation waits for an answer (`ServiceTimeout`).
const SERVICE_TIMEOUT: Duration = Duration::from_mins(10);
/// The time after which people delete again.
const AGAIN_AFTER: Duration = Duration::from_secs(40);
/// The stack's ARN, the only one that exists.
pub const STACK: &str = "arn:aws:cloudformation:eu-central-1:123456789012:stack/jit-runners/1";
/// The physical id of the resource.
const PHYSICAL_ID: &str = "jit-runners";

/// What somebody does with the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deploying {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// A change of the stack is rolled back that would have added the resource.
    RollBack,
    /// It is removed.
    Remove,
}

/// How it was deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tool {
    /// As a stack.
    #[default]
    CloudFormation,
    /// As a module.
    Terraform,
}

/// A request without a result yet.
#[derive(Debug)]
struct Pending {
    number: u64,
    what: Deploying,
}

/// What is known of the deployment from outside.
#[derive(Debug, Default)]
pub struct Stack {
    tool: Tool,
    number: u64,
    pending: Option<Pending>,
    status: &'static str,
    /// Whether the account has EC2 Spot's own role.
    pub has_spot_role: bool,
    /// When its removal was first asked for.
    pub removal_asked_at: Option<Time>,
    /// When its removal was done. The functions are deleted within moments, so nothing may be left that only they
    /// could end.
    pub ended_at: Option<Time>,
    /// When the functions went.
    pub gone_at: Option<Time>,
    /// Requests that were carried out, and those that were not.
    pub done: u64,
    /// Requests that failed or got no answer.
    pub failed: u64,
    /// Wrong answers: to requests that were answered before or never made, or with other ids than the request.
    pub wrong_answers: u64,
}

impl Stack {
    pub(crate) fn new(tool: Tool) -> Self {
        Self { tool, status: "CREATE_COMPLETE", ..Self::default() }
    }

    /// Whether nothing of the deployment works any more.
    pub const fn is_gone(&self) -> bool {
        self.gone_at.is_some()
    }

    /// IAM's `CreateServiceLinkedRole`, as far as a function sees it.
    pub(crate) const fn make_sure_of_spot_role(&mut self) {
        self.has_spot_role = true;
    }

    /// CloudFormation's `DescribeStacks`.
    pub(crate) fn status(&self, stack: &str) -> Result<String, AccountError> {
        if stack == STACK {
            return Ok(self.status.to_owned());
        }
        Err(AccountError::Refused { code: "AccessDenied".to_owned(), message: "not your stack".to_owned() })
    }

    fn request(&self, what: Deploying, number: u64) -> Option<Request> {
        let action = match what {
            Deploying::Create => Action::Create,
            Deploying::Update => Action::Update,
            Deploying::RollBack | Deploying::Remove => Action::Delete,
        };
        Some(match self.tool {
            Tool::Terraform => Request::Terraform(action),
            Tool::CloudFormation => Request::Stack(StackRequest {
                action: Some(action),
                address: AnswerAddress::parse(
                    &format!(
                        "https://cloudformation-custom-resource-response-eucentral1.s3.amazonaws.com/{number}?X-Amz-Signature=1"
                    ),
                    None,
                )
                .ok()?,
                stack: STACK.to_owned(),
                request: number.to_string(),
                logical_id: "Runners".to_owned(),
                physical_id: (what != Deploying::Create).then(|| PHYSICAL_ID.to_owned()),
            }),
        })
    }
}

impl World {
    /// Somebody makes, changes or removes the deployment.
    pub fn deploy(&mut self, what: Deploying) {
        // One thing at a time, and nothing after a removal.
        let is_free = self.stack.pending.is_none() && self.stack.removal_asked_at.is_none();
        if (is_free || what == Deploying::Remove) && !self.stack.is_gone() {
            self.ask(what);
        }
    }

    fn ask(&mut self, what: Deploying) {
        // Terraform rolls nothing back.
        if what == Deploying::RollBack && self.stack.tool == Tool::Terraform {
            return;
        }
        self.stack.number += 1;
        let number = self.stack.number;
        let Some(request) = self.stack.request(what, number) else { return };
        self.stack.pending = Some(Pending { number, what });
        self.stack.status = match what {
            Deploying::Create => "CREATE_IN_PROGRESS",
            Deploying::Update => "UPDATE_IN_PROGRESS",
            Deploying::RollBack => "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            Deploying::Remove => {
                self.stack.removal_asked_at.get_or_insert(self.now);
                "DELETE_IN_PROGRESS"
            }
        };
        self.tell(|| format!("{what:?} is asked for, request {number}"));
        self.invoke(Handler::ScaleDown, Work::Request(number, Box::new(request)));
        if self.stack.tool == Tool::CloudFormation {
            self.at(self.now + SERVICE_TIMEOUT, move |world| world.heard_of(number, false));
        }
    }

    /// CloudFormation gets an answer.
    pub(crate) fn answered(&mut self, answer: &Answer) {
        let pending = self.stack.pending.as_ref().filter(|it| it.number.to_string() == answer.request_id);
        let is_right = answer.stack_id == STACK
            && answer.physical_resource_id == PHYSICAL_ID
            && answer.body().len() <= 4_096
            && !answer.body().contains("X-Amz-Signature");
        self.stack.wrong_answers += u64::from(!is_right);
        // The same answer may come twice.
        let Some(pending) = pending else { return };
        let number = pending.number;
        self.heard_of(number, answer.status == Status::Success);
    }

    /// The function has ended. That is all that Terraform waits for.
    pub(crate) fn request_ended(&mut self, number: u64, done: bool) {
        if self.stack.tool == Tool::Terraform {
            self.heard_of(number, done);
        }
    }

    fn heard_of(&mut self, number: u64, done: bool) {
        let Some(Pending { what, .. }) = self.stack.pending.take_if(|pending| pending.number == number)
        else {
            return;
        };
        self.tell(|| format!("request {number} ({what:?}) {}", if done { "is done" } else { "has failed" }));
        let stack = &mut self.stack;
        if done {
            stack.done += 1;
        } else {
            stack.failed += 1;
        }
        match (what, done) {
            (Deploying::Remove, true) => {
                stack.ended_at = Some(self.now);
                // Resources are deleted one after the other, the functions among them.
                let gone = self.now + self.random.between(Duration::ZERO, Duration::from_mins(2));
                self.events.schedule(gone, Event::Gone);
            }
            (Deploying::Remove, false) => {
                stack.status = "DELETE_FAILED";
                self.at(self.now + AGAIN_AFTER, |world| world.ask(Deploying::Remove));
            }
            (_, true) => stack.status = "UPDATE_COMPLETE",
            (_, false) => stack.status = "UPDATE_ROLLBACK_COMPLETE",
        }
    }
}
