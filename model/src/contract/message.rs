//! Bodies of queue messages.
//!
//! ```
//! use jit_runners_model::contract::message::Repository;
//!
//! assert_eq!(Repository::new("octo-org/app")?.owner(), "octo-org");
//! assert!(Repository::new("https://github.com/octo-org/app").is_err());
//! # Ok::<(), jit_runners_model::contract::message::RepositoryError>(())
//! ```

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::name::Label;

/// The version of the messages that this release writes. A reader refuses a newer one, which goes back to
/// the queue and is read after the update.
pub const VERSION: u32 = 1;

/// `owner/name` of a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Repository(String);

/// Why a text is not a repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a repository, `owner/name` of letters, digits, `.`, `_` and `-`")]
pub struct RepositoryError(String);

impl Repository {
    /// Checks `text`. The two parts stand in GitHub's URLs, so nothing else may get in.
    pub fn new(text: impl Into<String>) -> Result<Self, RepositoryError> {
        let text = text.into();
        let fits = |part: &str| {
            (1..=100).contains(&part.len())
                && !matches!(part, "." | "..")
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        };
        match text.split_once('/') {
            Some((owner, name)) if fits(owner) && fits(name) => Ok(Self(text)),
            _ => Err(RepositoryError(text)),
        }
    }

    /// `owner/name`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The user or organization.
    pub fn owner(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl TryFrom<String> for Repository {
    type Error = RepositoryError;
    fn try_from(text: String) -> Result<Self, RepositoryError> {
        Self::new(text)
    }
}

impl From<Repository> for String {
    fn from(repository: Repository) -> Self {
        repository.0
    }
}

/// A job, as GitHub identifies it over re-runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobRef {
    /// The repository.
    pub repository: Repository,
    /// GitHub's id of the job.
    pub job_id: u64,
    /// 1 for the first run, more for re-runs.
    pub run_attempt: u32,
}

/// A message in the scale-up queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobMessage {
    /// [`VERSION`] of the writer.
    pub version: u32,
    /// The job.
    pub job: JobRef,
    /// Its labels.
    pub labels: BTreeSet<Label>,
    /// When it was queued, in milliseconds since 1970.
    pub queued_at: u64,
    /// How often it was published again because its runner got stuck.
    pub re_enqueued: u32,
}

/// A message in the lifecycle queue that the webhook function wrote. EC2's events come as EventBridge
/// writes them; their `detail-type` tells them apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobEvent {
    /// [`VERSION`] of the writer.
    pub version: u32,
    /// The job.
    pub job: JobRef,
    /// Its labels.
    pub labels: BTreeSet<Label>,
    /// What happened.
    pub change: JobChange,
    /// When it happened, in milliseconds since 1970.
    pub at: u64,
}

/// What happened to a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum JobChange {
    /// A runner took it.
    InProgress {
        /// The runner's name. It says which instance it is.
        runner_name: String,
        /// GitHub's id of the runner.
        runner_id: u64,
    },
    /// It is over.
    Completed {
        /// The runner's name, if one ever took it.
        runner_name: Option<String>,
        /// GitHub's word for how it ended.
        conclusion: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_not_urls() {
        for text in ["", "a", "a/", "/b", "a/b/c", "a/..", "https://x/y", "a/b?c", "a b/c", "a/b#"] {
            assert!(Repository::new(text).is_err(), "{text} was accepted");
        }
        assert_eq!(Repository::new("octo-org/.github").unwrap().owner(), "octo-org");
    }

    #[test]
    fn messages_survive_the_queue() {
        let event = JobEvent {
            version: VERSION,
            job: JobRef { repository: Repository::new("o/r").unwrap(), job_id: 7, run_attempt: 2 },
            labels: [Label::new("self-hosted").unwrap()].into(),
            change: JobChange::InProgress { runner_name: "jit-runners-i-0abc-1".into(), runner_id: 5 },
            at: 1,
        };
        let body = serde_json::to_string(&event).unwrap();
        assert!(body.contains(r#""action":"in_progress""#));
        assert_eq!(serde_json::from_str::<JobEvent>(&body).unwrap(), event);
    }
}
