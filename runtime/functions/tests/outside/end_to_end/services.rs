//! AWS's services on the emulator, by signed requests: the tests inspect and change them directly.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result, bail, ensure};
use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jit_runners_witnesses::emulator::{KEY, REGION};
use serde_json::{Value, json};

use super::policy::Policy;

/// An HTTP answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A request by a client that accepts any status.
pub(crate) fn http(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_mins(3)))
        .build()
        .into();
    let mut request = http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = agent.run(request.body(body)?).with_context(|| format!("{method} {url}"))?;
    let headers = response.headers().iter();
    let headers = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let headers = headers.collect();
    let body = response.body_mut().with_config().limit(64 << 20).read_to_string()?;
    Ok(Answer { status: response.status().as_u16(), headers, body })
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// The result of an invocation.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// The answer of the function, or its error.
    pub(crate) answer: Value,
    /// Whether it failed.
    pub(crate) failed: bool,
    /// The end of its log.
    pub(crate) log: String,
}

impl Invocation {
    /// Whether the invocation succeeded, and no call of it was refused.
    pub(crate) fn is_clean(&self) -> bool {
        !self.failed && !self.log.contains(r#""level":"ERROR""#)
    }

    /// Whether no message of the batch comes back.
    pub(crate) fn took_all(&self) -> bool {
        !self.failed && self.answer["batchItemFailures"] == json!([])
    }
}

/// The services of one emulator.
#[derive(Debug, Clone)]
pub(crate) struct Services {
    endpoint: String,
}

impl Services {
    pub(crate) fn new(endpoint: String) -> Self {
        Self { endpoint }
    }

    /// Calls a service that uses JSON, such as `DynamoDB_20120810.GetItem`.
    pub(crate) fn json(&self, service: &str, target: &str, body: &Value) -> Result<Value> {
        let version = if service == "dynamodb" || service == "sqs" { "1.0" } else { "1.1" };
        let content_type = format!("application/x-amz-json-{version}");
        let headers = [("content-type", content_type.as_str()), ("x-amz-target", target)];
        let answer = self.signed(service, "POST", "/", &headers, body.to_string().as_bytes())?;
        if answer.status != 200 {
            bail!("{target}: {} {}", answer.status, answer.body);
        }
        Ok(if answer.body.is_empty() { Value::Null } else { serde_json::from_str(&answer.body)? })
    }

    /// Calls IAM, which uses the query protocol.
    pub(crate) fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> Result<String> {
        let mut form = format!("Action={action}&Version=2010-05-08");
        for (name, value) in parameters {
            let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            let _ = write!(form, "&{name}={value}");
        }
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.signed("iam", "POST", "/", &headers, form.as_bytes())?;
        if answer.status != 200 {
            bail!("{action}: {} {}", answer.status, answer.body);
        }
        Ok(answer.body)
    }

    /// Invokes a function like a schedule or an event source mapping, and waits for its answer.
    pub(crate) fn invoke(&self, function: &str, event: &Value) -> Result<Invocation> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let headers = [("x-amz-log-type", "Tail"), ("x-amz-invocation-type", "RequestResponse")];
        let answer = self.signed("lambda", "POST", &path, &headers, event.to_string().as_bytes())?;
        if answer.status != 200 {
            bail!("invoking {function}: {} {}", answer.status, answer.body);
        }
        let log = answer.header("x-amz-log-result").unwrap_or_default();
        let log = String::from_utf8_lossy(&BASE64_STANDARD.decode(log)?).into_owned();
        let failed = answer.header("x-amz-function-error").is_some();
        Ok(Invocation { answer: serde_json::from_str(&answer.body)?, failed, log })
    }

