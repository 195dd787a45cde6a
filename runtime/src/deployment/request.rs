//! What whoever deploys asks for
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>).

use std::fmt;

use crate::port::{Answer, AnswerAddress, Status};

/// What happens to the deployment's own resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is made.
    Create,
    /// Something about it changes.
    Update,
    /// It is removed.
    Delete,
}

/// Who asks for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// CloudFormation, which waits for an answer at an address.
    Stack(StackRequest),
    /// Terraform, which sees a failure as a failure of the function.
    Terraform(Action),
}

impl Request {
    /// Whether it asks for a deletion.
    pub const fn is_delete(&self) -> bool {
        match self {
            Self::Stack(request) => matches!(request.action, Some(Action::Delete)),
            Self::Terraform(action) => matches!(action, Action::Delete),
        }
    }
}

/// A request of CloudFormation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackRequest {
    /// What is asked for; `None` if it is unknown here.
    pub action: Option<Action>,
    /// Where the answer goes.
    pub address: AnswerAddress,
    /// The stack's ARN.
    pub stack: String,
    /// The id of this request.
    pub request: String,
    /// What the template calls the resource.
    pub logical_id: String,
    /// What the resource was called when it was made.
    pub physical_id: Option<String>,
}

impl StackRequest {
    /// The answer that it was done, or why it was not. `name` is the id of a resource that has none yet.
    pub fn answer(&self, name: &str, done: Result<(), impl fmt::Display>) -> Answer {
        let (status, reason) = match done {
            Ok(()) => (Status::Success, String::new()),
            Err(error) => (Status::Failed, error.to_string()),
        };
        Answer {
            status,
            reason,
            physical_resource_id: self.physical_id.clone().unwrap_or_else(|| name.to_owned()),
            stack_id: self.stack.clone(),
            request_id: self.request.clone(),
            logical_resource_id: self.logical_id.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ADDRESS: &str = "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/x?Signature=secret";

    fn request() -> StackRequest {
        StackRequest {
            action: Some(Action::Delete),
            address: AnswerAddress::parse(ADDRESS, None).unwrap(),
            stack: "arn:aws:cloudformation:eu-west-1:123456789012:stack/ours/1".to_owned(),
            request: "r-1".to_owned(),
            logical_id: "Runners".to_owned(),
            physical_id: None,
        }
    }

    #[test]
    fn an_answer_repeats_what_was_asked_and_keeps_the_resources_name() {
        let failed = request().answer("ours", Err("i-1 still shuts down")).body();
        assert_eq!(
            serde_json::from_str::<Value>(&failed).unwrap(),
            json!({
                "Status": "FAILED", "Reason": "i-1 still shuts down", "PhysicalResourceId": "ours",
                "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/ours/1", "RequestId": "r-1",
                "LogicalResourceId": "Runners",
            })
        );
        let known = StackRequest { physical_id: Some("as it was".to_owned()), ..request() };
        let done = known.answer("ours", Ok::<_, String>(()));
        assert_eq!((done.status, done.physical_resource_id.as_str()), (Status::Success, "as it was"));
    }

    #[test]
    fn nobody_is_told_where_the_answer_goes() {
        let told = format!("{:?} {:?}", request(), Request::Stack(request()));
        assert!(!told.contains("Signature") && !told.contains("amazonaws"), "{told}");
    }
}
