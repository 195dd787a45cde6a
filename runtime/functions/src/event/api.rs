//! Requests of an HTTP API, payload format 2.0
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jit_runners_runtime::webhook::{Request, Response};
use serde::{Deserialize, Serialize};

/// The header with GitHub's id of a delivery.
const DELIVERY: &str = "x-github-delivery";

/// A request. Headers are plain text here: one that is no HTTP is no reason to answer with a failure.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApiRequest {
    headers: BTreeMap<String, String>,
    body: Option<String>,
    is_base64_encoded: bool,
}

impl ApiRequest {
    /// The id that GitHub gave this delivery; the same when it is delivered again. Cut where no id of GitHub's would end.
    pub fn delivery(&self) -> Option<&str> {
        let id = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(DELIVERY))?.1;
        id.get(..id.len().min(64)).filter(|id| id.bytes().all(|byte| byte.is_ascii_graphic()))
    }

    /// The request as it was signed. What claims to be base64 and is not was signed by nobody, and stays as it is.
    pub fn into_request(self) -> Request {
        let text = self.body.unwrap_or_default();
        let body = match self.is_base64_encoded.then(|| BASE64_STANDARD.decode(&text)) {
            Some(Ok(bytes)) => bytes,
            Some(Err(_)) | None => text.into_bytes(),
        };
        Request::new(self.headers, body)
    }
}

impl std::fmt::Debug for ApiRequest {
    /// Without the body, which may be anything.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiRequest").field("delivery", &self.delivery()).finish_non_exhaustive()
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiResponse {
    status_code: u16,
    headers: BTreeMap<&'static str, &'static str>,
    body: String,
}

impl From<Response> for ApiResponse {
    fn from(response: Response) -> Self {
        let headers = BTreeMap::from([
            ("content-type", "text/plain; charset=utf-8"),
            ("x-content-type-options", "nosniff"),
        ]);
        Self { status_code: response.status, headers, body: response.body }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(value: serde_json::Value) -> ApiRequest {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_body_is_the_bytes_that_were_signed() {
        let plain = request(json!({ "body": "{\"a\": 1}", "isBase64Encoded": false }));
        assert_eq!(plain.into_request().body(), b"{\"a\": 1}");
        let encoded = request(json!({ "body": "eyJhIjogMX0=", "isBase64Encoded": true }));
        assert_eq!(encoded.into_request().body(), b"{\"a\": 1}");
        let broken = request(json!({ "body": "no base64!", "isBase64Encoded": true }));
        assert_eq!(broken.into_request().body(), b"no base64!");
        assert_eq!(request(json!({})).into_request().body(), b"");
        assert_eq!(request(json!({ "body": null })).into_request().body(), b"");
    }

    #[test]
    fn headers_are_found_whatever_their_case_and_text() {
        let odd = request(json!({ "headers": { "X-Hub-Signature-256": "sha256=ab", "x-odd": "\u{0}ä\n" } }));
        assert_eq!(odd.into_request().header("x-hub-signature-256"), Some("sha256=ab"));
    }

    #[test]
    fn a_delivery_is_named_unless_its_name_is_none() {
        let named = |id: &str| request(json!({ "headers": { "X-GitHub-Delivery": id } }));
        assert_eq!(named("72d3162e-cc78-11e3").delivery(), Some("72d3162e-cc78-11e3"));
        assert_eq!(named(&"d".repeat(99)).delivery().map(str::len), Some(64));
        assert_eq!(named("a\nlevel=ERROR").delivery(), None);
        assert_eq!(named(&"ä".repeat(40)).delivery(), None);
        assert_eq!(request(json!({})).delivery(), None);
    }

    #[test]
    fn an_answer_is_one_that_the_api_takes() {
        let answer = ApiResponse::from(Response { status: 401, body: "no signature".to_owned() });
        let value = serde_json::to_value(&answer).unwrap();
        assert_eq!((&value["statusCode"], &value["body"]), (&json!(401), &json!("no signature")));
        assert!(value["headers"].is_object());
    }
}
