//! IAM and CloudFormation, each with one call, and the answers that CloudFormation waits for.
//!
//! Two more crates of the SDK would make every build longer by minutes. So the calls are implemented here, with the
//! SDK's own libraries for signing, sending and reading.
//!
//! A function that panics ends at once, and scale-down's invocations are not retried. So a panic also answers
//! CloudFormation ([`PanicAnswer`]), which would otherwise wait until its time limit.

mod query;
#[cfg(test)]
mod tests;

use std::{panic, sync::Mutex, thread};

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http::{Method, Request, header};
use jit_runners_runtime::{
    deployment::StackRequest,
    port::{AccountError, Answer, AnswerAddress, AnswerStack, SpotRole, Stacks},
};

use self::query::{Caller, Service, connector, exchange};
use crate::cloud::Cloud;

/// Makes sure that EC2 Spot's service-linked role exists, looks at stacks, and answers CloudFormation.
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

/// Whether the account has the role already. IAM says so with the code for an invalid input, so the message decides.
/// Emulators use the code that IAM has for other roles.
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
        put_answer(self.caller.connector(), address, answer).await
    }
}

/// Puts an answer where CloudFormation waits for it
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html>). The address is signed
/// for exactly this: one PUT, without a type.
async fn put_answer(
    connector: &Connector,
    address: &AnswerAddress,
    answer: &Answer,
) -> Result<(), AccountError> {
    let body = answer.body();
    let unsent = |_| AccountError::Unknown("the answer cannot be sent to its address".to_owned());
    let request = Request::builder()
        .method(Method::PUT)
        .uri(address.expose())
        .header(header::CONTENT_TYPE, "")
        .header(header::CONTENT_LENGTH, body.len())
        .body(SdkBody::from(body))
        .map_err(unsent)?;
    let request = HttpRequest::try_from(request)
        .map_err(|_| AccountError::Unknown("the answer cannot be sent to its address".to_owned()))?;
    let (status, _) = exchange(connector, request).await?;
    if status.is_success() {
        return Ok(());
    }
    // S3's message may quote the request.
    Err(AccountError::Refused {
        code: status.as_u16().to_string(),
        message: "the answer was not taken".to_owned(),
    })
}

/// The request that is being carried out, and the answer if it is cut off by a panic.
static PENDING: Mutex<Option<(StackRequest, Answer)>> = Mutex::new(None);

/// While this exists, a panic answers the request.
#[derive(Debug)]
pub struct PanicAnswer(());

impl PanicAnswer {
    /// Prepares the answer to `request`. `name` is the id of a resource that has none yet.
    pub fn prepared(request: &StackRequest, name: &str) -> Self {
        let words = Err("the function failed; its log says where. Try again");
        let answer = request.answer(name, words);
        if let Ok(mut pending) = PENDING.lock() {
            *pending = Some((request.clone(), answer));
        }
        Self(())
    }
}

impl Drop for PanicAnswer {
    fn drop(&mut self) {
        // During a panic, the hook sends the answer.
        if !thread::panicking()
            && let Ok(mut pending) = PENDING.lock()
        {
            *pending = None;
        }
    }
}

/// Installs a panic hook that answers the request that the panic cuts off, after the usual hook.
pub fn answer_when_panicking() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        before(panic);
        // The panicking code may hold the lock.
        let pending = PENDING.try_lock().ok().and_then(|mut pending| pending.take());
        let Some((request, answer)) = pending else { return };
        // The runtime of this thread cannot be used during the panic.
        let sent = thread::spawn(move || answer_pending(&request, &answer)).join();
        // There is nobody to report a failure to.
        drop(sent);
    }));
}

fn answer_pending(request: &StackRequest, answer: &Answer) -> Result<(), AccountError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| AccountError::Unknown(error.to_string()))?;
    runtime.block_on(put_answer(&connector(), &request.address, answer))
}
