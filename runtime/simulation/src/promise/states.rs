//! Promise 8: states only move forward.

use jit_runners_runtime::{record::Item, time::Time};

use super::Watch;
use crate::table::Change;

impl Watch {
    /// Promise 8: states only move forward.
    pub(super) fn moves_forward(&mut self, change: &Change, now: Time) {
        let (Some(before), after) = (&change.before, &change.after) else { return };
        let Some(after) = after else {
            if !matches!(before.item, Item::Configuration(_)) {
                self.broken(8, now, || format!("{} was deleted", before.item.key()));
            }
            return;
        };
        let forward = match (&before.item, &after.item) {
            (Item::Job(before), Item::Job(after)) => {
                (before.queued_again, before.state) <= (after.queued_again, after.state)
                    && before.launches <= after.launches
            }
            (Item::Runner(before), Item::Runner(after)) => {
                before.state() <= after.state()
                    && before.attempt <= after.attempt
                    && (!before.given_up || after.given_up)
                    && (!before.instance_gone || after.instance_gone)
                    && (!before.registration_gone || after.registration_gone)
                    && (before.job.is_none() || before.job == after.job)
                    && (before.ended_because.is_none() || before.ended_because == after.ended_because)
            }
            (Item::Intent(before), Item::Intent(after)) => {
                before.state <= after.state && before.launched.len() <= after.launched.len()
            }
            _ => true,
        };
        if !forward {
            self.broken(8, now, || {
                format!("{} went back: {:?} -> {:?}", before.item.key(), before.item, after.item)
            });
        }
    }
}
