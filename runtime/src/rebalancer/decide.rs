//! Which repositories to visit, and which of GitHub's jobs the ledger never heard of: pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::contract::message::{JobMessage, Repository, VERSION};

use crate::{
    port::{GithubJob, GithubJobStatus, RateLimit, Stored},
    record::Visit,
    time::Time,
};

/// A repository is visited each minute for so long after something happened in it.
pub(super) const ACTIVE_FOR: Duration = Duration::from_hours(1);
/// Activity is written down so often at most.
pub(super) const ACTIVITY_NOTED: Duration = Duration::from_mins(10);
/// GitHub's webhooks take moments; a job that is queued for longer and unknown is one whose webhook was lost.
const GRACE: Duration = Duration::from_secs(15);
/// Requests to GitHub in one tick: 20 a minute are 1,200 an hour, a quarter of the 5,000 that an installation has
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>).
const REQUESTS: u32 = 20;
/// Runs with a job under way may hold a queued job that no list of queued runs shows; they are read in every other tick.
const IN_PROGRESS_EVERY: Duration = Duration::from_secs(105);

/// How many requests a tick may make, given what is left of the hour.
pub(super) fn requests(rate_limit: Option<RateLimit>) -> u32 {
    let Some(RateLimit { limit, remaining, .. }) = rate_limit else { return REQUESTS };
    match u64::from(remaining) * 100 / u64::from(limit.max(1)) {
        0..10 => REQUESTS / 10,
        10..30 => REQUESTS / 2,
        _ => REQUESTS,
    }
}

/// The visits of one tick: the active repositories, longest unvisited first, then others.
pub(super) fn tour(
    visits: Vec<Stored<Visit>>,
    busy: &BTreeSet<Repository>,
    others: Vec<Repository>,
    now: Time,
) -> Vec<Stored<Visit>> {
    let mut known: BTreeMap<Repository, Stored<Visit>> =
        visits.into_iter().map(|visit| (visit.item.repository.clone(), visit)).collect();
    for repository in busy {
        let visit = known
            .entry(repository.clone())
            .or_insert_with(|| Stored { revision: None, item: fresh(repository) });
        if visit.item.active_at + ACTIVITY_NOTED < now {
            visit.item.active_at = now;
        }
    }
    let mut active: Vec<_> =
        known.values().filter(|visit| visit.item.active_at + ACTIVE_FOR > now).cloned().collect();
    active.sort_by(|a, b| {
        (a.item.visited_at, &a.item.repository).cmp(&(b.item.visited_at, &b.item.repository))
    });
    let seen: BTreeSet<_> = active.iter().map(|visit| visit.item.repository.clone()).collect();
    let others = others.into_iter().filter(|repository| !seen.contains(repository)).map(|repository| {
        known.get(&repository).cloned().unwrap_or_else(|| Stored { revision: None, item: fresh(&repository) })
    });
    active.into_iter().chain(others).collect()
}

fn fresh(repository: &Repository) -> Visit {
    Visit {
        repository: repository.clone(),
        active_at: Time::default(),
        visited_at: Time::default(),
        in_progress_at: Time::default(),
        etag: None,
    }
}

/// Whether runs with a job under way are read in a visit at `now`.
pub(super) fn reads_in_progress(visit: &Visit, now: Time) -> bool {
    visit.in_progress_at + IN_PROGRESS_EVERY <= now
}

/// What a list of GitHub's says of a job that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Listed {
    /// Its webhook was lost, unless the ledger has it.
    Overdue(JobMessage),
    /// Its webhook may still come.
    Young,
    /// Nothing to do for it.
    Settled,
}

/// What becomes of a job on a list.
pub(super) fn listed(job: &GithubJob, now: Time) -> Listed {
    match job.status {
        GithubJobStatus::Queued if now.since(job.queued_at) < GRACE => Listed::Young,
        GithubJobStatus::Queued => Listed::Overdue(JobMessage {
            version: VERSION,
            job: job.job.clone(),
            labels: job.labels.clone(),
            queued_at: job.queued_at.as_millis(),
            re_enqueued: 0,
        }),
        GithubJobStatus::Held => Listed::Young,
        GithubJobStatus::InProgress | GithubJobStatus::Completed => Listed::Settled,
    }
}
