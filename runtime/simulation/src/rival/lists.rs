//! Counts demand and supply from GitHub's lists, on each webhook of a repository.
//!
//! Counted as `suggestReplicasByQueuedAndInProgressWorkflowRuns` does: the runs that are queued or in progress, and
//! the jobs of each
//! (<https://github.com/actions/actions-runner-controller/blob/master/controllers/actions.summerwind.net/autoscaling.go>).
//! The difference to the instances whose runners have no job is launched, as
//! <https://github.com/devopsfactory-io/jit-runners/blob/main/lambda/internal/rebalancer/rebalancer.go> does once a
//! minute. As in a Kubernetes controller, one worker at a time counts a repository, and once more if something
//! happened in the meantime. Failures are retried. Many runners are launched in rounds.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::{
    Label,
    contract::message::{JobChange, JobEvent, JobMessage, Repository},
};
use jit_runners_runtime::{
    port::{
        Clock, Etagged, Github, GithubError, GithubJobStatus, Page, PublishEvents, Registered, Run, RunStatus,
    },
    time::Time,
};

use super::fleet::{Fleet, name};

/// What is remembered between webhooks.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Repositories that are being counted, and whether something happened there in the meantime.
    busy: BTreeMap<Repository, bool>,
    /// Lists of runs with their etags: the source's client caches answers by etag.
    runs: BTreeMap<(Repository, RunStatus), (String, Vec<Run>)>,
}

/// Runners that are launched at once: as many as one invocation can register.
const AT_ONCE: usize = 25;
/// The time that this takes, with the count before it.
const ROUND: Duration = Duration::from_secs(20);

/// A webhook of a queued job, as the second queue holds it.
pub(super) fn event(message: JobMessage) -> JobEvent {
    let JobMessage { version, job, labels, queued_at, .. } = message;
    let change = JobChange::Completed { runner_name: None, runner_id: None, conclusion: String::new() };
    JobEvent { version, job, labels, change, at: queued_at }
}

/// Counts each repository; returns which messages go back to the queue.
pub(super) async fn scale_up(
    fleet: &Fleet<'_>,
    counts: &RefCell<Counts>,
    messages: Vec<(String, JobEvent)>,
    deadline: Time,
) -> Vec<String> {
    let mut repositories: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (id, event) in messages {
        repositories.entry(event.job.repository.clone()).or_default().push((id, event));
    }
    let mut failed = Vec::new();
    for (repository, mut events) in repositories {
        let Some(turn) = CountLock::take(counts, &repository) else { continue };
        loop {
            if fleet.ports.now() + ROUND > deadline {
                // No time is left: the next invocation goes on.
                if let Some((_, event)) = events.pop() {
                    // Failures are logged; the next webhook has it counted.
                    let _ = fleet.ports.publish_event(event).await;
                }
                break;
            }
            turn.begin();
            match reconcile(fleet, counts, &repository).await {
                Ok(Gap::Closed) if !turn.is_asked_again() => break,
                Ok(Gap::Closed | Gap::Open) => {}
                Ok(Gap::Stuck) | Err(_) => {
                    failed.extend(events.into_iter().map(|(id, _)| id));
                    break;
                }
            }
        }
    }
    failed
}

/// The result of a count.
enum Gap {
    /// Nothing is missing any more.
    Closed,
    /// More is to be launched.
    Open,
    /// Missing runners could not be launched, or the maximum is reached.
    Stuck,
}

/// Launches what is missing, or a part of it.
async fn reconcile(
    fleet: &Fleet<'_>,
    counts: &RefCell<Counts>,
    repository: &Repository,
) -> Result<Gap, GithubError> {
    let mut gap = Gap::Closed;
    let mut demand: BTreeMap<BTreeSet<Label>, usize> = BTreeMap::new();
    for status in [RunStatus::Queued, RunStatus::InProgress] {
        for run in runs(fleet, counts, repository, status).await? {
            for number in 1.. {
                let page = Page { number, size: FULL };
                let jobs = fleet.octokit.read(|| fleet.ports.jobs(repository, run.id, page)).await?;
                for job in jobs.iter().filter(|job| job.status == GithubJobStatus::Queued) {
                    *demand.entry(job.labels.clone()).or_default() += 1;
                }
                if jobs.len() < PAGE {
                    break;
                }
            }
        }
    }
    for (labels, queued) in demand {
        // A registration outlives its instance; one that is gone takes no job.
        let (Ok(instances), runners) =
            (fleet.running(repository).await, all_runners(fleet, repository).await?)
        else {
            return Ok(Gap::Stuck);
        };
        let is_supply = |runner: &&Registered| {
            let own = instances.iter().any(|instance| runner.name == name(&labels, &instance.id));
            own && !runner.busy
        };
        let supply = runners.iter().filter(is_supply).count();
        let room = fleet.maximum().saturating_sub(instances.len());
        let missing = queued.saturating_sub(supply);
        let count = missing.min(room).min(AT_ONCE);
        if count > 0 && fleet.create_runners(repository, &labels, count).await < count {
            return Ok(Gap::Stuck);
        }
        if missing > room {
            return Ok(Gap::Stuck);
        }
        if missing > count {
            gap = Gap::Open;
        }
    }
    Ok(gap)
}

async fn runs(
    fleet: &Fleet<'_>,
    counts: &RefCell<Counts>,
    repository: &Repository,
    status: RunStatus,
) -> Result<Vec<Run>, GithubError> {
    let key = (repository.clone(), status);
    let known = counts.borrow().runs.get(&key).cloned();
    let etag = known.as_ref().map(|(etag, _)| etag.as_str());
    match fleet.octokit.read(|| fleet.ports.runs(repository, status, 1, etag)).await? {
        Etagged::Unchanged => Ok(known.map(|(_, runs)| runs).unwrap_or_default()),
        Etagged::Changed { value, etag } => {
            counts.borrow_mut().runs.insert(key, (etag, value.clone()));
            Ok(value)
        }
    }
}

/// All runners of a repository.
pub(super) async fn all_runners(
    fleet: &Fleet<'_>,
    repository: &Repository,
) -> Result<Vec<Registered>, GithubError> {
    let target = fleet.target(repository);
    let mut all = Vec::new();
    for page in 1.. {
        let some = fleet.octokit.read(|| fleet.ports.runners(&target, page)).await?;
        let is_last = some.len() < PAGE;
        all.extend(some);
        if is_last {
            break;
        }
    }
    Ok(all)
}

/// Things on a page.
const PAGE: usize = 100;
const FULL: u32 = 100;

/// The lock for counting a repository; dropping it releases it.
struct CountLock<'a> {
    counts: &'a RefCell<Counts>,
    repository: Repository,
}

impl<'a> CountLock<'a> {
    /// Takes the lock; if another has it, asks that one to count again.
    fn take(counts: &'a RefCell<Counts>, repository: &Repository) -> Option<Self> {
        let mut all = counts.borrow_mut();
        if let Some(asked_again) = all.busy.get_mut(repository) {
            *asked_again = true;
            return None;
        }
        all.busy.insert(repository.clone(), false);
        Some(Self { counts, repository: repository.clone() })
    }

    fn begin(&self) {
        self.counts.borrow_mut().busy.insert(self.repository.clone(), false);
    }

    fn is_asked_again(&self) -> bool {
        self.counts.borrow().busy.get(&self.repository).copied().unwrap_or(false)
    }
}

impl Drop for CountLock<'_> {
    fn drop(&mut self) {
        self.counts.borrow_mut().busy.remove(&self.repository);
    }
}
