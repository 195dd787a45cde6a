//! Looks after every runner that is not closed, and removes registrations that no record knows.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::contract::{
    environment::ScaleDownEnvironment,
    schedule::SCALE_DOWN_RATE,
    table::{JobState, Key, OpenKind, label_set_key},
};

use super::{
    FollowUp, Survey,
    decide::{Rotation, RunnerDecision, decide_runner},
};
use crate::{
    gap::state_at_github,
    port::{Clock, EndInstances, Github, Observation, Observe, RegistrationTarget, Stored, Table},
    record::{Caps, Job, Runner, RunnerName, Visit},
    store::{self, StoreError},
    teardown::{Deregistration, deregister, deregister_all},
    teardown::{ended, explain},
    time::duration,
};

/// Scale-down publishes missing runners anyway, so it need not know whether the fleet was full.
const NO_CAPS: Caps = Caps { total: u32::MAX, per_repository: u32::MAX };
/// Targets that are checked in one run. Runners' records keep track of registrations, so this finds only those that
/// no record can know.
const TARGETS: usize = 2;
/// Runners of a page.
const PAGE: usize = 100;
/// If less than this share of the rate limit is left, nothing is looked for.
const LEFT: u32 = 5;

/// Decides about each runner that is not closed, and carries out the decision.
pub(super) async fn look_after<P: Table + EndInstances + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    survey: &Survey,
    follow_up: &mut FollowUp,
) -> Result<(), StoreError> {
    let asking = survey.runners.iter().filter(|runner| runner.item.job.is_some() && !runner.item.job_done);
    let mut rotation = Rotation::new(asking.count(), survey.now);
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
        let task = decide_runner(item, instance, survey.instances.is_some(), survey.limits, survey.now);
        match task {
            RunnerDecision::Leave => {}
            RunnerDecision::Ended => {
                if let Some(ended) = ended(ports, &item.instance, NO_CAPS).await?
                    && ended.runner.item.job.is_none()
                {
                    let runner = match reason {
                        Some(reason) => explain(ports, ended.runner, reason).await?,
                        None => ended.runner,
                    };
                    follow_up.lost(runner);
                }
            }
            RunnerDecision::Stale => {
                ports.observe(Observation::Stale(item.instance.clone()));
                give_up(ports, settings, runner, false, follow_up).await?;
            }
            RunnerDecision::TooOld => {
                ports.observe(Observation::TooOld(item.instance.clone()));
                give_up(ports, settings, runner, true, follow_up).await?;
            }
            RunnerDecision::Terminate => drop(follow_up.to_terminate.insert(item.instance.clone())),
            RunnerDecision::RemoveRegistrations => remove_registrations(ports, settings, runner).await?,
            RunnerDecision::AskForJob => {
                if rotation.takes_next() {
                    ask_for_job(ports, settings, runner, follow_up).await?;
                }
            }
        }
    }
    Ok(())
}

/// Removes the registration, then marks the instance for termination. A runner with a job is left alone, unless it is
/// too old.
async fn give_up<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    runner: &Stored<Runner>,
    busy_or_not: bool,
    follow_up: &mut FollowUp,
) -> Result<(), StoreError> {
    let target = RegistrationTarget::of(settings.runner_scope, &runner.item.repository);
    let removal = deregister_all(ports, &settings.deployment, &target, &runner.item).await;
    if removal != Deregistration::Gone && !busy_or_not {
        if removal == Deregistration::Busy {
            ports.observe(Observation::Busy(runner.item.instance.clone()));
        }
        return Ok(());
    }
    let mut runner = runner.clone();
    runner.item.given_up = true;
    runner.item.registration_gone |= removal == Deregistration::Gone;
    if !store::commit_if_unchanged(ports, vec![runner.write()]).await? {
        // It has changed in the meantime. The next run decides again.
        return Ok(());
    }
    follow_up.to_terminate.insert(runner.item.instance.clone());
    if runner.item.job.is_none() {
        follow_up.lost(runner.committed());
    }
    Ok(())
}

