//! Gives launches up that everybody left, and their slots back once nothing can come of them.

use std::collections::BTreeSet;

use super::{
    Survey,
    decide::{IntentTask, intent_task},
    runners::skip_conflict,
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
                let abandoned = Observation::Abandoned(intent.item.id.clone());
                let written = store::commit(ports, vec![intent.write()]).await;
                if written.is_ok() {
                    ports.observe(abandoned);
                }
                skip_conflict(written)?;
            }
            IntentTask::Close => {
                let mut closed = intent.clone();
                closed.item.state = IntentState::Closed;
                closed.item.since = ports.now();
                closed.item.call = None;
                let slots = std::mem::take(&mut closed.item.unfilled);
                // A conflict is the fleet's, which everybody changes; or the launch is closed already, and then it stays so.
                let written = store::transact(ports, closed.item.id.as_str(), async |_| {
                    let mut fleet = store::fleet(ports).await?;
                    fleet.item.give_back(&closed.item.repository, slots);
                    Ok(Decision::Write(vec![closed.write(), fleet.write()], ()))
                });
                skip_conflict(written.await)?;
            }
        }
    }
    Ok(())
}
