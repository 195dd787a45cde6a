//! A runner and its instance.

use std::collections::BTreeSet;

use jit_runners_model::{
    DeploymentName, Label,
    contract::{
        message::{JobRef, Repository},
        table::RunnerState,
    },
};
use serde::{Deserialize, Serialize};

use super::IntentId;
use crate::time::Time;

/// The id of an EC2 instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstanceId(String);

impl InstanceId {
    /// An id from EC2.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Reads an id that somebody else gave: `i-` and letters or digits. It becomes part of a key.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("i-")?;
        let fits =
            (1..=LONGEST_ID).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_alphanumeric());
        fits.then(|| Self::new(text))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The most digits of an id. EC2's ids have 17, and once had 8.
const LONGEST_ID: usize = 32;

impl std::fmt::Display for InstanceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a runner at GitHub. It holds the instance, so that a webhook that names the runner names its instance.
/// It also holds the number of the attempt to register it: if the answer to one attempt is lost, the next one has
/// another name.
///
/// ```
/// use jit_runners_model::DeploymentName;
/// use jit_runners_runtime::record::{InstanceId, RunnerName};
///
/// let deployment = DeploymentName::new("jit-runners")?;
/// let name = RunnerName { instance: InstanceId::new("i-0abc"), attempt: 2 };
/// assert_eq!(name.text(&deployment), "jit-runners-i-0abc-2");
/// assert_eq!(RunnerName::parse("jit-runners-i-0abc-2", &deployment), Some(name));
/// assert_eq!(RunnerName::parse("somebodys-laptop", &deployment), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerName {
    /// The instance.
    pub instance: InstanceId,
    /// Counted from 1.
    pub attempt: u32,
}

impl RunnerName {
    /// Names that are tried for one runner. If the answer to a request was lost, the second one is free.
    pub const MOST_ATTEMPTS: u32 = 3;

    /// As GitHub gets it: at most 64 characters.
    pub fn text(&self, deployment: &DeploymentName) -> String {
        format!("{}-{}-{}", prefix(deployment), self.instance, self.attempt)
    }

    /// Reads a name; `None` where it is not one of `deployment`. People name their own runners as they like.
    pub fn parse(text: &str, deployment: &DeploymentName) -> Option<Self> {
        let rest = text.strip_prefix(prefix(deployment))?.strip_prefix('-')?;
        let (instance, attempt) = rest.rsplit_once('-')?;
        let name = Self { instance: InstanceId::parse(instance)?, attempt: attempt.parse().ok()? };
        // Numbers such as `01` and `+1` are not ours.
        (name.attempt > 0 && name.text(deployment) == text).then_some(name)
    }
}

/// Leaves room for `-i-` and 17 digits, a hyphen and the attempt.
fn prefix(deployment: &DeploymentName) -> &str {
    let name = deployment.as_str();
    name.get(..name.len().min(36)).unwrap_or(name)
}

/// What is known about a runner. Facts are added and never removed, so the order and the number of events do not
/// matter.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; the state follows from them")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runner {
    /// Its instance.
    pub instance: InstanceId,
    /// The launch that it came of.
    pub intent: IntentId,
    /// The repository whose jobs it was launched for.
    pub repository: Repository,
    /// Its labels.
    pub labels: BTreeSet<Label>,
    /// When EC2 said that it is launching.
    pub launched_at: Time,
    /// When its configuration was written.
    pub configured_at: Option<Time>,
    /// The unique id of its instance's role, which is a part of the key of its configuration.
    #[serde(default)]
    pub role_id: Option<String>,
    /// The attempt whose registration it has.
    pub attempt: u32,
    /// The last attempt whose name GitHub called taken. A registration under it or a later name may be there whose answer was lost.
    #[serde(default)]
    pub names_taken: u32,
    /// GitHub's id of its registration.
    pub registration: Option<u64>,
    /// The job that it took.
    pub job: Option<JobRef>,
    /// Its job is over.
    pub job_done: bool,
    /// It was given up: it should get no job any more.
    pub given_up: bool,
    /// It was given up while it listened. GitHub may have given it a job in that moment, and says for some seconds that
    /// such a runner is idle (<https://github.com/github-aws-runners/terraform-aws-github-runner/issues/5085>). So it
    /// ends itself: at once, because its registration is gone, or when its job is over.
    #[serde(default)]
    pub ends_itself: bool,
    /// Its instance is ending, or has ended; its slot in the fleet was given back.
    pub instance_gone: bool,
    /// GitHub has no registration of it, under any name.
    pub registration_gone: bool,
    /// Why its instance ended, if that was unexpected and EC2 gave a reason.
    pub ended_because: Option<EndReason>,
}

