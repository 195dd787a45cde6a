//! An instance has ended: its slot is given back, once, and why it ended is told, once.

use jit_runners_model::contract::{environment::Count, table::Key};

use crate::{
    port::{Clock, Observation, Observe, Stored, Table},
    record::{Caps, EndReason, Fleet, InstanceId, Runner},
    store::{self, Decision, StoreError},
};

/// What the end of an instance left behind.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The runner that lived on it.
    pub runner: Stored<Runner>,
    /// The fleet without it.
    pub fleet: Fleet,
    /// The fleet was full until now.
    pub was_full: bool,
}

/// Writes down that `instance` has ended. `None` when it is none of ours.
pub async fn ended<P: Table + Clock + Observe>(
    ports: &P,
    instance: &InstanceId,
    caps: Caps,
) -> Result<Option<Ended>, StoreError> {
    let (ended, observation) = store::transact(ports, instance.as_str(), async |_| {
        let found = store::get::<Runner>(ports, &Key::runner(instance.as_str())).await?;
        let Some(mut runner) = found else { return Ok(Decision::Done((None, None))) };
        let mut fleet = store::fleet(ports).await?;
        if runner.item.instance_gone {
            let known = Ended { runner, fleet: fleet.item, was_full: false };
            return Ok(Decision::Done((Some(known), None)));
        }
        let was_full = fleet.item.is_full(caps);
        fleet.item.give_back(&runner.item.repository, 1);
        runner.item.instance_gone = true;
        let writes = vec![runner.write(), fleet.write()];
        let gone =
            Observation::InstanceGone { instance: instance.clone(), had_job: runner.item.job.is_some() };
        let ended = Ended { runner: runner.committed(), fleet: fleet.item, was_full };
        Ok(Decision::Write(writes, (Some(ended), Some(gone))))
    })
    .await?;
    if let Some(gone) = observation {
        ports.observe(gone);
    }
    Ok(ended)
}

/// Writes down why the instance of `runner` ended and tells it, once, where nobody ended it and it had no job. Gives the runner as
/// it is stored then.
pub async fn explain<P: Table + Clock + Observe>(
    ports: &P,
    runner: Stored<Runner>,
    reason: &EndReason,
) -> Result<Stored<Runner>, StoreError> {
    if !runner.item.is_unexplained() {
        return Ok(runner);
    }
    let mut explained = runner.clone();
    explained.item.ended_because = Some(reason.clone());
    if !store::commit_if_unchanged(ports, vec![explained.write()]).await? {
        // Whoever changed it tells, or the next look does.
        return Ok(runner);
    }
    ports.observe(Observation::EndedEarly {
        instance: runner.item.instance.clone(),
        after: ports.now().since(runner.item.launched_at),
        reason: reason.clone(),
    });
    Ok(explained.committed())
}

/// The caps, as they stand in a function's environment.
pub fn caps(total: Count, per_repository: Count) -> Caps {
    Caps { total: total.0.get(), per_repository: per_repository.0.get() }
}
