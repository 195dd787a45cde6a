//! Removes registrations from GitHub, which refuses while a runner has a job. Nothing is terminated before it agreed.

use std::time::Duration;

use jit_runners_model::DeploymentName;

use crate::{
    port::{Clock, Github, GithubError, Observation, Observe, Place},
    record::{Runner, RunnerName},
    retry::{GithubClass, github_class},
};

/// How often a request is tried that fails without a reason.
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
///
/// The last attempt goes first: attempts follow each other, and whoever looks again, because this was cut off, finds all
/// that are left only where none is missing before them.
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
    let Some(mut found) = lost_registrations(ports, deployment, place, runner).await else {
        return Removal::Unclear;
    };
    while let Some((name, id)) = found.pop() {
        match remove(ports, place, id).await {
            Removal::Gone => ports.observe(Observation::Zombie { name }),
            Removal::Busy => done = Removal::Busy,
            Removal::Unclear => return Removal::Unclear,
        }
    }
    done
}

/// The registrations of `runner` whose answer was lost, in the order of their attempts: name and id. `None` where GitHub does
/// not say.
async fn lost_registrations<P: Github + Observe>(
    ports: &P,
    deployment: &DeploymentName,
    place: &Place,
    runner: &Runner,
) -> Option<Vec<(String, u64)>> {
    let known = runner.registration.map(|_| runner.attempt);
    let mut found = Vec::new();
    for attempt in (1..).filter(|attempt| known != Some(*attempt)) {
        let name = RunnerName { instance: runner.instance.clone(), attempt }.text(deployment);
        match ports.find(place, &name).await {
            Ok(Some(registered)) => found.push((name, registered.id)),
            // The first that is missing after those on record is the end.
            Ok(None) if attempt > runner.attempt => break,
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
