//! Reads GitHub's lists of one repository.

use jit_runners_model::contract::{
    message::{JobMessage, Repository},
    table::Key,
};

use super::decide::{Listed, listed, reads_in_progress};
use crate::{
    ledger::{Ledger, publish},
    port::{
        Clock, Etagged, Github, GithubError, Observation, Observe, PublishJobs, Run, RunStatus, Stored,
        Table, Write,
    },
    record::{Job, Visit},
    store::{self, StoreError},
    time::Time,
};

/// Jobs of a page.
const PAGE: usize = 100;

/// Requests that a tick may still make.
#[derive(Debug, Clone, Copy)]
pub(super) struct Requests(pub u32);

impl Requests {
    /// Takes one; says whether there was one.
    pub(super) fn take(&mut self) -> bool {
        let left = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        left
    }

    /// Whether none is left.
    pub(super) fn is_used_up(self) -> bool {
        self.0 == 0
    }
}

/// What the lists of one repository came to.
#[derive(Default)]
struct Findings {
    lost: Vec<JobMessage>,
    /// Something has to be looked at again, though the list may not change.
    unsettled: bool,
}

/// Visits a repository; says how many jobs were found and published, `None` when GitHub did not answer.
pub(super) async fn visit<P: Table + Github + PublishJobs + Clock + Observe>(
    ports: &P,
    ledger: &Ledger,
    mut stop: Stored<Visit>,
    left: &mut Requests,
) -> Result<Option<usize>, StoreError> {
    let repository = stop.item.repository.clone();
    let mut findings = Findings::default();
    left.take();
    let queued = match ports.runs(&repository, RunStatus::Queued, stop.item.etag.as_deref()).await {
        Ok(queued) => queued,
        Err(error) => return Ok(unanswered(ports, &error)),
    };
    let mut etag = None;
    match queued {
        Etagged::Unchanged => etag.clone_from(&stop.item.etag),
        Etagged::Changed { value: runs, etag: new } => {
            etag = Some(new);
            if let Err(error) = read_jobs(ports, ledger, &repository, &runs, left, &mut findings).await? {
                return Ok(unanswered(ports, &error));
            }
        }
    }
    let before = stop.item.clone();
    if reads_in_progress(&stop.item, ports.now()) && left.take() {
        stop.item.in_progress_at = ports.now();
        match ports.runs(&repository, RunStatus::InProgress, None).await {
            Ok(Etagged::Changed { value: runs, .. }) => {
                if let Err(error) = read_jobs(ports, ledger, &repository, &runs, left, &mut findings).await? {
                    return Ok(unanswered(ports, &error));
                }
            }
            Ok(Etagged::Unchanged) => {}
            Err(error) => return Ok(unanswered(ports, &error)),
        }
    }
    for lost in &findings.lost {
        // In the ledger first: a message can end in the dead-letter queue unread, and the list may not change any more.
        let job = Job::queued(lost.job.clone(), lost.labels.clone(), Time::from_millis(lost.queued_at));
        if store::commit_if_unchanged(ports, vec![Write::create(job)]).await? {
            ports.observe(Observation::LostWebhook(lost.job.clone()));
        } else {
            // It is there after all, or another transaction touched it: the list is read again.
            findings.unsettled = true;
        }
    }
    if !findings.lost.is_empty() {
        stop.item.active_at = ports.now();
    }
    let published = publish(ports, findings.lost).await?;
    // Only now: a list that was not dealt with must be read again.
    stop.item.etag = if findings.unsettled { None } else { etag };
    stop.item.visited_at = ports.now();
    let moved = stop.item.visited_at.since(before.visited_at) > super::decide::ACTIVITY_NOTED;
    if moved
        || stop.revision.is_none()
        || stop.item.etag != before.etag
        || stop.item.active_at != before.active_at
        || stop.item.in_progress_at != before.in_progress_at
    {
        store::commit_if_unchanged(ports, vec![stop.write()]).await?;
    }
    Ok(Some(published))
}

/// Reads the jobs of `runs`, as far as requests are left.
async fn read_jobs<P: Table + Github + Clock>(
    ports: &P,
    ledger: &Ledger,
    repository: &Repository,
    runs: &[Run],
    left: &mut Requests,
    findings: &mut Findings,
) -> Result<Result<(), GithubError>, StoreError> {
    for run in runs {
        for page in 1.. {
            if !left.take() {
                findings.unsettled = true;
                return Ok(Ok(()));
            }
            let jobs = match ports.jobs(repository, *run, page).await {
                Ok(jobs) => jobs,
                Err(error) => return Ok(Err(error)),
            };
            for job in &jobs {
                match listed(job, ports.now()) {
                    Listed::Settled => {}
                    Listed::Young => findings.unsettled = true,
                    Listed::Overdue(message) => {
                        // A run that starts between two requests is in both lists.
                        let found = findings.lost.iter().any(|lost| lost.job == message.job);
                        if !found && !is_known(ports, ledger, &message).await? {
                            findings.lost.push(message);
                        }
                    }
                }
            }
            if jobs.len() < PAGE {
                break;
            }
        }
    }
    Ok(Ok(()))
}

async fn is_known<P: Table + Clock>(
    ports: &P,
    ledger: &Ledger,
    message: &JobMessage,
) -> Result<bool, StoreError> {
    let key = Key::job(&message.job);
    if ledger.job(&key).is_some() {
        return Ok(true);
    }
    Ok(store::get::<Job>(ports, &key).await?.is_some())
}

fn unanswered(ports: &impl Observe, error: &GithubError) -> Option<usize> {
    ports.observe(Observation::Failed { what: "a repository was not looked at", error: error.to_string() });
    None
}
