//! Looks after every runner that is not closed.

use jit_runners_model::contract::{
    environment::ScaleDownEnvironment,
    table::{JobState, Key, label_set_key},
};

use super::{
    Remains, Survey,
    decide::{RunnerTask, runner_task},
    turn::Turn,
};
use crate::{
    ending::{ended, explain},
    gap::state_at_github,
    place::place,
    port::{Clock, EndInstances, Github, Observation, Observe, Stored, Table},
    record::{Caps, Job, Runner},
    removal::{Removal, remove_all},
    store::{self, StoreError},
};

/// Scale-down publishes what is missing anyway, so it need not know whether the fleet was full.
const NO_CAPS: Caps = Caps { total: u32::MAX, per_repository: u32::MAX };

pub(super) async fn look_after<P: Table + EndInstances + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    survey: &Survey,
    remains: &mut Remains,
) -> Result<(), StoreError> {
    let asking = survey.runners.iter().filter(|runner| runner.item.job.is_some() && !runner.item.job_done);
    let mut turn = Turn::new(asking.count(), survey.now);
    for runner in &survey.runners {
        if ports.now() >= survey.deadline {
            return Ok(());
        }
        let shown = survey.instances.as_deref().unwrap_or_default();
        let instance = shown.iter().find(|instance| instance.id == runner.item.instance);
        let reason = instance.and_then(|instance| instance.ended.as_ref());
        let runner = &match reason {
            Some(reason) => explain(ports, runner.clone(), reason).await?,
            None => runner.clone(),
        };
        let item = &runner.item;
        let task = runner_task(item, instance, survey.instances.is_some(), survey.limits, survey.now);
        match task {
            RunnerTask::Leave => {}
            RunnerTask::Ended => {
                if let Some(ended) = ended(ports, &item.instance, NO_CAPS).await?
                    && ended.runner.item.job.is_none()
                {
                    let runner = match reason {
                        Some(reason) => explain(ports, ended.runner, reason).await?,
                        None => ended.runner,
                    };
                    remains.lost(runner);
                }
            }
            RunnerTask::Stale => {
                ports.observe(Observation::Stale(item.instance.clone()));
                give_up(ports, settings, runner, false, remains).await?;
            }
            RunnerTask::TooOld => {
                ports.observe(Observation::TooOld(item.instance.clone()));
                give_up(ports, settings, runner, true, remains).await?;
            }
            RunnerTask::Terminate => drop(remains.doomed.insert(item.instance.clone())),
            RunnerTask::RemoveRegistrations => remove_registrations(ports, settings, runner).await?,
            RunnerTask::AskForJob => {
                if turn.asks() {
                    ask_for_job(ports, settings, runner, remains).await?;
                }
            }
        }
    }
    Ok(())
}

/// Removes the registration, then dooms the instance; one that has a job is left, unless its time is up.
async fn give_up<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    runner: &Stored<Runner>,
    busy_or_not: bool,
    remains: &mut Remains,
) -> Result<(), StoreError> {
    let place = place(settings.runner_scope, &runner.item.repository);
    let removal = remove_all(ports, &settings.deployment, &place, &runner.item).await;
    if removal != Removal::Gone && !busy_or_not {
        if removal == Removal::Busy {
            ports.observe(Observation::Busy(runner.item.instance.clone()));
        }
        return Ok(());
    }
    let mut runner = runner.clone();
    runner.item.given_up = true;
    runner.item.registration_gone |= removal == Removal::Gone;
    if !store::commit_if_unchanged(ports, vec![runner.write()]).await? {
        // Whatever happened to it, the next run looks again.
        return Ok(());
    }
    remains.doomed.insert(runner.item.instance.clone());
    if runner.item.job.is_none() {
        remains.lost(runner.committed());
    }
    Ok(())
}

async fn remove_registrations<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    runner: &Stored<Runner>,
) -> Result<(), StoreError> {
    let place = place(settings.runner_scope, &runner.item.repository);
    match remove_all(ports, &settings.deployment, &place, &runner.item).await {
        Removal::Gone => {
            let mut runner = runner.clone();
            runner.item.registration_gone = true;
            // What changed meanwhile is looked at again in the next run.
            store::commit_if_unchanged(ports, vec![runner.write()]).await.map(drop)
        }
        // GitHub has not noticed yet that the machine is gone.
        Removal::Busy | Removal::Unclear => Ok(()),
    }
}

/// The instance is gone in the middle of a job, or the event of the job's end may have been lost.
async fn ask_for_job<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    runner: &Stored<Runner>,
    remains: &mut Remains,
) -> Result<(), StoreError> {
    let Some(job) = &runner.item.job else { return Ok(()) };
    let Ok(found) = ports.job(job).await else { return Ok(()) };
    let state = state_at_github(found.as_ref());
    let lost = state == JobState::Queued && runner.item.instance_gone;
    if state != JobState::Completed && !lost {
        return Ok(());
    }
    let Some(record) = store::get::<Job>(ports, &Key::job(job)).await? else { return Ok(()) };
    // The runner has no other job to come: whatever becomes of this one, it is done with it.
    let mut runner = runner.clone();
    runner.item.job_done = true;
    let written = remains.settled(ports, record, state, vec![runner.write()]).await?;
    if written && runner.item.instance_gone {
        remove_registrations(ports, settings, &runner.committed()).await?;
    }
    Ok(())
}

impl Remains {
    /// A runner will take no job any more.
    fn lost(&mut self, runner: Stored<Runner>) {
        self.label_sets.insert(label_set_key(&runner.item.repository, &runner.item.labels));
        self.changed.push(runner);
    }
}
