//! One launch for each webhook, and a clean-up every five minutes: the functions of `github-aws-runners`.
//!
//! `scaleUp` of `scale-runners/scale-up.ts`, with its handler in `lambda.ts`
//! (<https://github.com/github-aws-runners/terraform-aws-github-runner/blob/main/lambdas/functions/control-plane/src/scale-runners/scale-up.ts>),
//! and `scaleDown` of `scale-runners/scale-down.ts`
//! (<https://github.com/github-aws-runners/terraform-aws-github-runner/blob/main/lambdas/functions/control-plane/src/scale-runners/scale-down.ts>).

use std::{collections::BTreeMap, time::Duration};

use jit_runners_model::contract::message::{JobChange, JobEvent, JobMessage, JobRef, VERSION};
use jit_runners_runtime::port::{
    Clock, ComputeError, Github, GithubError, GithubJobStatus, PublishEvents, PublishJobs, Registered,
    RegistrationTarget,
};

use super::{
    fleet::{Fleet, owner},
    lists::all_runners,
};

/// `minimum_running_time_in_minutes`, with its default for Linux.
const MINIMUM_RUNNING_TIME: Duration = Duration::from_mins(5);
/// `runner_boot_time_in_minutes`, with its default.
const BOOT_TIME: Duration = Duration::from_mins(5);
/// Marks a message for a second check, as opposed to an event of GitHub.
const RETRY: &str = "retry";

/// Works on a batch; returns which messages go back to the queue.
///
/// An error of GitHub while jobs are checked ends the batch, and its messages are lost: "Error processing batch ..,
/// ignoring batch" in `lambda.ts`. Messages for which no runner could be launched or registered go back.
pub(super) async fn scale_up(
    fleet: &Fleet<'_>,
    messages: Vec<(String, JobMessage)>,
    only_if_queued: bool,
    retry: bool,
) -> Vec<String> {
    let mut rejected = Vec::new();
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (id, message) in messages {
        groups
            .entry((message.job.repository.clone(), message.labels.clone()))
            .or_default()
            .push((id, message));
    }
    for ((repository, labels), group) in groups {
        let mut wanted = Vec::new();
        for (id, message) in group {
            match is_job_queued(fleet, &message.job, only_if_queued).await {
                Ok(true) => wanted.push((id, message)),
                Ok(false) => {}
                Err(_) => return rejected,
            }
        }
        if wanted.is_empty() {
            continue;
        }
        let Ok(running) = fleet.running(&repository).await else { return rejected };
        let room = fleet.maximum().saturating_sub(running.len());
        let launched = match wanted.len().min(room) {
            0 => 0,
            count => fleet.create_runners(&repository, &labels, count).await,
        };
        rejected.extend(wanted.drain(..wanted.len() - launched).map(|(id, _)| id));
        if retry {
            publish_retries(fleet, wanted).await;
        }
    }
    rejected
}

/// `isJobQueued`, if it is to be asked.
async fn is_job_queued(fleet: &Fleet<'_>, job: &JobRef, asked: bool) -> Result<bool, GithubError> {
    if !asked {
        return Ok(true);
    }
    let job = fleet.octokit.read(|| fleet.ports.job(job)).await?;
    Ok(job.is_some_and(|job| job.status == GithubJobStatus::Queued))
}

/// `publishRetryMessage` of `job-retry.ts`: each job is checked once more, five minutes later. That queue is the
/// world's second one, whose messages are delayed by that time.
async fn publish_retries(fleet: &Fleet<'_>, messages: Vec<(String, JobMessage)>) {
    for (_, JobMessage { job, labels, .. }) in messages.into_iter().filter(|(_, it)| it.re_enqueued == 0) {
        let change =
            JobChange::Completed { runner_name: None, runner_id: None, conclusion: RETRY.to_owned() };
        let at = fleet.ports.now().as_millis();
        // Failures are logged.
        let _ = fleet.ports.publish_event(JobEvent { version: VERSION, job, labels, change, at }).await;
    }
}

/// `checkAndRetryJob` of `job-retry.ts`. Errors are logged, and the message is gone.
pub(super) async fn check_and_retry(fleet: &Fleet<'_>, event: JobEvent) {
    let JobEvent { version, job, labels, at, .. } = event;
    if is_job_queued(fleet, &job, true).await.unwrap_or(false) {
        let message = JobMessage { version, job, labels, queued_at: at, received_at: 0, re_enqueued: 1 };
        let _ = fleet.ports.publish_jobs(vec![message]).await;
    }
}

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

/// One tick: terminates the orphans of the last tick, removes idle runners, and marks orphans for the next one.
pub(super) async fn scale_down(fleet: &Fleet<'_>) -> Result<(), Stopped> {
    let instances = fleet.instances().await?;
    let orphans = std::mem::take(&mut fleet.tags.borrow_mut().orphans);
    for instance in instances.iter().filter(|instance| orphans.contains(&instance.id)) {
        // `lastChanceCheckOrphanRunner`: gone from GitHub, or lost with a job.
        let name = fleet.tags.borrow().runners.get(&instance.id).cloned();
        let is_orphan = match (name, owner(instance)) {
            (Some(name), Some(repository)) => {
                let target = fleet.target(&repository);
                let runner = fleet.octokit.read(|| fleet.ports.find(&target, &name)).await?;
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
                    let target = fleet.target(&repository);
                    if remove(fleet, &target, runner).await.unwrap_or(false) {
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

/// `removeRunner`, unless it is busy. It is looked up once more, because the list may be out of date.
async fn remove(
    fleet: &Fleet<'_>,
    target: &RegistrationTarget,
    runner: &Registered,
) -> Result<bool, GithubError> {
    let found = fleet.octokit.read(|| fleet.ports.find(target, &runner.name)).await?;
    if found.is_some_and(|found| found.busy) {
        return Ok(false);
    }
    fleet.octokit.write(|| fleet.ports.remove(target, runner.id)).await?;
    Ok(true)
}
