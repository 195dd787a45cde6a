//! Leaves an answer where CloudFormation waits for it
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html>).

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http::{Method, Request, header};
use jit_runners_runtime::{
    deployment::{Answer, AnswerAddress},
    port::AccountError,
};

use super::query::exchange;

/// The address is signed for exactly this: one PUT, without a type.
pub(super) async fn send(
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
    // S3's words may repeat what was asked.
    Err(AccountError::Refused {
        code: status.as_u16().to_string(),
        message: "the answer was not taken".to_owned(),
    })
}
