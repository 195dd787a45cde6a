//! An instance.

use std::time::Duration;

use jit_runners_model::{RunnerVersion, contract::message::Repository};
use jit_runners_runtime::{
    port::{Instance, InstanceState},
    record::{EndReason, InstanceId, IntentId, Market},
    time::Time,
};

/// Why an instance ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndCause {
    /// `TerminateInstances`.
    Terminated,
    /// It shut itself down.
    ShutDown,
    /// Spot capacity was taken back.
    Interrupted,
    /// It died while it booted.
    FailedBoot,
    /// It never started: its volume's key may not be used.
    FailedStart,
}

impl EndCause {
    /// As EC2 gives it (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html>).
    fn reason(self) -> EndReason {
        let (code, message) = match self {
            Self::Terminated => ("Client.UserInitiatedShutdown", "User initiated shutdown"),
            Self::ShutDown => ("Client.InstanceInitiatedShutdown", "Instance initiated shutdown"),
            Self::Interrupted => ("Server.SpotInstanceTermination", "Spot instance termination"),
            Self::FailedBoot => ("Server.InternalError", "Internal error on launch"),
            Self::FailedStart => ("Client.InternalError", "Client error on launch"),
        };
        EndReason::new(code, &format!("{code}: {message}"))
    }
}

/// An instance and its life.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its id.
    pub id: InstanceId,
    /// The launch intent in its tag.
    pub intent: IntentId,
    /// The repository in its tag.
    pub repository: Repository,
    /// The release of the runner in its user data.
    pub release: RunnerVersion,
    /// The client token that launched it.
    pub token: String,
    /// Its place among the instances of that token, from 0. Two sets of one token have the same places.
    pub slot: u32,
    /// How it was bought.
    pub market: Market,
    /// When it was launched.
    pub launched_at: Time,
    /// When it was up, if it ever was.
    pub booted_at: Option<Time>,
    /// When it stopped running, and why.
    pub ended: Option<(Time, EndCause)>,
    /// Whether it was told that it will be interrupted.
    pub warned: bool,
    /// When it was terminated at last; known as soon as it ends.
    pub(super) terminated_at: Time,
    pub(super) running_at: Time,
    /// How long calls do not see what changes.
    pub(super) late: Duration,
    /// What is planned for it, to be called off when it ends first.
    pub(super) boot: Option<super::When>,
    pub(super) interruption: Option<super::When>,
}

impl Machine {
    /// Whether it is running, or on its way to that.
    pub const fn is_live(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether nothing is left of it at `now`; until then it counts against the quota.
    pub fn is_terminated(&self, now: Time) -> bool {
        self.ended.is_some() && self.terminated_at <= now
    }

    /// Whether calls find it at `now`: not just after its launch, and for an hour after its end
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html>).
    pub(super) fn is_known(&self, now: Time) -> bool {
        self.launched_at + self.late <= now && !self.is_forgotten(now)
    }

    pub(super) fn is_forgotten(&self, now: Time) -> bool {
        self.ended.is_some() && self.terminated_at + super::SHOWN_AFTER_END <= now
    }

    /// What a call says of it.
    pub(super) fn shown(&self, now: Time) -> Instance {
        let state = match self.ended {
            Some(_) if self.terminated_at + self.late <= now => InstanceState::Terminated,
            Some((at, _)) if at + self.late <= now => InstanceState::Ending,
            _ if self.running_at <= now => InstanceState::Running,
            _ => InstanceState::Pending,
        };
        let ended = self.ended.filter(|_| !state.is_live()).map(|(_, cause)| cause.reason());
        Instance {
            ended,
            id: self.id.clone(),
            state,
            launched_at: self.launched_at,
            intent: Some(self.intent.clone()),
        }
    }
}
