//! An instance: its state, its end, and EventBridge's events about it.

use std::time::Duration;

use jit_runners_model::{RunnerVersion, contract::message::Repository};
use jit_runners_runtime::{
    port::{Instance, InstanceState},
    record::{EndReason, InstanceId, IntentId, Market},
    time::Time,
};

use super::{Change, Ec2Event, Ec2World, SHOWN_AFTER_END, When, launch::held_as};

/// The time from the warning to the interruption
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>).
const WARNING: Duration = Duration::from_mins(2);

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
    /// It never started, because its volume's key may not be used.
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

/// An instance, from its launch to its end.
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
    /// Its index among the instances of that token, from 0. Two sets of one token have the same indexes.
    pub slot: u32,
    /// How it was bought.
    pub market: Market,
    /// When it was launched.
    pub launched_at: Time,
    /// When it was up, if it ever was.
    pub booted_at: Option<Time>,
    /// When it stopped running, and why.
    pub ended: Option<(Time, EndCause)>,
    /// Whether it got the warning of its interruption.
    pub warned: bool,
    /// When it is terminated; known as soon as it begins to end.
    pub(super) terminated_at: Time,
    pub(super) running_at: Time,
    /// How long calls do not see its changes.
    pub(super) late: Duration,
    /// Planned changes, which are cancelled if it ends first.
    pub(super) boot: Option<When>,
    pub(super) interruption: Option<When>,
}

impl Machine {
    /// Whether it is pending or running.
    pub const fn is_live(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether it is terminated at `now`. Until then, it counts against the quota.
    pub fn is_terminated(&self, now: Time) -> bool {
        self.ended.is_some() && self.terminated_at <= now
    }

    /// Whether calls find it at `now`: some time after its launch, and until an hour after its end
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html>).
    pub(super) fn is_known(&self, now: Time) -> bool {
        self.launched_at + self.late <= now && !self.is_forgotten(now)
    }

    pub(super) fn is_forgotten(&self, now: Time) -> bool {
        self.ended.is_some() && self.terminated_at + SHOWN_AFTER_END <= now
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

impl Ec2World {
    /// Ends an instance that lives.
    pub(super) fn end(&mut self, now: Time, index: usize, cause: EndCause) {
        let ending = match cause {
            EndCause::FailedStart => Duration::ZERO,
            _ => self.random.between(self.settings.ending.0, self.settings.ending.1),
        };
        let Some(machine) = self.machines.get_mut(index).filter(|machine| machine.is_live()) else { return };
        machine.ended = Some((now, cause));
        machine.terminated_at = now + ending;
        self.live -= 1;
        if let Some(live) = self.live_of.get_mut(&machine.repository) {
            *live -= 1;
        }
        for when in [machine.boot.take(), machine.interruption.take()].into_iter().flatten() {
            self.planned.remove(&when);
        }
        self.plan(now, Change::SayEnded(index, cause));
        self.plan(now + ending, Change::Terminate(index));
        // A pending instance is terminated at once.
        if cause != EndCause::FailedStart {
            self.announce(now, index, |number, id| state_change(number, now, id, "shutting-down"));
        }
    }

    /// Carries out a change that was planned for `at`.
    pub(super) fn happen(&mut self, at: Time, change: Change, out: &mut Vec<Ec2Event>) {
        match change {
            Change::Boot(index) => {
                if let Some(machine) = self.machines.get_mut(index) {
                    machine.boot = None;
                    machine.booted_at = Some(at);
                    out.push(Ec2Event::Booted { instance: machine.id.clone() });
                }
            }
            Change::FailStart(index) => self.end(at, index, EndCause::FailedStart),
            Change::FailBoot(index) => self.end(at, index, EndCause::FailedBoot),
            Change::Warn(index) => {
                let when = self.plan(at + WARNING, Change::Interrupt(index));
                if let Some(machine) = self.machines.get_mut(index) {
                    machine.interruption = Some(when);
                    machine.warned = true;
                    out.push(Ec2Event::Interrupting { instance: machine.id.clone() });
                }
                self.announce(at, index, |number, id| interruption_warning(number, at, id));
            }
            Change::Interrupt(index) => {
                self.statistics.interruptions += 1;
                self.end(at, index, EndCause::Interrupted);
            }
            Change::SayEnded(index, cause) => {
                if let Some(machine) = self.machines.get(index) {
                    out.push(Ec2Event::Ended { instance: machine.id.clone(), cause });
                }
            }
            Change::Terminate(index) => {
                if let Some(machine) = self.machines.get(index) {
                    self.held[held_as(machine.market)] -= 1;
                }
                self.announce(at, index, |number, id| state_change(number, at, id, "terminated"));
            }
            Change::Say(body) => out.push(Ec2Event::Notice { body }),
        }
    }

    /// Plans an event of EventBridge, unless it gets lost.
    fn announce(&mut self, at: Time, index: usize, body: impl FnOnce(u64, &InstanceId) -> String) {
        if self.random.chance(self.settings.event_lost) {
            return;
        }
        let (soonest, latest) = self.settings.event_delay;
        let delay: Duration = self.random.between(soonest, latest);
        if let Some(machine) = self.machines.get(index) {
            let body = body(self.number, &machine.id);
            self.plan(at + delay, Change::Say(body));
        }
    }
}

/// The warning two minutes before an interruption
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>).
pub fn interruption_warning(number: u64, at: Time, instance: &InstanceId) -> String {
    event(number, at, instance, "EC2 Spot Instance Interruption Warning", "instance-action\":\"terminate")
}

/// A change of an instance's state
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html>).
fn state_change(number: u64, at: Time, instance: &InstanceId, state: &str) -> String {
    event(number, at, instance, "EC2 Instance State-change Notification", &format!("state\":\"{state}"))
}

/// The envelope (<https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>).
fn event(number: u64, at: Time, instance: &InstanceId, detail_type: &str, detail: &str) -> String {
    let at = Timestamp(at);
    format!(
        r#"{{"version":"0","id":"00000000-0000-4000-8000-{number:012x}","detail-type":"{detail_type}","source":"aws.ec2","account":"123456789012","time":"{at}","region":"eu-central-1","resources":["arn:aws:ec2:eu-central-1:123456789012:instance/{instance}"],"detail":{{"instance-id":"{instance}","{detail}"}}}}"#
    )
}

/// A time as `2021-11-11T21:29:54Z`.
struct Timestamp(Time);

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.as_millis() / 1_000;
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        let (mut year, mut day) = (1970, days);
        while day >= days_of_year(year) {
            day -= days_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while day >= days_of_month(year, month) {
            day -= days_of_month(year, month);
            month += 1;
        }
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", day + 1)
    }
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_what_eventbridge_writes() {
        let id = InstanceId::new("i-0123456789abcdef0");
        let at = Time::from_millis(1_709_209_799_123);
        for (body, detail_type, key, value) in [
            (
                state_change(7, at, &id, "terminated"),
                "EC2 Instance State-change Notification",
                "state",
                "terminated",
            ),
            (
                interruption_warning(8, at, &id),
                "EC2 Spot Instance Interruption Warning",
                "instance-action",
                "terminate",
            ),
        ] {
            let event: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(event["detail-type"], detail_type);
            assert_eq!(event["source"], "aws.ec2");
            assert_eq!(event["time"], "2024-02-29T12:29:59Z");
            assert_eq!(event["detail"]["instance-id"], id.as_str());
            assert_eq!(event["detail"][key], value);
        }
    }
}