    /// The lines of a log group, oldest first.
    pub(crate) fn log(&self, group: &str) -> Result<Vec<String>> {
        let ask = json!({ "logGroupName": group, "limit": 10_000 });
        let events = self.json("logs", "Logs_20140328.FilterLogEvents", &ask)?;
        let events = events["events"].as_array().cloned().unwrap_or_default();
        let mut lines: Vec<_> = events
            .iter()
            .map(|event| {
                (
                    event["timestamp"].as_u64().unwrap_or_default(),
                    event["message"].as_str().unwrap_or_default(),
                )
            })
            .collect();
        lines.sort_by_key(|(at, _)| *at);
        Ok(lines.into_iter().flat_map(|(_, message)| message.lines().map(str::to_owned)).collect())
    }

    fn signed(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer> {
        let url = format!("{}{path}", self.endpoint);
        let identity = Credentials::new(KEY, KEY, None, None, "test").into();
        #[expect(clippy::disallowed_methods, reason = "signatures say when they were made")]
        let now = SystemTime::now();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(service)
            .time(now)
            .settings(SigningSettings::default())
            .build()?
            .into();
        let host = self.endpoint.trim_start_matches("http://").to_owned();
        let mut all = vec![("host", host.as_str())];
        all.extend(headers);
        let request = SignableRequest::new(method, &url, all.iter().copied(), SignableBody::Bytes(body))?;
        let (instructions, _) = sign(request, &parameters)?.into_parts();
        all.extend(instructions.headers());
        http(method, &url, &all, body)
    }
}

impl Services {
    /// The ARNs of a function and its role.
    pub(crate) fn function(&self, name: &str) -> Result<(String, String)> {
        let path = format!("/2015-03-31/functions/{name}/configuration");
        let answer = self.signed("lambda", "GET", &path, &[], b"")?;
        let found: Value = serde_json::from_str(&answer.body)?;
        let text =
            |field: &str| found[field].as_str().map(str::to_owned).with_context(|| answer.body.clone());
        Ok((text("FunctionArn")?, text("Role")?))
    }

    /// Restarts a function, by setting one of its settings to the same value.
    pub(crate) fn restart_function(&self, name: &str) -> Result<()> {
        let path = format!("/2015-03-31/functions/{name}/configuration");
        let found: Value = serde_json::from_str(&self.signed("lambda", "GET", &path, &[], b"")?.body)?;
        let body = json!({ "Timeout": found["Timeout"] }).to_string();
        let answer =
            self.signed("lambda", "PUT", &path, &[("content-type", "application/json")], body.as_bytes())?;
        ensure!(answer.status == 200, "{} {}", answer.status, answer.body);
        Ok(())
    }

    /// A role's unique id.
    pub(crate) fn role_id(&self, role: &str) -> Result<String> {
        let answer = self.iam("GetRole", &[("RoleName", role)])?;
        Ok(between(&answer, "RoleId")?.to_owned())
    }

    /// The only policy of a role.
    pub(crate) fn policy(&self, role: &str) -> Result<Policy> {
        let name = self.policy_name(role)?;
        let answer = self.iam("GetRolePolicy", &[("RoleName", role), ("PolicyName", &name)])?;
        let document =
            percent_encoding::percent_decode_str(between(&answer, "PolicyDocument")?).decode_utf8()?;
        Ok(Policy::new(serde_json::from_str(&document)?))
    }

    /// Replaces the only policy of a role.
    pub(crate) fn put_policy(&self, role: &str, policy: &Policy) -> Result<()> {
        let (name, document) = (self.policy_name(role)?, policy.document().to_string());
        self.iam("PutRolePolicy", &[("RoleName", role), ("PolicyName", &name), ("PolicyDocument", &document)])
            .map(drop)
    }

    fn policy_name(&self, role: &str) -> Result<String> {
        let answer = self.iam("ListRolePolicies", &[("RoleName", role)])?;
        Ok(between(&answer, "member")?.to_owned())
    }
}

/// The text of an XML element.
fn between<'a>(xml: &'a str, element: &str) -> Result<&'a str> {
    let text = xml
        .split_once(&format!("<{element}>"))
        .and_then(|(_, rest)| rest.split_once(&format!("</{element}>")));
    text.map(|(text, _)| text).with_context(|| format!("no {element} in {xml}"))
}
