//! IAM and CloudFormation, of each of which one call is needed, and the answers that CloudFormation waits for.
//!
//! Two more crates of the SDK would make every build longer by minutes; so the calls are written down here, and the SDK's own
//! libraries sign them, send them and read what comes back.

mod answer;
mod last_words;
mod query;
#[cfg(test)]
mod tests;

use jit_runners_runtime::{
    deployment::{Answer, AnswerAddress},
    port::{AccountError, AnswerStack, SpotRole, Stacks},
};

pub use self::last_words::{LastWords, answer_when_panicking};
use self::query::{Caller, Service};
use crate::cloud::Cloud;

/// Makes sure that EC2 Spot's own role is there, looks at stacks, and answers CloudFormation.
#[derive(Debug)]
pub struct AwsAccount {
    caller: Caller,
}

impl AwsAccount {
    /// As the function whose `cloud` this is.
    pub fn new(cloud: &Cloud) -> Self {
        Self { caller: Caller::new(cloud) }
    }
}

impl SpotRole for AwsAccount {
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html>
    async fn make_sure_of_spot_role(&self) -> Result<(), AccountError> {
        let asked = [("AWSServiceName", "spot.amazonaws.com")];
        match self.caller.call(Service::Iam, "CreateServiceLinkedRole", &asked).await {
            Err(AccountError::Refused { code, message }) if is_there(&code, &message) => Ok(()),
            made => made.map(drop),
        }
    }
}

/// Whether the account has the role already. IAM says so with the code of an input that is not valid, so its words count;
/// emulators use the code that IAM has for other roles.
fn is_there(code: &str, message: &str) -> bool {
    code == "EntityAlreadyExists"
        || code == "InvalidInput" && message.contains("has been taken in this account")
}

impl Stacks for AwsAccount {
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>
    async fn stack_status(&self, stack: &str) -> Result<String, AccountError> {
        let asked = [("StackName", stack)];
        let answer = self.caller.call(Service::CloudFormation, "DescribeStacks", &asked).await?;
        let of_stack = |name| answer.text(&["DescribeStacksResult", "Stacks", "member", name]);
        match (of_stack("StackId"), of_stack("StackStatus")) {
            (Some(id), Some(status)) if id == stack => Ok(status),
            _ => Err(AccountError::Unknown("what DescribeStacks answered is not about the stack".to_owned())),
        }
    }
}

impl AnswerStack for AwsAccount {
    async fn answer(&self, address: &AnswerAddress, answer: &Answer) -> Result<(), AccountError> {
        answer::send(self.caller.connector(), address, answer).await
    }
}
