//! The fields of a payload that are read, and what they mean
//! (<https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_job>).

use std::collections::BTreeSet;

use jit_runners_model::{
    Label,
    contract::message::{JobChange, Repository},
};
use serde::Deserialize;

use super::decode::{Change, Ignored};
use crate::time::Time;

/// The label that tells jobs for self-hosted runners from those that GitHub runs on its own machines
/// (<https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/use-in-a-workflow>). Our runners
/// have only the labels that their jobs ask for, so a job must ask for this one.
const SELF_HOSTED: &str = "self-hosted";

/// The most labels of a runner. No runner can have a job with more
/// (<https://docs.github.com/en/rest/actions/self-hosted-runners#create-configuration-for-a-just-in-time-runner-for-a-repository>).
const MOST_LABELS: usize = 100;

/// The most bytes of a job's labels. All messages and items about a job hold them. Ten messages are sent at a time,
/// in 1 MiB; a hundred items are written at a time, in 4 MB
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>,
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
const MOST_BYTES: usize = 16 * 1_024;

/// Read first, because the other required fields depend on it.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) action: Action,
}

/// Read as a string first: otherwise, the parser takes other types for a syntax error of the JSON.
#[derive(Deserialize)]
#[serde(from = "String")]
pub(super) enum Action {
    Queued,
    Waiting,
    InProgress,
    Completed,
    Other,
}

impl From<String> for Action {
    fn from(text: String) -> Self {
        match text.as_str() {
            "queued" => Self::Queued,
            "waiting" => Self::Waiting,
            "in_progress" => Self::InProgress,
            "completed" => Self::Completed,
            _ => Self::Other,
        }
    }
}

/// A payload of one of the actions that matter.
#[derive(Deserialize)]
pub(super) struct Payload {
    pub(super) repository: PayloadRepository,
    pub(super) workflow_job: PayloadJob,
    pub(super) installation: Option<PayloadInstallation>,
}

#[derive(Deserialize)]
pub(super) struct PayloadRepository {
    pub(super) id: Option<u64>,
    pub(super) full_name: Repository,
}

#[derive(Deserialize)]
pub(super) struct PayloadInstallation {
    pub(super) id: u64,
}

/// Fields that are missing or null at times are optional, whatever the schema says.
#[derive(Deserialize)]
pub(super) struct PayloadJob {
    pub(super) id: u64,
    pub(super) run_attempt: Option<u32>,
    labels: Vec<String>,
    created_at: Option<String>,
    started_at: Option<String>,
    completed_at: Option<String>,
    conclusion: Option<String>,
    runner_id: Option<u64>,
    runner_name: Option<String>,
}

/// The labels that a job asks for, in lower case, as GitHub compares and stores them; or why no runner of ours can have it.
pub fn labels(asked: &[String]) -> Result<BTreeSet<Label>, Ignored> {
    if !asked.iter().any(|text| text.eq_ignore_ascii_case(SELF_HOSTED)) {
        return Err(Ignored::GithubHosted);
    }
    if asked.len() > MOST_LABELS || asked.iter().map(String::len).sum::<usize>() > MOST_BYTES {
        return Err(Ignored::Labels);
    }
    asked.iter().map(|text| Label::new(text.to_lowercase()).map_err(|_| Ignored::Label)).collect()
}

impl PayloadJob {
    /// The labels that it asks for.
    pub(super) fn labels(&self) -> Result<BTreeSet<Label>, Ignored> {
        labels(&self.labels)
    }

    /// It waits for a runner. Its fields about a runner mean nothing yet.
    pub(super) fn queued(self) -> (Change, Option<Time>) {
        (Change::Queued, time(self.created_at.as_deref()).or_else(|| time(self.started_at.as_deref())))
    }

    /// A runner took it.
    pub(super) fn taken(self) -> (Change, Option<Time>) {
        let at = time(self.started_at.as_deref());
        let runner_name = self.runner_name.unwrap_or_default();
        let runner_id = self.runner_id.unwrap_or_default();
        (Change::Moved(JobChange::InProgress { runner_name, runner_id }), at)
    }

    /// It is over. If no runner ever took it, its runner is null, 0 or an empty name.
    pub(super) fn over(self) -> (Change, Option<Time>) {
        let at = time(self.completed_at.as_deref());
        let runner_name = self.runner_name.filter(|name| !name.is_empty());
        let conclusion = self.conclusion.unwrap_or_default();
        let runner_id = self.runner_id.filter(|id| *id > 0);
        (Change::Moved(JobChange::Completed { runner_name, runner_id, conclusion }), at)
    }
}

/// Reads a time of RFC 3339. If it cannot be read, it counts as missing: losing the job would be worse.
fn time(text: Option<&str>) -> Option<Time> {
    let time: jiff::Timestamp = text?.parse().ok()?;
    u64::try_from(time.as_millisecond()).ok().map(Time::from_millis)
}
