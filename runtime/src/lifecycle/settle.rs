//! After a batch of events: publishes gaps, lets go of what is too much, and fills slots that became free.

use std::collections::BTreeSet;

use jit_runners_model::contract::{environment::LifecycleEnvironment, table::label_set_key};

use super::give_up;
use crate::{
    ending::caps,
    gap::{Group, again},
    ledger::{Ledger, publish},
    place::place,
    port::{Clock, EndInstances, Github, Observation, Observe, PublishJobs, Stored, Table},
    record::{Job, Runner},
    removal::{Removal, remove},
    store::{self, StoreError, change_fleet},
    time::Time,
};

/// What events left open.
#[derive(Debug, Default)]
pub(super) struct Unsettled {
    /// Label sets that may have a gap or a surplus.
    pub label_sets: BTreeSet<String>,
    /// Jobs as they were just written; the index may not show them yet.
    pub jobs: Vec<Stored<Job>>,
    /// Runners as they were just written.
    pub runners: Vec<Stored<Runner>>,
    /// Runners whose instances ended, as they were just written, and nobody knows why.
    pub unexplained: Vec<Stored<Runner>>,
    /// The fleet was full, and is not any more.
    pub freed: bool,
}

/// Settles it.
pub(super) async fn settle<P: Table + EndInstances + Github + PublishJobs + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    unsettled: Unsettled,
    deadline: Time,
) -> Result<(), StoreError> {
    let mut surplus = Vec::new();
    let mut missing = Vec::new();
    for label_set in &unsettled.label_sets {
        let mut group = Group::new(store::open_of_label_set(ports, label_set).await?);
        for job in unsettled.jobs.iter().filter(|job| of(job, label_set)) {
            group.learn(job.clone());
        }
        for runner in unsettled.runners.iter().filter(|runner| its(runner, label_set)) {
            group.learn(runner.clone());
        }
        let now = ports.now();
        missing.extend(group.unserved(now).into_iter().take(group.gap(now)).map(|job| again(&job.item)));
        surplus.extend(group.idle(now).into_iter().take(group.surplus(now)).cloned());
    }
    publish(ports, missing).await?;
    if unsettled.freed {
        let ledger = Ledger::read(ports).await?;
        let fleet = store::fleet(ports).await?;
        let caps = caps(settings.max_runners, settings.max_runners_per_repository);
        publish(ports, ledger.to_publish(&fleet.item, caps, ports.now())).await?;
    }
    retire(ports, settings, surplus, deadline).await
}

/// Lets go of runners that no job needs: first their registration, and only when GitHub agreed the instance.
async fn retire<P: Table + EndInstances + Github + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    surplus: Vec<Stored<Runner>>,
    deadline: Time,
) -> Result<(), StoreError> {
    let Some(first) = surplus.first() else { return Ok(()) };
    let count = u32::try_from(surplus.len()).unwrap_or(u32::MAX);
    let salt = first.item.instance.to_string();
    let promised =
        change_fleet(ports, &salt, |fleet| fleet.reserve_removals(count, ports.now(), ports.now())).await?;
    // Over GitHub's limit: a runner that finds no job ends itself.
    if promised.is_none() {
        return Ok(());
    }
    let mut retired = Vec::new();
    for runner in surplus {
        if ports.now() >= deadline {
            break;
        }
        let place = place(settings.runner_scope, &runner.item.repository);
        let removal = match runner.item.registration {
            Some(id) => remove(ports, &place, id).await,
            None => Removal::Gone,
        };
        match removal {
            Removal::Gone => retired.push(runner),
            Removal::Busy => ports.observe(Observation::Busy(runner.item.instance)),
            Removal::Unclear => {}
        }
    }
    // One that is about to be configured must not be ended under the hands of whoever does it.
    let mut ended = Vec::new();
    for runner in retired {
        if let Some(runner) = give_up(ports, runner).await? {
            ended.push(runner.item.instance);
        }
    }
    if ended.is_empty() {
        return Ok(());
    }
    if let Err(error) = ports.terminate(&ended).await {
        ports.observe(Observation::Failed { what: "runners were not ended", error: error.to_string() });
    }
    for instance in ended {
        ports.observe(Observation::Retired(instance));
    }
    Ok(())
}

fn of(job: &Stored<Job>, label_set: &str) -> bool {
    label_set_key(&job.item.job.repository, &job.item.labels) == label_set
}

fn its(runner: &Stored<Runner>, label_set: &str) -> bool {
    label_set_key(&runner.item.repository, &runner.item.labels) == label_set
}
