//! The clean-up every five minutes: `scaleDown` of `scale-runners/scale-down.ts`.
//!
//! <https://github.com/github-aws-runners/terraform-aws-github-runner/blob/main/lambdas/functions/control-plane/src/scale-runners/scale-down.ts>

use std::{collections::BTreeMap, time::Duration};

use jit_runners_runtime::port::{Clock, ComputeError, Github, GithubError, Registered};

use super::{
    fleet::{Fleet, owner},
    lists::all_runners,
};

/// `minimum_running_time_in_minutes`, with its default for Linux.
const MINIMUM_RUNNING_TIME: Duration = Duration::from_mins(5);
/// `runner_boot_time_in_minutes`, with its default.
const BOOT_TIME: Duration = Duration::from_mins(5);

/// Why a tick stopped.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stopped {
    /// GitHub did not answer.
    #[error(transparent)]
    Github(#[from] GithubError),
    /// EC2 did not answer.
    #[error(transparent)]
    Compute(#[from] ComputeError),
}

/// One tick: ends orphans of the last one, removes idle runners, and marks orphans for the next.
pub(super) async fn scale_down(fleet: &Fleet<'_>) -> Result<(), Stopped> {
    let instances = fleet.instances().await?;
    let orphans = std::mem::take(&mut fleet.tags.borrow_mut().orphans);
    for instance in instances.iter().filter(|instance| orphans.contains(&instance.id)) {
        // `lastChanceCheckOrphanRunner`: gone from GitHub, or lost with a job.
        let name = fleet.tags.borrow().runners.get(&instance.id).cloned();
        let is_orphan = match (name, owner(instance)) {
            (Some(name), Some(repository)) => {
                let place = fleet.place(&repository);
                let runner = fleet.octokit.read(|| fleet.ports.find(&place, &name)).await?;
                runner.is_none_or(|runner| !runner.online && runner.busy)
            }
            _ => true,
        };
        if is_orphan {
            // Failures are logged; the instance is marked again below.
            let _ = fleet.terminate(&instance.id).await;
        }
    }
    let mut owners: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for instance in instances.iter().filter(|instance| !orphans.contains(&instance.id)) {
        if let Some(repository) = owner(instance) {
            owners.entry(repository).or_default().push(instance);
        }
    }
    for (repository, instances) in owners {
        let runners = all_runners(fleet, &repository).await?;
        for instance in instances {
            let age = fleet.ports.now().since(instance.launched_at);
            match runners.iter().find(|runner| runner.name.ends_with(instance.id.as_str())) {
                Some(runner) if age > MINIMUM_RUNNING_TIME => {
                    let place = fleet.place(&repository);
                    if remove(fleet, &place, runner).await.unwrap_or(false) {
                        let _ = fleet.terminate(&instance.id).await;
                    }
                }
                None if age > BOOT_TIME => {
                    fleet.tags.borrow_mut().orphans.insert(instance.id.clone());
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// `removeRunner`: unless it is busy. Looked up once more, because the list may be old by now.
async fn remove(
    fleet: &Fleet<'_>,
    place: &jit_runners_runtime::port::Place,
    runner: &Registered,
) -> Result<bool, GithubError> {
    let found = fleet.octokit.read(|| fleet.ports.find(place, &runner.name)).await?;
    if found.is_some_and(|found| found.busy) {
        return Ok(false);
    }
    fleet.octokit.write(|| fleet.ports.remove(place, runner.id)).await?;
    Ok(true)
}
