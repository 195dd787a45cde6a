//! Decides which repositories to read, and which of GitHub's jobs the ledger lacks: pure.

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

/// A repository is read every minute for this long after something happened in it.
pub(super) const ACTIVE_FOR: Duration = Duration::from_hours(1);
/// Activity is stored at most this often.
pub(super) const ACTIVITY_NOTED: Duration = Duration::from_mins(10);
/// GitHub's webhooks take moments. If a job is queued for longer and still unknown, its webhook was lost.
const GRACE: Duration = Duration::from_secs(15);
/// Requests to GitHub in one tick: 20 a minute are 1,200 an hour, a quarter of the 5,000 that an installation has
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>).
const REQUESTS: u32 = 20;
/// A run with a job in progress may also have a queued job, which no list of queued runs shows. These runs are read
/// in every other tick.
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

/// The repositories of one tick: the active ones, those not read for the longest time first, then others.
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

/// What is to be done about a job on one of GitHub's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Listed {
    /// Its webhook was lost, unless the ledger knows the job.
    Overdue(JobMessage),
    /// Its webhook may still come.
    Young,
    /// Nothing to do for it.
    Done,
}

/// Decides what is to be done about a job on a list.
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
        GithubJobStatus::InProgress | GithubJobStatus::Completed => Listed::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{NOW, asked, first, job_ref, minutes, repository, seconds, usual_labels};

    fn named(name: &str) -> Repository {
        Repository::new(name).unwrap()
    }

    /// A repository that was active and visited so many minutes ago.
    fn visit(name: &str, active: u64, visited: u64) -> Visit {
        Visit { active_at: NOW - minutes(active), visited_at: NOW - minutes(visited), ..fresh(&named(name)) }
    }

    fn toured(visits: &[Visit], busy: &[&str], others: &[&str]) -> Vec<Stored<Visit>> {
        let visits = visits.iter().cloned().map(first).collect();
        let busy = busy.iter().map(|name| named(name)).collect();
        tour(visits, &busy, others.iter().map(|name| named(name)).collect(), NOW)
    }

    fn names(tour: &[Stored<Visit>]) -> Vec<&str> {
        tour.iter().map(|stop| stop.item.repository.as_str()).collect()
    }

    #[test]
    fn active_repositories_come_first_and_the_longest_unvisited_of_them() {
        let visits = [visit("o/a", 5, 1), visit("o/b", 50, 7), visit("o/c", 59, 3), visit("o/d", 61, 90)];
        assert_eq!(names(&toured(&visits, &[], &[])), ["o/b", "o/c", "o/a"], "o/d is active no more");
        let others = ["o/d", "o/b", "o/e"];
        assert_eq!(names(&toured(&visits, &[], &others)), ["o/b", "o/c", "o/a", "o/d", "o/e"], "each once");
    }

    #[test]
    fn a_repository_with_open_jobs_is_active() {
        let stops = toured(&[visit("o/a", 90, 1)], &["o/a", "o/new"], &[]);
        assert_eq!(names(&stops), ["o/new", "o/a"]);
        assert!(stops.iter().all(|stop| stop.item.active_at == NOW));
        assert_eq!(stops.iter().map(|stop| stop.revision).collect::<Vec<_>>(), [None, first(()).revision]);
    }

    #[test]
    fn activity_is_not_noted_each_minute() {
        let stops = toured(&[visit("o/a", 9, 1), visit("o/b", 11, 1)], &["o/a", "o/b"], &[]);
        let noted: Vec<_> = stops.iter().map(|stop| NOW.since(stop.item.active_at)).collect();
        assert_eq!(noted, [minutes(9), minutes(0)]);
    }

    #[test]
    fn what_is_known_of_another_repository_is_kept() {
        let known = Visit { etag: Some("\"7\"".to_owned()), ..visit("o/a", 90, 70) };
        assert_eq!(toured(std::slice::from_ref(&known), &[], &["o/a"]), [first(known)]);
    }

    #[test]
    fn little_of_the_rate_limit_left_means_few_requests() {
        let left = |remaining, limit| requests(Some(RateLimit { limit, remaining, reset: NOW }));
        assert_eq!(requests(None), 20);
        assert_eq!(
            [5_000, 1_500, 1_499, 500, 499, 0].map(|left_| left(left_, 5_000)),
            [20, 20, 10, 10, 2, 2]
        );
        assert_eq!(left(0, 0), 2, "a limit of nothing is no division by it");
    }

    #[test]
    fn runs_under_way_are_read_in_every_other_tick() {
        let read_at = |at| Visit { in_progress_at: at, ..visit("o/a", 1, 1) };
        assert!(reads_in_progress(&fresh(&repository()), NOW));
        assert!(!reads_in_progress(&read_at(NOW - minutes(1)), NOW));
        assert!(reads_in_progress(&read_at(NOW - minutes(2)), NOW));
        assert!(reads_in_progress(&read_at(NOW - minutes(2) + seconds(5)), NOW), "a tick may be early");
    }

    #[test]
    fn a_queued_job_is_overdue_when_its_webhook_had_time_to_come() {
        let job = |status, ago| GithubJob {
            job: job_ref(1),
            labels: usual_labels(),
            status,
            queued_at: NOW - seconds(ago),
            runner_name: None,
        };
        let overdue = JobMessage { queued_at: (NOW - seconds(15)).as_millis(), ..asked(1) };
        assert_eq!(listed(&job(GithubJobStatus::Queued, 15), NOW), Listed::Overdue(overdue));
        assert_eq!(listed(&job(GithubJobStatus::Queued, 14), NOW), Listed::Young);
        assert_eq!(listed(&job(GithubJobStatus::Held, 500), NOW), Listed::Young, "it may be let go any time");
        for status in [GithubJobStatus::InProgress, GithubJobStatus::Completed] {
            assert_eq!(listed(&job(status, 500), NOW), Listed::Done);
        }
    }
}
