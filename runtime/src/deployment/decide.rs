//! Decides what a request means, and what still has to end before the removal is done: pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::Action;
use crate::{
    port::{Instance, InstanceState},
    record::{InstanceId, Intent, IntentState},
    scaledown::{APPEARS_WITHIN, LAUNCH_ENDS_WITHIN},
    time::Time,
};

/// The index may be some moments late. After this time it shows every launch that was decided before the stop.
pub(super) const STOP_IS_SEEN: Duration = Duration::from_secs(10);
/// `TerminateInstances` is called again for an instance that still runs after this.
const ENDED_AGAIN: Duration = Duration::from_secs(30);

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Make sure of what every deployment needs, and allow launches if [`lifts_stop`].
    Prepare,
    /// End everything that runs.
    End,
    /// Nothing.
    Leave,
}

/// Decides what `action` means. For Terraform, a deletion is always a removal. For CloudFormation, the status of the
/// stack decides; it is `None` for Terraform.
///
/// CloudFormation also deletes a resource when it rolls back an update, and when it cleans up after one. Then the
/// deployment goes on. It is removed as a whole in two cases: somebody deletes the stack, or its creation failed. In
/// the latter case, the functions may have worked for some minutes, and instances that they launched would prevent
/// the deletion of the security group
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-stack-status-codes>).
pub(super) fn decide(action: Action, stack: Option<&str>) -> Decision {
    match (action, stack) {
        (Action::Create | Action::Update, _) => Decision::Prepare,
        (Action::Delete, None | Some("DELETE_IN_PROGRESS" | "ROLLBACK_IN_PROGRESS")) => Decision::End,
        (Action::Delete, Some(_)) => Decision::Leave,
    }
}

/// Whether a request to create or update the deployment allows launches that a removal has stopped. A stack can be removed while it is
/// being made, and then the request comes late. The status is `None` for Terraform, which waits for the end of a request before it
/// sends the next.
pub(super) fn lifts_stop(stack: Option<&str>) -> bool {
    !matches!(stack, Some("DELETE_IN_PROGRESS" | "ROLLBACK_IN_PROGRESS"))
}

/// What is known at one moment of the removal.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// What EC2 shows.
    pub instances: &'a [Instance],
    /// Launch times of instances whose end was not recorded at this or an earlier look. A recorded end means that the
    /// instance is shutting down, not that it is terminated.
    pub launched: &'a BTreeMap<InstanceId, Time>,
    /// Launches that are not closed.
    pub intents: Vec<&'a Intent>,
    /// Since when launches are stopped.
    pub stopped_at: Time,
    /// The time.
    pub now: Time,
}

/// What has to end before the removal is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Left {
    /// Instances that are not terminated.
    pub instances: Vec<InstanceId>,
    /// Until then, a launch from before the stop may still make an instance.
    pub launching_until: Option<Time>,
}

impl Left {
    /// Whether nothing does.
    pub(super) const fn is_nothing(&self) -> bool {
        self.instances.is_empty() && self.launching_until.is_none()
    }
}

impl View<'_> {
    /// What is left.
    pub(super) fn left(&self) -> Left {
        let shown = self.instances.iter().filter(|it| it.state != InstanceState::Terminated);
        let instances = shown.map(|it| it.id.clone()).chain(self.hidden().cloned()).collect();
        let launching = self.intents.iter().filter_map(|intent| may_launch_until(intent));
        let launching_until =
            launching.chain([self.stopped_at + STOP_IS_SEEN]).filter(|until| *until > self.now).max();
        Left { instances, launching_until }
    }

    /// Instances to terminate now. `asked` says when `TerminateInstances` was last called for each.
    pub(super) fn to_terminate(&self, asked: &BTreeMap<InstanceId, Time>) -> Vec<InstanceId> {
        let is_due = |id: &InstanceId| asked.get(id).is_none_or(|at| *at + ENDED_AGAIN <= self.now);
        // An instance that somebody stopped is not live, and still has to be terminated.
        let shown = self.instances.iter().filter(|it| it.state != InstanceState::Terminated);
        shown.map(|it| &it.id).chain(self.hidden()).filter(|id| is_due(id)).cloned().collect()
    }

    /// Instances that were launched and that EC2 does not show yet.
    fn hidden(&self) -> impl Iterator<Item = &InstanceId> {
        let shown: BTreeSet<_> = self.instances.iter().map(|it| &it.id).collect();
        self.launched
            .iter()
            .filter(|(_, launched_at)| self.now.since(**launched_at) <= APPEARS_WITHIN)
            .map(|(id, _)| id)
            .filter(move |id| !shown.contains(id))
    }
}