/// Why an instance ended, in EC2's words
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndReason {
    /// EC2's code, such as `Client.InternalError`.
    pub code: String,
    /// What it adds to that.
    pub message: String,
}

impl EndReason {
    /// Characters of each text that are kept. EC2's own have less than a hundred.
    const LONGEST: usize = 300;

    /// What EC2 said, in one line each.
    pub fn new(code: &str, message: &str) -> Self {
        let line = |text: &str| {
            let one_line = text.chars().take(Self::LONGEST).map(|c| if c.is_control() { ' ' } else { c });
            one_line.collect::<String>().trim().to_owned()
        };
        Self { code: line(code), message: line(message) }
    }
}

impl Runner {
    /// A runner whose instance is being launched.
    pub const fn launched(
        instance: InstanceId,
        intent: IntentId,
        repository: Repository,
        labels: BTreeSet<Label>,
        launched_at: Time,
    ) -> Self {
        Self {
            instance,
            intent,
            repository,
            labels,
            launched_at,
            configured_at: None,
            role_id: None,
            attempt: 0,
            names_taken: 0,
            registration: None,
            job: None,
            job_done: false,
            given_up: false,
            ends_itself: false,
            instance_gone: false,
            registration_gone: false,
            ended_because: None,
        }
    }

    /// Whether its instance ended for an unknown reason: nobody terminated it, and it had no job.
    pub const fn is_unexplained(&self) -> bool {
        self.instance_gone && self.job.is_none() && !self.given_up && self.ended_because.is_none()
    }

    /// Where it stands.
    pub const fn state(&self) -> RunnerState {
        if self.job_done {
            RunnerState::Completed
        } else if self.given_up || self.instance_gone {
            RunnerState::Failed
        } else if self.job.is_some() {
            RunnerState::Running
        } else {
            RunnerState::Pending
        }
    }

    /// Whether it may still take a job, as far as is known.
    pub fn is_pending(&self) -> bool {
        self.state() == RunnerState::Pending
    }

    /// Whether its instance or a registration may be left somewhere.
    pub const fn is_open(&self) -> bool {
        !(self.instance_gone && self.registration_gone)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_says_which_instance_it_is() {
        let deployment = DeploymentName::new("jit-runners").unwrap();
        let name = RunnerName { instance: InstanceId::new("i-0123456789abcdef0"), attempt: 2 };
        let text = name.text(&deployment);
        assert_eq!(text, "jit-runners-i-0123456789abcdef0-2");
        assert_eq!(RunnerName::parse(&text, &deployment), Some(name));
        for other in ["", "jit-runners", "jit-runners-2", "other-i-0a-1", "jit-runners-i-0a-x", "my-laptop"] {
            assert_eq!(RunnerName::parse(other, &deployment), None, "{other}");
        }
    }

    #[test]
    fn names_that_only_look_like_ours_are_not_ours() {
        let deployment = DeploymentName::new("jit-runners").unwrap();
        for other in [
            "jit-runners-i--1",
            "jit-runners-i-0a#b-1",
            "jit-runners-i-0a/../b-1",
            "jit-runners-i-0ä-1",
            "jit-runners-i-0a-0",
            "jit-runners-i-0a-+1",
            "jit-runners-i-0a-01",
            "jit-runners-i-0a-4294967296",
            "jit-runners-i-0a-1 ",
            // Of another deployment, whose name begins with ours.
            "jit-runners-i-0a-i-0b-1",
            &format!("jit-runners-i-{}-1", "0".repeat(3_000)),
        ] {
            assert_eq!(RunnerName::parse(other, &deployment), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_name_that_is_read_is_the_name_that_is_written(
            text in prop_oneof![any::<String>(), "jit-runners-i-[0-9a-z#/+-]{0,20}-[+0-9]{0,11}"],
        ) {
            let deployment = DeploymentName::new("jit-runners").unwrap();
            if let Some(name) = RunnerName::parse(&text, &deployment) {
                prop_assert_eq!(name.text(&deployment), text);
                prop_assert_eq!(InstanceId::parse(name.instance.as_str()), Some(name.instance));
            }
        }
    }

    #[test]
    fn a_reason_is_one_short_line() {
        let reason = EndReason::new("Client.InternalError", &format!("one\r\n\ttwo{}", "é".repeat(1_000)));
        assert_eq!(reason.code, "Client.InternalError");
        assert!(reason.message.starts_with("one   two"), "{}", reason.message);
        assert_eq!(reason.message.chars().count(), 300);
    }

    #[test]
    fn the_longest_name_is_one_that_github_takes() {
        let deployment = DeploymentName::new("d".repeat(100)).unwrap();
        let name = RunnerName { instance: InstanceId::new("i-0123456789abcdef0"), attempt: 9_999 };
        assert!(name.text(&deployment).len() <= 64);
    }
}
