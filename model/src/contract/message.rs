//! Bodies of queue messages.
//!
//! ```
//! use jit_runners_model::contract::message::Repository;
//!
//! assert_eq!(Repository::new("octo-org/app")?.owner(), "octo-org");
//! assert!(Repository::new("https://github.com/octo-org/app").is_err());
//! // A repository can be renamed. Its id stays.
//! assert_eq!(Repository::new("octo-org/app")?.with_id(7), Repository::new("octo-org/new-name")?.with_id(7));
//! # Ok::<(), jit_runners_model::contract::message::RepositoryError>(())
//! ```

use std::{
    borrow::Cow,
    cmp::Ordering,
    collections::BTreeSet,
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Serialize};

use crate::name::Label;

/// The version of the messages that this release writes. A reader refuses a newer one, which goes back to
/// the queue and is read after the update.
pub const VERSION: u32 = 1;

/// A repository: its name, and the id by which GitHub knows it.
///
/// The name changes when the repository is renamed or transferred, and another repository may then get the old one. The
/// id never changes. So repositories are compared by their id. Where it is not known, the name stands in for it.
///
/// In messages and items it is text: `owner/name@id`, or `owner/name` without an id.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Repository {
    name: String,
    /// 0 if it is not known.
    id: u64,
}

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
            Some((owner, name)) if fits(owner) && fits(name) => Ok(Self { name: text, id: 0 }),
            _ => Err(RepositoryError(text)),
        }
    }

    /// The same with GitHub's id of it; 0 if it is not known.
    #[must_use]
    pub fn with_id(self, id: u64) -> Self {
        Self { id, ..self }
    }

    /// GitHub's id of it, if it is known.
    pub const fn id(&self) -> Option<u64> {
        if self.id == 0 { None } else { Some(self.id) }
    }

    /// `owner/name`.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The user or organization.
    pub fn owner(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// What stands for it in keys: its id, or its name if the id is not known. A name always has a `/`.
    pub fn identity(&self) -> Cow<'_, str> {
        match self.id {
            0 => Cow::Borrowed(&self.name),
            id => Cow::Owned(id.to_string()),
        }
    }

    /// What it is compared by.
    fn compared(&self) -> (u64, &str) {
        (self.id, if self.id == 0 { &self.name } else { "" })
    }
}

impl PartialEq for Repository {
    fn eq(&self, other: &Self) -> bool {
        self.compared() == other.compared()
    }
}

impl Eq for Repository {}

impl PartialOrd for Repository {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Repository {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compared().cmp(&other.compared())
    }
}

impl Hash for Repository {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.compared().hash(state);
    }
}

impl TryFrom<String> for Repository {
    type Error = RepositoryError;
    fn try_from(text: String) -> Result<Self, RepositoryError> {
        let Some((name, id)) = text.split_once('@') else { return Self::new(text) };
        match id.parse() {
            Ok(id) if id > 0 => Ok(Self::new(name)?.with_id(id)),
            _ => Err(RepositoryError(text)),
        }
    }
}

impl From<Repository> for String {
    fn from(Repository { name, id }: Repository) -> Self {
        if id == 0 { name } else { format!("{name}@{id}") }
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
    /// When GitHub's webhook came that says so, in milliseconds since 1970; 0 if none came, or if the job was published
    /// again. A job that was held is queued a second time, with the same `queued_at`.
    #[serde(default)]
    pub received_at: u64,
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
    /// It waits for an approval and needs no runner before that.
    Waiting,
    /// A runner took it.
    InProgress {
        /// The runner's name. It says which instance it is. Whoever administers a repository chooses the names of its
        /// runners, so the name alone proves nothing.
        runner_name: String,
        /// GitHub's id of the runner; 0 if GitHub did not say it.
        runner_id: u64,
    },
    /// It is over.
    Completed {
        /// The runner's name, if one ever took it.
        runner_name: Option<String>,
        /// GitHub's id of that runner, if GitHub said it.
        #[serde(default)]
        runner_id: Option<u64>,
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
    fn a_repository_is_what_its_id_says() {
        let named = |name: &str, id| Repository::new(name).unwrap().with_id(id);
        assert_eq!(named("o/old", 7), named("o/new", 7));
        assert_ne!(named("o/old", 7), named("o/old", 8), "another one got the name");
        assert_ne!(named("o/old", 0), named("o/new", 0), "without ids, the names count");
        assert_ne!(named("o/old", 7), named("o/old", 0));
        assert_eq!(named("o/old", 7).identity(), "7");
        assert_eq!(named("o/old", 0).identity(), "o/old");
        let all = [named("o/b", 0), named("o/z", 3), named("o/a", 0), named("o/y", 3)];
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 3, "order and equality agree");
    }

    #[test]
    fn a_repository_keeps_its_id_in_the_queue() {
        let read = |text: &str| serde_json::from_value::<Repository>(text.into());
        for text in ["o/r", "o/r@7"] {
            assert_eq!(serde_json::to_value(read(text).unwrap()).unwrap(), text);
        }
        assert_eq!(read("o/r@7").unwrap().id(), Some(7));
        for text in ["o/r@", "o/r@0", "o/r@-1", "o/r@x", "o/r@7@7", "@7"] {
            assert!(read(text).is_err(), "{text} was accepted");
        }
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
