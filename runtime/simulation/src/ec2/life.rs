//! What becomes of instances.

use std::time::Duration;

use jit_runners_runtime::{record::InstanceId, time::Time};

use super::{Change, Ec2Event, Ec2World, EndCause, launch::held_as, notice};

/// From the warning to the interruption
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>).
const WARNING: Duration = Duration::from_mins(2);
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
        // From pending it goes to terminated at once.
        if cause != EndCause::FailedStart {
            self.announce(now, index, |number, id| notice::state_change(number, now, id, "shutting-down"));
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
                self.announce(at, index, |number, id| notice::interruption_warning(number, at, id));
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
                self.announce(at, index, |number, id| notice::state_change(number, at, id, "terminated"));
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
