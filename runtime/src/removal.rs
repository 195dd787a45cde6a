//! Removes registrations from GitHub, which refuses while a runner has a job. Nothing is terminated before it agreed.

use std::time::Duration;

use jit_runners_model::DeploymentName;

use crate::{
    port::{Clock, Github, GithubError, Observation, Observe, Place},
    record::{Runner, RunnerName},
    retry::{GithubClass, github_class},
};

/// So often is a request tried that fails without a reason.
const TRIES: u32 = 3;

/// What GitHub said to a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// There is no such registration any more: no job can reach the runner.
    Gone,
    /// The runner has a job: hands off.
    Busy,
    /// No answer, or a limit: look again later.
    Unclear,
}

/// Removes one registration.
pub async fn remove<P: Github + Clock + Observe>(ports: &P, place: &Place, runner_id: u64) -> Removal {
    for tries in 0..TRIES {
        match ports.remove(place, runner_id).await {
            Ok(()) => return Removal::Gone,
            Err(error) => match github_class(&error, ports.now()) {
                GithubClass::Gone => return Removal::Gone,
                GithubClass::Busy => return Removal::Busy,
                GithubClass::Again => {
                    ports.sleep_until(ports.now() + Duration::from_millis(250 << tries)).await;
                }
                GithubClass::Wait(_) | GithubClass::NameTaken | GithubClass::Fatal => {
                    unclear(ports, &error);
                    return Removal::Unclear;
                }
            },
        }
    }
    Removal::Unclear
}

/// Removes every registration that `runner` may have: the one that is known, and those whose answer was lost. Their names
/// are known, because attempts are counted. One that is busy does not keep the others from being removed.
pub async fn remove_all<P: Github + Clock + Observe>(
    ports: &P,
    deployment: &DeploymentName,
    place: &Place,
    runner: &Runner,
) -> Removal {
    let mut done = Removal::Gone;
    if let Some(id) = runner.registration {
        done = remove(ports, place, id).await;
        if done == Removal::Unclear {
            return done;
        }
    }
    let known = runner.registration.map(|_| runner.attempt);
    for attempt in 1.. {
        if known == Some(attempt) {
            continue;
        }
        let name = RunnerName { instance: runner.instance.clone(), attempt }.text(deployment);
        match ports.find(place, &name).await {
            Ok(Some(found)) => match remove(ports, place, found.id).await {
                Removal::Gone => ports.observe(Observation::Zombie { name }),
                Removal::Busy => done = Removal::Busy,
                Removal::Unclear => return Removal::Unclear,
            },
            // Attempts follow each other, so the first that is missing after those on record is the end.
            Ok(None) if attempt > runner.attempt => return done,
            Ok(None) => {}
            Err(error) => {
                unclear(ports, &error);
                return Removal::Unclear;
            }
        }
    }
    Removal::Unclear
}

fn unclear(ports: &impl Observe, error: &GithubError) {
    ports.observe(Observation::Failed { what: "a registration was not removed", error: error.to_string() });
}
