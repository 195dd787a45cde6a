//! Keys, indexes and attributes of the one table.
//!
//! Every item is addressed by [`KEY`] alone. Items that are open (a queued job, a pending or running runner, a
//! launch intent without all its instances, a repository that was active lately) also have [`OPEN_KIND`] and
//! [`SINCE`], and where they belong to a label set [`LABEL_SET`]. Closing an item removes those attributes, so the
//! two indexes hold what is open and nothing else: a query costs what is open, never what has been.
//!
//! ```
//! use jit_runners_model::contract::table::Key;
//!
//! assert_eq!(Key::runner("i-0abc").as_str(), "runner#i-0abc");
//! assert_eq!(Key::configuration("AROAEXAMPLE", "i-0abc").as_str(), "AROAEXAMPLE:i-0abc");
//! ```

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::message::{JobRef, Repository};
use crate::name::Label;

/// The partition key.
pub const KEY: &str = "pk";
/// When an item may be deleted, in seconds since 1970. Expired items still show up in reads for up to two days.
pub const TTL: &str = "ttl";
/// Partition key of [`BY_LABEL_SET`].
pub const LABEL_SET: &str = "label_set";
/// Partition key of [`BY_AGE`].
pub const OPEN_KIND: &str = "open_kind";
/// Sort key of both indexes: since when an item is in its state, in milliseconds since 1970.
pub const SINCE: &str = "since";
/// Where a job or a runner stands.
pub const STATE: &str = "state";
/// Counts changes of an item; a conditional write asks for the number that it read.
pub const REVISION: &str = "revision";
/// The one-time runner configuration.
pub const CONFIGURATION: &str = "configuration";

/// Open items of one label set: what demand and supply are counted from.
pub const BY_LABEL_SET: &str = "open-by-label-set";
/// Open items of one kind, oldest first: what is overdue.
pub const BY_AGE: &str = "open-by-age";

/// A key of the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// A job.
    pub fn job(job: &JobRef) -> Self {
        Self(format!("job#{}#{}#{}", job.repository.identity(), job.job_id, job.run_attempt))
    }

    /// A launch intent, by an id that is derived from the message that asked for it.
    pub fn intent(id: &str) -> Self {
        Self(format!("intent#{id}"))
    }

    /// A runner, by its instance.
    pub fn runner(instance_id: &str) -> Self {
        Self(format!("runner#{instance_id}"))
    }

    /// The configuration that only one instance may take. `aws:userid` of an instance is `<role id>:<instance
    /// id>` (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>), and the
    /// instance role's policy compares exactly this key with it.
    pub fn configuration(runner_role_id: &str, instance_id: &str) -> Self {
        Self(format!("{runner_role_id}:{instance_id}"))
    }

    /// What is known of a repository.
    pub fn repository(repository: &Repository) -> Self {
        Self(format!("repository#{}", repository.identity()))
    }

    /// What is known of registrations at one place, by what identifies a repository or an organization.
    pub fn place(identity: &str) -> Self {
        Self(format!("place#{identity}"))
    }

    /// A lease, by its name.
    pub fn lease(name: &str) -> Self {
        Self(format!("lease#{name}"))
    }

    /// How many runners there are, and what may still be asked of EC2 and GitHub: one item for the deployment.
    pub fn fleet() -> Self {
        Self("fleet".to_owned())
    }

    /// What GitHub said of the runner's releases: one item for the deployment.
    pub fn releases() -> Self {
        Self("releases".to_owned())
    }

    /// What EC2 said that holds for longer than one launch: one item for the deployment.
    pub fn findings() -> Self {
        Self("findings".to_owned())
    }

    /// The value of [`KEY`].
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of [`LABEL_SET`]: runners and jobs of one repository and one set of labels.
///
/// A job may have 100 labels of 256 characters each, and a key of an index holds 2,048 bytes
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>): long sets are told apart
/// by their digest.
pub fn label_set_key(repository: &Repository, labels: &BTreeSet<Label>) -> String {
    let labels = labels.iter().map(Label::as_str).collect::<Vec<_>>().join(",");
    if labels.len() <= LONGEST_LABEL_SET {
        format!("{}#{labels}", repository.identity())
    } else {
        let digest: Vec<_> = Sha256::digest(labels).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}#sha256:{}", repository.identity(), digest.concat())
    }
}

/// Bytes of a label set that stands in a key as it is. A repository has 201 at most.
const LONGEST_LABEL_SET: usize = 1_024;

/// The value of [`OPEN_KIND`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OpenKind {
    /// A queued or running job.
    Job,
    /// A launch intent that has not been carried out.
    Intent,
    /// A pending or running runner.
    Runner,
    /// A repository with recent activity.
    Repository,
    /// A place where a registration was tried that may be left.
    Place,
}

impl OpenKind {
    /// The attribute's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Intent => "intent",
            Self::Runner => "runner",
            Self::Repository => "repository",
            Self::Place => "place",
        }
    }
}

/// Where a job stands. States only move forward, in the order of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waiting for a runner.
    Queued,
    /// A runner took it.
    Running,
    /// It is over, however it ended.
    Completed,
}

impl JobState {
    /// The value of [`STATE`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
        }
    }
}

/// Where a runner stands. States only move forward, in the order of this list. The last two are both ends: `failed` is
/// what we conclude, `completed` is what GitHub says, and may come later than our conclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunnerState {
    /// Launched, no job yet.
    Pending,
    /// Busy with a job.
    Running,
    /// It was given up, or ended without a job.
    Failed,
    /// Its job is over.
    Completed,
}

impl RunnerState {
    /// The value of [`STATE`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Completed => "completed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_sets_do_not_depend_on_order() {
        let repository = Repository::new("o/r").unwrap();
        let labels = |texts: &[&str]| texts.iter().map(|text| Label::new(*text).unwrap()).collect();
        assert_eq!(
            label_set_key(&repository, &labels(&["x64", "linux"])),
            label_set_key(&repository, &labels(&["linux", "x64"]))
        );
    }

    #[test]
    fn a_key_fits_whatever_the_labels() {
        let repository = Repository::new(format!("{}/{}", "o".repeat(100), "r".repeat(100))).unwrap();
        let labels = |last: &str| -> BTreeSet<_> {
            let long = (0..99).map(|index| Label::new(format!("{index:0>256}")).unwrap());
            long.chain([Label::new(last).unwrap()]).collect()
        };
        let (one, other) =
            (label_set_key(&repository, &labels("a")), label_set_key(&repository, &labels("b")));
        assert!(one.len() <= 2_048 && one != other, "{one}");
        // A comma cannot be part of a label, so no short set looks like a digest of a long one by accident of joining.
        assert!(one.contains("#sha256:"));
    }

    #[test]
    fn a_configuration_is_keyed_by_the_user_id_of_its_instance() {
        assert_eq!(Key::configuration("AROAEXAMPLE", "i-0abc").as_str(), "AROAEXAMPLE:i-0abc");
    }

    #[test]
    fn what_github_says_of_a_runner_outweighs_what_we_conclude() {
        assert!(RunnerState::Pending < RunnerState::Running);
        assert!(RunnerState::Running < RunnerState::Failed);
        assert!(RunnerState::Failed < RunnerState::Completed);
    }
}
