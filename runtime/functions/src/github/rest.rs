//! Requests to GitHub: methods, paths, queries and bodies
//! (<https://docs.github.com/en/rest/actions/self-hosted-runners>,
//! <https://docs.github.com/en/rest/actions/workflow-jobs>, <https://docs.github.com/en/rest/actions/workflow-runs>,
//! <https://docs.github.com/en/rest/apps/installations>).

use http::{
    HeaderValue, Method, Request,
    header::{CONTENT_TYPE, IF_NONE_MATCH},
};
use jit_runners_model::{
    Label, RunnerVersion,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::port::{GithubError, Page, Registration, RegistrationTarget, RunStatus};
use octocrab::OctoBody;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::redirect;

/// The number of items on a page: the most that GitHub allows.
const PER_PAGE: &str = "per_page=100";

/// Characters that need no encoding in a URL (<https://www.rfc-editor.org/rfc/rfc3986#section-2.3>).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    method: Method,
    path: String,
    etag: Option<HeaderValue>,
    body: Option<Value>,
}

impl Question {
    pub(super) fn register(registration: &Registration, group: u32) -> Self {
        let labels: Vec<&str> = registration.labels.iter().map(Label::as_str).collect();
        Self {
            method: Method::POST,
            path: format!("{}/generate-jitconfig", runners(&registration.target)),
            etag: None,
            body: Some(json!({ "name": registration.name, "runner_group_id": group, "labels": labels })),
        }
    }

    pub(super) fn remove(target: &RegistrationTarget, runner_id: u64) -> Self {
        let path = format!("{}/{runner_id}", runners(target));
        Self { method: Method::DELETE, path, etag: None, body: None }
    }

    pub(super) fn find(target: &RegistrationTarget, name: &str) -> Self {
        Self::get(format!("{}?name={}&{PER_PAGE}", runners(target), encoded(name)))
    }

    pub(super) fn runners(target: &RegistrationTarget, page: u32) -> Self {
        Self::get(format!("{}?{PER_PAGE}&page={page}", runners(target)))
    }

    pub(super) fn job(job: &JobRef) -> Self {
        Self::get(format!("{}/jobs/{}", actions(&job.repository), job.job_id))
    }

    pub(super) fn runs(repository: &Repository, status: RunStatus, page: u32, etag: Option<&str>) -> Self {
        let status = match status {
            RunStatus::Queued => "queued",
            RunStatus::InProgress => "in_progress",
            RunStatus::Waiting => "waiting",
            RunStatus::Pending => "pending",
        };
        // An etag that is not a valid header value did not come from GitHub.
        let etag = etag.filter(|etag| !etag.is_empty()).and_then(|etag| etag.parse().ok());
        let path = format!("{}/runs?status={status}&{PER_PAGE}&page={page}", actions(repository));
        Self { etag, ..Self::get(path) }
    }

    pub(super) fn jobs(repository: &Repository, run: u64, page: Page) -> Self {
        let Page { number, size } = page;
        Self::get(format!(
            "{}/runs/{run}/jobs?filter=latest&per_page={size}&page={number}",
            actions(repository)
        ))
    }

    pub(super) fn repositories(page: u32) -> Self {
        Self::get(format!("/installation/repositories?{PER_PAGE}&page={page}"))
    }

    pub(super) fn downloads(target: &RegistrationTarget) -> Self {
        Self::get(format!("{}/downloads", runners(target)))
    }

    pub(super) fn end_of_life(target: &RegistrationTarget, version: &RunnerVersion) -> Self {
        Self::get(format!("{}/deprecations/{version}", runners(target)))
    }

    /// Which name a repository has now.
    pub(super) fn repository(id: u64) -> Self {
        Self::get(redirect::by_id(id))
    }

    /// The path and query.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The same request for another path.
    pub(super) fn at(&self, path: String) -> Self {
        Self { path, ..self.clone() }
    }

    const fn get(path: String) -> Self {
        Self { method: Method::GET, path, etag: None, body: None }
    }

    /// The request, relative to the API's address. The client adds the common headers.
    pub(super) fn request(self) -> Result<Request<OctoBody>, GithubError> {
        let mut request = Request::builder().method(self.method).uri(self.path);
        if let Some(etag) = self.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        match self.body {
            Some(body) => {
                request.header(CONTENT_TYPE, "application/json").body(OctoBody::from(body.to_string()))
            }
            None => request.body(OctoBody::empty()),
        }
        .map_err(|error| GithubError::Unknown(format!("not sent: {error}")))
    }
}

fn runners(target: &RegistrationTarget) -> String {
    match target {
        RegistrationTarget::Repository(repository) => format!("{}/runners", actions(repository)),
        RegistrationTarget::Organization(organization) => {
            format!("/orgs/{}/actions/runners", encoded(organization))
        }
    }
}

/// A repository's name has nothing that must be encoded.
fn actions(repository: &Repository) -> String {
    format!("/repos/{}/actions", repository.as_str())
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