/// Until when `intent` may still make an instance or register a runner, although launches are stopped.
fn may_launch_until(intent: &Intent) -> Option<Time> {
    match intent.state {
        // The invocation that holds it checks the stop before each call. A call without an answer may be carried out
        // late.
        IntentState::Open if intent.call.is_some() => Some(intent.held_until + LAUNCH_ENDS_WITHIN),
        IntentState::Open => Some(intent.held_until),
        IntentState::Abandoned => Some(intent.since + LAUNCH_ENDS_WITHIN),
        IntentState::Closed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{NOW, closed, instance, instance_id, intent, left, minutes, seconds};

    #[test]
    fn a_removal_is_told_from_what_only_looks_like_one() {
        for status in ["DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"] {
            assert_eq!(decide(Action::Delete, Some(status)), Decision::End, "{status}");
        }
        for status in [
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_IN_PROGRESS",
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "IMPORT_ROLLBACK_IN_PROGRESS",
            "CREATE_IN_PROGRESS",
            "CREATE_COMPLETE",
            "DELETE_FAILED",
            "DELETE_COMPLETE",
            "",
        ] {
            assert_eq!(decide(Action::Delete, Some(status)), Decision::Leave, "{status}");
        }
        assert_eq!(decide(Action::Delete, None), Decision::End);
        for (stack, lifts) in [
            (None, true),
            (Some("UPDATE_IN_PROGRESS"), true),
            (Some("UPDATE_ROLLBACK_IN_PROGRESS"), true),
            (Some("DELETE_IN_PROGRESS"), false),
            (Some("ROLLBACK_IN_PROGRESS"), false),
        ] {
            assert_eq!(decide(Action::Create, stack), Decision::Prepare);
            assert_eq!(decide(Action::Update, stack), Decision::Prepare);
            assert_eq!(lifts_stop(stack), lifts);
        }
    }

    fn in_state(id: u64, state: InstanceState) -> Instance {
        Instance { state, ..instance(id) }
    }

    const NOTHING: &BTreeMap<InstanceId, Time> = &BTreeMap::new();

    fn view<'a>(instances: &'a [Instance], intents: Vec<&'a Intent>) -> View<'a> {
        View { instances, launched: NOTHING, intents, stopped_at: NOW - seconds(60), now: NOW }
    }

    #[test]
    fn an_instance_is_left_until_it_is_terminated() {
        let all = [
            in_state(1, InstanceState::Pending),
            in_state(2, InstanceState::Running),
            in_state(3, InstanceState::Ending),
            in_state(4, InstanceState::Terminated),
        ];
        let view = view(&all, Vec::new());
        assert_eq!(view.left().instances, [1, 2, 3].map(instance_id));
        let asked = [(instance_id(1), NOW - seconds(29)), (instance_id(2), NOW - seconds(30))].into();
        assert_eq!(view.to_terminate(&asked), [2, 3].map(instance_id), "once in half a minute");
    }

    #[test]
    fn what_ec2_does_not_show_yet_is_ended_and_waited_for() {
        let launched = [(1, 1), (2, 1), (3, 6)].map(|(id, ago)| (instance_id(id), NOW - minutes(ago))).into();
        let instances = [in_state(1, InstanceState::Terminated)];
        let view = View { launched: &launched, ..view(&instances, Vec::new()) };
        assert_eq!(view.left().instances, [instance_id(2)]);
        assert_eq!(view.to_terminate(&BTreeMap::new()), [instance_id(2)]);
    }

    #[test]
    fn a_launch_from_before_the_stop_is_waited_for_as_long_as_something_may_come_of_it() {
        let until = |intent: &Intent| view(&[], vec![intent]).left().launching_until;
        let held = intent(1, 1);
        assert_eq!(until(&held), Some(held.held_until + LAUNCH_ENDS_WITHIN));
        let registering = intent(1, 0);
        assert_eq!(until(&registering), Some(registering.held_until));
        let crashed = left(1, 1);
        assert_eq!(until(&crashed), Some(crashed.held_until + LAUNCH_ENDS_WITHIN));
        let crashed_later = left(1, 0);
        assert_eq!(until(&crashed_later), None, "what it launched is known");
        let given_up = Intent { state: IntentState::Abandoned, since: NOW - minutes(4), ..intent(1, 1) };
        assert_eq!(until(&given_up), Some(NOW - minutes(4) + LAUNCH_ENDS_WITHIN));
        let settled = Intent { since: NOW - LAUNCH_ENDS_WITHIN, ..given_up };
        assert_eq!(until(&settled), None);
        assert_eq!(until(&closed(1)), None);
    }

    #[test]
    fn nothing_ends_before_everybody_can_have_seen_the_stop() {
        let just_stopped = View { stopped_at: NOW - seconds(9), ..view(&[], Vec::new()) };
        assert_eq!(just_stopped.left().launching_until, Some(NOW + seconds(1)));
        assert!(!just_stopped.left().is_nothing());
        assert!(view(&[], Vec::new()).left().is_nothing());
    }
}
