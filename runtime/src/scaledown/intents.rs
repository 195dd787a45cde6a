//! Gives launches up that everybody left, and their slots back once nothing can come of them.

use std::collections::BTreeSet;

use super::{
    Survey,
    decide::{IntentTask, intent_task},
};
use crate::{
    port::{Clock, Observation, Observe, Table},
    record::IntentState,
    store::{self, Decision, StoreError},
};

pub(super) async fn look_after<P: Table + Clock + Observe>(
    ports: &P,
    survey: &Survey,
) -> Result<(), StoreError> {
    for intent in &survey.intents {
        let recorded: BTreeSet<_> = intent.item.launched.iter().collect();
        let live = survey.instances.iter().flatten().filter(|instance| {
            instance.state.is_live()
                && instance.intent.as_ref() == Some(&intent.item.id)
                && !recorded.contains(&instance.id)
        });
        match intent_task(&intent.item, live.count(), survey.instances.is_some(), survey.now) {
            IntentTask::Leave => {}
            IntentTask::Abandon => {
                let mut intent = intent.clone();
                intent.item.state = IntentState::Abandoned;
                intent.item.since = ports.now();
                // What changed meanwhile is looked at again in the next run.
                if store::commit_if_unchanged(ports, vec![intent.write()]).await? {
                    ports.observe(Observation::Abandoned(intent.item.id));
                }
            }
            IntentTask::Close => {
                let mut intent = intent.clone();
                intent.item.state = IntentState::Closed;
                intent.item.since = ports.now();
                intent.item.call = None;
                let slots = std::mem::take(&mut intent.item.unfilled);
                let closed = store::transact(ports, intent.item.id.as_str(), async |_| {
                    let mut fleet = store::fleet(ports).await?;
                    fleet.item.give_back(&intent.item.repository, slots);
                    Ok(Decision::Write(vec![intent.write(), fleet.write()], ()))
                });
                match closed.await {
                    // A conflict is the fleet's, which everybody changes; or the launch is closed already, and then it
                    // stays so.
                    Ok(()) | Err(StoreError::Conflict) => {}
                    Err(error @ StoreError::Unavailable(_)) => return Err(error),
                }
            }
        }
    }
    Ok(())
}
