//! Looks after every runner that is not closed.

use jit_runners_model::contract::{
    environment::ScaleDownEnvironment,
    table::{Key, label_set_key},
};

use super::{
    FollowUp, Survey,
    decide::{Rotation, RunnerDecision, decide_runner, run_number},
    records::close_overdue,
};
use crate::{
    port::{
        Clock, EndInstances, Github, GithubJobStatus, Observation, Observe, RegistrationTarget, Stored, Table,
    },
    record::{Caps, Job, Runner},
    store::{self, StoreError},
    teardown::{Deregistration, Ended, Presence, deregister_all, ended, explain, presence},
    time::Time,
};

/// Scale-down publishes missing runners anyway, so it need not know whether the fleet was full.
const NO_CAPS: Caps = Caps { total: u32::MAX, per_repository: u32::MAX };

/// Decides about each runner that is not closed, and carries out the decision.
pub(super) async fn look_after<P: Table + EndInstances + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    survey: &Survey,
    follow_up: &mut FollowUp,
) -> Result<(), StoreError> {
    let asking = survey.runners.iter().filter(|runner| runner.item.job.is_some() && !runner.item.job_done);
    let mut rotation = Rotation::new(asking.count(), survey.now);
    // Each run begins with another runner, so that each has its turn even if no run gets to the last one.
    let first = run_number(survey.now) % survey.runners.len().max(1);
    for runner in survey.runners.iter().cycle().skip(first).take(survey.runners.len()) {
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
                let target = RegistrationTarget::of(settings.runner_scope, &item.repository);
                if !follow_up.answers.may_ask(&target) {
                    continue;
                }
                let presence = presence(ports, &settings.deployment, &target, item).await;
                follow_up.answers.note(&target, presence.is_some());
                let Some(presence) = presence else { continue };
                give_up(ports, settings, runner, false, presence == Presence::Online, follow_up).await?;
            }
            RunnerDecision::TooOld => {
                ports.observe(Observation::TooOld(item.instance.clone()));
                give_up(ports, settings, runner, true, false, follow_up).await?;
            }
            RunnerDecision::Terminate => drop(follow_up.to_terminate.insert(item.instance.clone())),
            RunnerDecision::Close => close(ports, runner, survey.now).await?,
            RunnerDecision::RemoveRegistrations => {
                remove_registrations(ports, settings, runner, follow_up).await?;
            }
            RunnerDecision::AskForJob => {
                if rotation.takes_next() {
                    ask_for_job(ports, settings, runner, follow_up).await?;
                }
            }
        }
    }
    Ok(())
}

/// Removes the registration. Then it marks the instance for termination, unless the runner listens and so ends itself. A
/// runner with a job is left alone, unless it is too old.
async fn give_up<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    runner: &Stored<Runner>,
    busy_or_not: bool,
    ends_itself: bool,
    follow_up: &mut FollowUp,
) -> Result<(), StoreError> {
    let removal = deregister(ports, settings, runner, follow_up).await;
    if removal != Deregistration::Gone && !busy_or_not {
        if removal == Deregistration::Busy {
            ports.observe(Observation::Busy(runner.item.instance.clone()));
        }
        return Ok(());
    }
    let mut runner = runner.clone();
    runner.item.given_up = true;
    runner.item.ends_itself |= ends_itself;
    runner.item.registration_gone |= removal == Deregistration::Gone;
    if !store::commit_if_unchanged(ports, vec![runner.write()]).await? {
        // It has changed in the meantime. The next run decides again.
        return Ok(());
    }
    if !ends_itself {
        follow_up.to_terminate.insert(runner.item.instance.clone());
    }
    if runner.item.job.is_none() {
        follow_up.lost(runner.committed());
    }
    Ok(())
}

/// Closes the record of a runner that is overdue.
async fn close<P: Table + Clock + Observe>(
    ports: &P,
    runner: &Stored<Runner>,
    now: Time,
) -> Result<(), StoreError> {
    let Some(Ended { mut runner, .. }) = ended(ports, &runner.item.instance, NO_CAPS).await? else {
        return Ok(());
    };
    runner.item.registration_gone = true;
    let age = now.since(runner.item.launched_at);
    close_overdue(ports, runner, age).await
}

/// Removes the registrations of a runner, unless GitHub has given no clear answer at this place for a while.
async fn deregister<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    runner: &Stored<Runner>,
    follow_up: &mut FollowUp,
) -> Deregistration {
    let target = RegistrationTarget::of(settings.runner_scope, &runner.item.repository);
    if !follow_up.answers.may_ask(&target) {
        return Deregistration::Unclear;
    }
    let removal = deregister_all(ports, &settings.deployment, &target, &runner.item).await;
    follow_up.answers.note(&target, removal != Deregistration::Unclear);
    removal
}

async fn remove_registrations<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    runner: &Stored<Runner>,
    follow_up: &mut FollowUp,
) -> Result<(), StoreError> {
    match deregister(ports, settings, runner, follow_up).await {
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
    let status = found.map(|found| found.status);
    let Some(mut record) = store::get::<Job>(ports, &Key::job(job)).await? else { return Ok(()) };
    let was_open = record.item.is_open();
    let before = record.item.state;
    let lost =
        matches!(status, Some(GithubJobStatus::Queued | GithubJobStatus::Held)) && runner.item.instance_gone;
    match status {
        Some(GithubJobStatus::Completed) => record.item.seen(GithubJobStatus::Completed, ports.now()),
        Some(_) if lost => record.item.queue_again(),
        Some(_) => return Ok(()),
        None if was_open => record.item.missed(ports.now()),
        None => {}
    }
    // The runner takes no other job. Once this one is over or was given to another runner, the runner is done.
    let mut runner = runner.clone();
    runner.item.job_done = lost || !record.item.is_open();
    let is_done = runner.item.job_done;
    let writes = if is_done { vec![runner.write()] } else { Vec::new() };
    let written = follow_up.write_job(ports, record, before, writes).await?;
    let runner = if is_done { runner.committed() } else { runner };
    // It may take long until GitHub says how a job ended that it does not show now. The registration need not wait for that.
    let may_remove = is_done || status.is_none() && !runner.item.registration_gone;
    if written && may_remove && runner.item.instance_gone {
        remove_registrations(ports, settings, &runner, follow_up).await?;
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
