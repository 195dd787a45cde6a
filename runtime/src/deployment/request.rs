//! What whoever deploys asks for, and what CloudFormation is answered
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>).

use std::fmt;

use serde::Serialize;

use super::AnswerAddress;

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
    /// Terraform, which is told of a failure by the function's own.
    Terraform(Action),
}

impl Request {
    /// Whether it asks to remove something.
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
    /// What is asked for; `None` for something that is not known here.
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

/// Bytes of an answer, at most.
const LONGEST: usize = 4_096;
/// What stands for the end of a reason that is too long.
const CUT: &str = "...";

/// What CloudFormation is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// Whether it was done.
    pub status: Status,
    /// Why not. Operators read it beside the resource.
    pub reason: String,
    /// The same in every answer: another one would make CloudFormation delete the resource that had the first.
    pub physical_resource_id: String,
    /// As in the request.
    pub stack_id: String,
    /// As in the request.
    pub request_id: String,
    /// As in the request.
    pub logical_resource_id: String,
}

/// Whether something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// It was done.
    Success,
    /// It was not.
    Failed,
}

impl StackRequest {
    /// The answer that it was done, or why it was not. `name` is what the resource is called from its beginning.
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

impl Answer {
    /// As CloudFormation takes it. A reason that is too long loses its end.
    pub fn body(&self) -> String {
        let mut answer = self.clone();
        loop {
            // Plain data, which is always JSON.
            let body = serde_json::to_string(&answer).unwrap_or_default();
            let over = body.len().saturating_sub(LONGEST);
            let Some(kept) =
                answer.reason.strip_suffix(CUT).or(Some(&answer.reason)).filter(|it| !it.is_empty())
            else {
                return body;
            };
            if over == 0 {
                return body;
            }
            // Characters take more bytes as JSON than in the text, never fewer: this never cuts too much at once.
            let keep = kept.len().saturating_sub(over.div_ceil(6).max(1));
            let keep = (0..=keep).rev().find(|at| kept.is_char_boundary(*at)).unwrap_or(0);
            let kept = kept.get(..keep).unwrap_or_default();
            answer.reason = if kept.is_empty() { String::new() } else { format!("{kept}{CUT}") };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn request() -> StackRequest {
        StackRequest {
            action: Some(Action::Delete),
            address: AnswerAddress::parse(
                "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/x?Signature=secret",
                None,
            )
            .unwrap(),
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

    proptest! {
        #[test]
        fn an_answer_is_json_and_short_enough_whatever_the_reason(
            reason in prop_oneof![any::<String>(), "[\\PC\u{0}\"]{0,2000}", "x{4000,9000}", "[\u{0}\u{1f600}]{500,3000}"],
        ) {
            let body = request().answer("ours", Err(&reason)).body();
            prop_assert!(body.len() <= LONGEST, "{}", body.len());
            let read: Value = serde_json::from_str(&body).unwrap();
            let told = read["Reason"].as_str().unwrap();
            let whole = told == reason;
            prop_assert!(whole || reason.starts_with(told.trim_end_matches('.')));
            prop_assert!(whole || body.len() > LONGEST - 32, "{} of {LONGEST} are used", body.len());
        }
    }
}
