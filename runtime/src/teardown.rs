//! How a runner ends: GitHub removes its registration; the end of its instance, and the reason for it, are stored
//! once.
//!
//! GitHub refuses to remove a runner that has a job. So it is asked first, and nothing is terminated before it has
//! agreed.

use std::time::Duration;

use jit_runners_model::{DeploymentName, contract::table::Key};

use crate::{
    port::{Clock, Github, GithubError, Observation, Observe, RegistrationTarget, Stored, Table},
    record::{Caps, EndReason, Fleet, InstanceId, Runner, RunnerName},
    retry::{GithubClass, github_class},
    store::{self, StoreError, Transaction, change_fleet},
};

/// How often a request without an answer is made.
const TRIES: u32 = 3;

/// What GitHub said to a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deregistration {
    /// There is no such registration any more, so no job can reach the runner.
    Gone,
    /// The runner has a job and must be left alone.
    Busy,
    /// No answer, or a rate limit: try again later.
    Unclear,
}

/// Removes one registration, the one of `runner_id` under `name`. Each further request is reserved, as many removals may fail at the
/// same time.
pub async fn deregister<P: Table + Github + Clock + Observe>(
    ports: &P,
    target: &RegistrationTarget,
    name: &str,
    runner_id: u64,
) -> Deregistration {
    for tries in 1..=TRIES {
        match ports.remove(target, runner_id).await {
            Ok(()) => return Deregistration::Gone,
            Err(error) => match github_class(&error, ports.now()) {
                GithubClass::Gone => return proven_gone(ports, target, name, runner_id).await,
                GithubClass::Busy => return Deregistration::Busy,
                GithubClass::Again if tries < TRIES => {
                    ports.sleep_until(ports.now() + Duration::from_millis(250 << tries)).await;
                    let now = ports.now();
                    let reserved =
                        change_fleet(ports, name, |fleet| fleet.reserve_removals(1, now, now)).await;
                    if !matches!(reserved, Ok(Some(_))) {
                        return Deregistration::Unclear;
                    }
                }
                GithubClass::Again | GithubClass::Wait(_) | GithubClass::NameTaken | GithubClass::Fatal => {
                    unclear(ports, &error);
                    return Deregistration::Unclear;
                }
            },
        }
    }
    Deregistration::Unclear
}

/// Whether a registration is gone that GitHub did not find. A lost permission looks the same, and then the runner may have a job.
async fn proven_gone<P: Github + Observe>(
    ports: &P,
    target: &RegistrationTarget,
    name: &str,
    runner_id: u64,
) -> Deregistration {
    match ports.find(target, name).await {
        Ok(found) if found.as_ref().is_none_or(|found| found.id != runner_id) => Deregistration::Gone,
        Ok(_) => Deregistration::Unclear,
        Err(error) => {
            unclear(ports, &error);
            Deregistration::Unclear
        }
    }
}

/// Removes every registration that `runner` may have: the known one, and those whose answer was lost. Their names
/// follow from the number of attempts. If one is busy, the others are still removed.
///
/// The last attempt is removed first. If this is cut off, a later search goes through the attempts in order and stops
/// at the first that is missing, so none may be missing before those that are left.
pub async fn deregister_all<P: Table + Github + Clock + Observe>(
    ports: &P,
    deployment: &DeploymentName,
    target: &RegistrationTarget,
    runner: &Runner,
) -> Deregistration {
    let mut done = Deregistration::Gone;
    if let Some(id) = runner.registration {
        let name = RunnerName { instance: runner.instance.clone(), attempt: runner.attempt };
        done = deregister(ports, target, &name.text(deployment), id).await;
        if done == Deregistration::Unclear {
            return done;
        }
    }
    let Some(mut found) = lost_registrations(ports, deployment, target, runner).await else {
        return Deregistration::Unclear;
    };
    while let Some((name, id)) = found.pop() {
        match deregister(ports, target, &name, id).await {
            Deregistration::Gone => ports.observe(Observation::Zombie { name }),
            Deregistration::Busy => done = Deregistration::Busy,
            Deregistration::Unclear => return Deregistration::Unclear,
        }
    }
    done
}