async fn remove_registrations<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    runner: &Stored<Runner>,
) -> Result<(), StoreError> {
    let target = RegistrationTarget::of(settings.runner_scope, &runner.item.repository);
    match deregister_all(ports, &settings.deployment, &target, &runner.item).await {
        Deregistration::Gone => {
            let mut runner = runner.clone();
            runner.item.registration_gone = true;
            // If it has changed since it was read, the next run decides again.
            store::commit_if_unchanged(ports, vec![runner.write()]).await.map(drop)
        }
        // GitHub has not noticed yet that the instance is gone.
        Deregistration::Busy | Deregistration::Unclear => Ok(()),
    }
}

/// Asks GitHub about the runner's job: the instance ended during the job, or the event of the job's end may be lost.
async fn ask_for_job<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    runner: &Stored<Runner>,
    follow_up: &mut FollowUp,
) -> Result<(), StoreError> {
    let Some(job) = &runner.item.job else { return Ok(()) };
    let Ok(found) = ports.job(job).await else { return Ok(()) };
    let state = state_at_github(found.as_ref());
    let lost = state == JobState::Queued && runner.item.instance_gone;
    if state != JobState::Completed && !lost {
        return Ok(());
    }
    let Some(record) = store::get::<Job>(ports, &Key::job(job)).await? else { return Ok(()) };
    // The runner takes no other job. Whatever happens to this one, the runner is done.
    let mut runner = runner.clone();
    runner.item.job_done = true;
    let written = follow_up.write_job(ports, record, state, vec![runner.write()]).await?;
    if written && runner.item.instance_gone {
        remove_registrations(ports, settings, &runner.committed()).await?;
    }
    Ok(())
}

impl FollowUp {
    /// Notes that a runner will take no job any more.
    fn lost(&mut self, runner: Stored<Runner>) {
        self.label_sets.insert(label_set_key(&runner.item.repository, &runner.item.labels));
        self.changed.push(runner);
    }
}

/// Removes registrations that no record knows, at a few targets in each run.
pub(super) async fn remove_strays<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    survey: &Survey,
) -> Result<(), StoreError> {
    if ports.rate_limit().is_some_and(|limit| limit.remaining < limit.limit / LEFT) {
        return Ok(());
    }
    let visits = store::open_of_kind::<Visit>(ports, OpenKind::Repository).await?;
    let targets: BTreeSet<RegistrationTarget> = visits
        .iter()
        .map(|visit| RegistrationTarget::of(settings.runner_scope, &visit.item.repository))
        .collect();
    let targets: Vec<_> = targets.into_iter().collect();
    if targets.is_empty() {
        return Ok(());
    }
    let run = survey.now.as_millis() / u64::try_from(duration(SCALE_DOWN_RATE).as_millis()).unwrap_or(1);
    let first = usize::try_from(run).unwrap_or(0) * TARGETS % targets.len();
    for target in targets.iter().cycle().skip(first).take(TARGETS.min(targets.len())) {
        if ports.now() + Duration::from_secs(10) > survey.deadline {
            return Ok(());
        }
        remove_strays_of(ports, settings, target).await?;
    }
    Ok(())
}

async fn remove_strays_of<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    target: &RegistrationTarget,
) -> Result<(), StoreError> {
    for page in 1.. {
        let Ok(found) = ports.runners(target, page).await else { return Ok(()) };
        let last = found.len() < PAGE;
        for registered in found.into_iter().filter(|runner| !runner.online && !runner.busy) {
            let Some(name) = RunnerName::parse(&registered.name, &settings.deployment) else { continue };
            let record = store::get::<Runner>(ports, &Key::runner(name.instance.as_str())).await?;
            // While a record is open, others take care of the registration.
            if record.is_some_and(|record| record.item.is_open()) {
                continue;
            }
            if deregister(ports, target, registered.id).await == Deregistration::Gone {
                ports.observe(Observation::Zombie { name: registered.name });
            }
        }
        if last {
            break;
        }
    }
    Ok(())
}
