//! GitHub's answers: refusals with everything that tells a rate limit from a missing permission, and unreadable
//! answers, which count as none.

use std::{error::Error as _, time::Duration};

use http::{
    HeaderMap, StatusCode,
    header::{ETAG, LOCATION},
};
use jit_runners_runtime::{
    port::{GithubError, RateLimit, Refusal},
    time::Time,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// GitHub's messages are cut to this many characters.
const LONGEST: usize = 300;

/// The beginnings of secrets: GitHub's tokens
/// (<https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats>),
/// JSON Web Tokens and keys in PEM. GitHub has no reason to quote one, but a proxy might.
const SECRETS: &[&str] = &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "eyJ", "-----"];

/// An answer of any status.
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
    /// How old the token was that the request was made with, if it is known.
    token_age: Option<Duration>,
}

impl Answer {
    pub(super) const fn new(status: StatusCode, headers: HeaderMap, body: String) -> Self {
        Self { status, headers, body, token_age: None }
    }

    /// The same to a request that was made with a token of this age.
    pub(super) fn with_token_age(self, token_age: Option<Duration>) -> Self {
        Self { token_age, ..self }
    }

    /// Where it sends us; empty if it does not say.
    pub(super) fn location(&self) -> &str {
        text(&self.headers, LOCATION.as_str()).unwrap_or_default()
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer's etag; empty if it has none.
    pub(super) fn etag(&self) -> String {
        text(&self.headers, ETAG.as_str()).unwrap_or_default().to_owned()
    }

    /// The answer, unless it is a refusal.
    pub(super) fn success(self) -> Result<Self, GithubError> {
        if self.status.is_success() {
            return Ok(self);
        }
        Err(refused(self.status, &self.headers, said(&self.body), self.token_age))
    }

    /// The decoded body. An unreadable answer counts as none. The parser's message is left out, because it might
    /// quote the body, secrets included.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, GithubError> {
        serde_json::from_str(&self.body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            GithubError::Unknown(format!(
                "the answer {} cannot be read at line {line}, column {column}",
                self.status.as_u16()
            ))
        })
    }

    /// The primary rate limit, unless the answer counted against another, as registrations do
    /// (<https://docs.github.com/en/rest/rate-limit/rate-limit>).
    pub(super) fn core_limit(&self) -> Option<RateLimit> {
        let resource = text(&self.headers, "x-ratelimit-resource").unwrap_or("core");
        rate_limit(&self.headers).filter(|_| resource == "core")
    }
}

/// What the failure of a call means.
pub(super) fn failure(error: &octocrab::Error) -> GithubError {
    let octocrab::Error::GitHub { source: refusal, .. } = error else {
        return GithubError::Unknown(words(error));
    };
    // Only requests for a token get here: for a `Question`, any status is an answer.
    let told = refusal.status_code;
    let message = told_as(Some(&refusal.message), refusal.errors.as_deref().unwrap_or_default());
    let message = format!("no token for the App's installation, {}: {message}", told.as_u16());
    // A missing installation must not look like a missing runner or job.
    let status = match told {
        StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
            StatusCode::UNAUTHORIZED
        }
        status => status,
    };
    refused(status, refusal.headers.as_ref().unwrap_or(&HeaderMap::new()), message, None)
}

/// What went wrong with the connection, without quoting what was sent or received.
pub(super) fn words(error: &octocrab::Error) -> String {
    let mut cause = match error {
        octocrab::Error::Service { .. } | octocrab::Error::Hyper { .. } => error.source(),
        octocrab::Error::JWT { .. } => return "the App's key does not sign".to_owned(),
        octocrab::Error::Other { source, .. } => return cut(&source.to_string()),
        _ => return "the answer cannot be read".to_owned(),
    };
    let mut words: Vec<String> = Vec::new();
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    words.dedup();
    cut(&words.join(": "))
}

fn refused(
    status: StatusCode,
    headers: &HeaderMap,
    message: String,
    token_age: Option<Duration>,
) -> GithubError {
    let message = if message.is_empty() {
        status.canonical_reason().unwrap_or("no reason given").to_owned()
    } else {
        message
    };
    GithubError::Refused(Refusal {
        status: status.as_u16(),
        message,
        retry_after: number(headers, "retry-after").map(Duration::from_secs),
        rate_limit: rate_limit(headers),
        token_age,
    })
}

/// The body of a refusal
/// (<https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed>).
#[derive(Deserialize)]
struct Said {
    message: Option<String>,
    #[serde(default)]
    errors: Value,
}

/// The message in the body of a refusal; empty for pages of proxies.
fn said(body: &str) -> String {
    // Only an object: serde would also accept a list as the fields in order.
    let said = serde_json::from_str::<Map<String, Value>>(body).map(Value::Object);
    let Ok(said) = said.and_then(serde_json::from_value::<Said>) else { return String::new() };
    let errors = match said.errors {
        Value::Array(errors) => errors,
        Value::Null => Vec::new(),
        one => vec![one],
    };
    told_as(said.message.as_deref(), &errors)
}

fn told_as(message: Option<&str>, errors: &[Value]) -> String {
    let errors = errors.iter().map(|error| match error {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let fields = ["resource", "field", "code", "message"].map(|name| fields.get(name)?.as_str());
            fields.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    });
    let parts = message.map(str::to_owned).into_iter().chain(errors).filter(|part| !part.is_empty());
    cut(&parts.collect::<Vec<_>>().join("; "))
}

/// Text without secrets, in one line of limited length.
fn cut(text: &str) -> String {
    let words = text.split_whitespace();
    let words =
        words.map(|word| if SECRETS.iter().any(|secret| word.contains(secret)) { "[..]" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// The headers of the limit that the answer counted against
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit>).
fn rate_limit(headers: &HeaderMap) -> Option<RateLimit> {
    Some(RateLimit {
        limit: number(headers, "x-ratelimit-limit")?,
        remaining: number(headers, "x-ratelimit-remaining")?,
        reset: Time::from_millis(number::<u64>(headers, "x-ratelimit-reset")?.saturating_mul(1_000)),
    })
}

fn number<N: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<N> {
    text(headers, name)?.trim().parse().ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