/// The registrations of `runner` whose answer was lost, in the order of their attempts: name and id. `None` if GitHub
/// does not answer.
async fn lost_registrations<P: Github + Observe>(
    ports: &P,
    deployment: &DeploymentName,
    target: &RegistrationTarget,
    runner: &Runner,
) -> Option<Vec<(String, u64)>> {
    let known = runner.registration.map(|_| runner.attempt);
    // GitHub may have called a name taken that nobody has, so the search goes on behind those.
    let last_tried = runner.attempt.max(runner.names_taken);
    let mut found = Vec::new();
    for attempt in (1..).filter(|attempt| known != Some(*attempt)) {
        let name = RunnerName { instance: runner.instance.clone(), attempt }.text(deployment);
        match ports.find(target, &name).await {
            Ok(Some(registered)) => found.push((name, registered.id)),
            Ok(None) if attempt > last_tried => break,
            Ok(None) => {}
            Err(error) => {
                unclear(ports, &error);
                return None;
            }
        }
    }
    Some(found)
}

fn unclear(ports: &impl Observe, error: &GithubError) {
    ports.observe(Observation::Failed { what: "a registration was not removed", error: error.to_string() });
}

/// What GitHub shows of a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It listens. GitHub may give it a job at any moment, and for some seconds afterwards accepts its removal.
    Online,
    /// It does not listen, so it gets no job.
    Offline,
    /// It has no registration, or none any more: it was removed, or had its job.
    Unregistered,
}

/// What GitHub shows of `runner`; `None` if GitHub does not answer.
pub async fn presence<P: Github + Observe>(
    ports: &P,
    deployment: &DeploymentName,
    target: &RegistrationTarget,
    runner: &Runner,
) -> Option<Presence> {
    if runner.registration.is_none() {
        return Some(Presence::Unregistered);
    }
    let name = RunnerName { instance: runner.instance.clone(), attempt: runner.attempt };
    match ports.find(target, &name.text(deployment)).await {
        Ok(Some(found)) if found.online => Some(Presence::Online),
        Ok(Some(_)) => Some(Presence::Offline),
        Ok(None) => Some(Presence::Unregistered),
        Err(error) => {
            ports.observe(Observation::Failed {
                what: "whether a runner listens was not learned",
                error: error.to_string(),
            });
            None
        }
    }
}

/// Stores that `runner` is given up, and whether it may listen and therefore ends itself. `None` if it has changed since
/// it was read.
pub async fn give_up<P: Table + Clock>(
    ports: &P,
    mut runner: Stored<Runner>,
    ends_itself: bool,
) -> Result<Option<Stored<Runner>>, StoreError> {
    runner.item.given_up = true;
    runner.item.ends_itself |= ends_itself;
    // Only a runner with one attempt surely has no other registration. Scale-down looks for those of the others.
    runner.item.registration_gone |= runner.item.registration.is_some() && runner.item.attempt <= 1;
    let written = store::commit_if_unchanged(ports, vec![runner.write()]).await?;
    Ok(written.then(|| runner.committed()))
}

/// What is known after the end of an instance.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The runner that lived on it.
    pub runner: Stored<Runner>,
    /// The fleet without it.
    pub fleet: Fleet,
    /// The fleet was full until now.
    pub was_full: bool,
}

/// Stores that `instance` has ended. `None` if it has no record.
pub async fn ended<P: Table + Clock + Observe>(
    ports: &P,
    instance: &InstanceId,
    caps: Caps,
) -> Result<Option<Ended>, StoreError> {
    let (ended, observation) = store::transact(ports, instance.as_str(), async |_| {
        let found = store::get::<Runner>(ports, &Key::runner(instance.as_str())).await?;
        let Some(mut runner) = found else { return Ok(Transaction::Done((None, None))) };
        let mut fleet = store::fleet(ports).await?;
        if runner.item.instance_gone {
            let known = Ended { runner, fleet: fleet.item, was_full: false };
            return Ok(Transaction::Done((Some(known), None)));
        }
        let was_full = fleet.item.is_full(caps);
        fleet.item.give_back(&runner.item.repository, 1);
        runner.item.instance_gone = true;
        let writes = vec![runner.write(), fleet.write()];
        let gone =
            Observation::InstanceGone { instance: instance.clone(), had_job: runner.item.job.is_some() };
        let ended = Ended { runner: runner.committed(), fleet: fleet.item, was_full };
        Ok(Transaction::Write(writes, (Some(ended), Some(gone))))
    })
    .await?;
    if let Some(gone) = observation {
        ports.observe(gone);
    }
    Ok(ended)
}

/// Stores and reports, once, why the instance of `runner` ended, if nobody terminated it and it had no job. Returns
/// the runner as it is then stored.
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
        // Whoever changed it reports the reason, or the next event or run does.
        return Ok(runner);
    }
    ports.observe(Observation::EndedEarly {
        instance: runner.item.instance.clone(),
        after: ports.now().since(runner.item.launched_at),
        reason: reason.clone(),
    });
    Ok(explained.committed())
}

#[cfg(test)]
mod tests;
