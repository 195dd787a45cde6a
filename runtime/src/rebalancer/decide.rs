//! Decides which repositories to look at, and which of GitHub's jobs the ledger lacks: pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::contract::{
    message::{JobMessage, Repository, VERSION},
    schedule::REBALANCER_RATE,
};

use crate::{
    gap::ask_again,
    port::{GithubJob, GithubJobStatus, RateLimit, RunStatus, Stored, Write},
    record::{Job, Visit},
    time::{Time, duration},
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
/// How many requests a tick may make, given what is left of the hour.
pub(super) fn requests(rate_limit: Option<RateLimit>) -> u32 {
    let Some(RateLimit { limit, remaining, .. }) = rate_limit else { return REQUESTS };
    match u64::from(remaining) * 100 / u64::from(limit.max(1)) {
        0..10 => REQUESTS / 10,
        10..30 => REQUESTS / 2,
        _ => REQUESTS,
    }
}

/// The repositories of one tick: the active ones, those not looked at for the longest time first, then others. It is known
/// when the names of all were heard.
pub(super) fn tour(
    visits: Vec<Stored<Visit>>,
    busy: &BTreeMap<Repository, Time>,
    others: impl FnOnce(&BTreeSet<Repository>) -> (Vec<Repository>, Time),
    now: Time,
) -> Vec<(Stored<Visit>, bool)> {
    let mut known: BTreeMap<Repository, Stored<Visit>> =
        visits.into_iter().map(|visit| (visit.item.repository.clone(), visit)).collect();
    for (repository, heard_at) in busy {
        let visit = known.entry(repository.clone()).or_insert_with(|| heard_of(repository, now));
        visit.item.name(repository, *heard_at);
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
    let (others, heard_at) = others(&seen);
    let others = others.into_iter().filter(|repository| !seen.contains(repository)).map(|repository| {
        let mut visit = known.get(&repository).cloned().unwrap_or_else(|| fresh(&repository));
        visit.item.name(&repository, heard_at);
        visit
    });
    active.into_iter().map(|visit| (visit, true)).chain(others.map(|visit| (visit, false))).collect()
}

/// A new repository of which a webhook has told. Its first runs are queued, so the other lists have their turn later, as
/// after any look; that of runs in progress in the next tick, when their first jobs have started.
fn heard_of(repository: &Repository, now: Time) -> Stored<Visit> {
    let mut visit = fresh(repository);
    for status in RunStatus::ALL.into_iter().filter(|status| *status != RunStatus::Queued) {
        visit.item.list_mut(status).asked_at = now;
    }
    visit.item.list_mut(RunStatus::InProgress).asked_at = now - duration(REBALANCER_RATE);
    visit
}

fn fresh(repository: &Repository) -> Stored<Visit> {
    Stored { revision: None, item: Visit::new(repository.clone()) }
}

/// Whether a visit is worth a write. That the list of queued runs was read again, as in every tick, is not.
pub(super) fn is_news(before: &Stored<Visit>, after: &Visit) -> bool {
    let mut before_it = before.item.clone();
    if after.visited_at.since(before_it.visited_at) <= ACTIVITY_NOTED {
        before_it.visited_at = after.visited_at;
        before_it.list_mut(RunStatus::Queued).asked_at = after.list(RunStatus::Queued).asked_at;
    }
    before.revision.is_none() || before_it != *after
}

/// What is to be done about a job on one of GitHub's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Listed {
    /// Its webhook was lost, unless the ledger knows the job.
    Overdue(JobMessage),
    /// Its webhook may still come.
    Young,
    /// GitHub holds it, and the webhook that says so was lost.
    Held,
    /// Nothing to do for it.
    Done,
}

/// Decides what is to be done about a job on a list. `known` is the job if the ledger has it and it is not over.
pub(super) fn listed(job: &GithubJob, known: Option<&Job>, now: Time) -> Listed {
    // A list may be some moments late, so what was heard just now counts.
    let had_time = |heard_at: Time| now.since(heard_at) >= GRACE;
    match (job.status, known) {
        (GithubJobStatus::Queued, Some(known)) if known.is_queued() && is_mistaken(known) => {
            if known.held_at.is_none_or(had_time) { Listed::Overdue(message(job)) } else { Listed::Young }
        }
        (GithubJobStatus::Queued, None) if !had_time(job.queued_at) => Listed::Young,
        (GithubJobStatus::Queued, None) => Listed::Overdue(message(job)),
        (GithubJobStatus::Held, Some(known)) if known.is_waiting() => {
            if had_time(known.announced_at.max(known.queued_at)) { Listed::Held } else { Listed::Young }
        }
        // When a held job is let go, its run changes.
        _ => Listed::Done,
    }
}

/// Whether nothing is launched for a job only because GitHub said that it holds it, or does not know it.
fn is_mistaken(known: &Job) -> bool {
    known.is_held() || known.absence.is_some()
}

fn message(job: &GithubJob) -> JobMessage {
    JobMessage {
        version: VERSION,
        job: job.job.clone(),
        labels: job.labels.clone(),
        queued_at: job.queued_at.as_millis(),
        received_at: 0,
        re_enqueued: 0,
    }
}

/// Whether the ledger lacks a job that GitHub lists as queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Missing {
    /// Yes: this records it, and this asks for a runner.
    Yes(Box<Write>, JobMessage),
    /// No, or it is over: GitHub's list may be some moments late.
    No,
}

/// Decides whether the ledger lacks a job. `found` is its item. A job that was just listed need not be asked for.
pub(super) fn missing(found: Option<Stored<Job>>, listed: JobMessage, now: Time) -> Missing {
    match found {
        None => {
            let queued_at = Time::from_millis(listed.queued_at);
            let mut job = Job::queued(listed.job.clone(), listed.labels.clone(), queued_at);
            job.seen(GithubJobStatus::Queued, now);
            Missing::Yes(Box::new(Write::create(job)), listed)
        }
        Some(mut known) => {
            let is_back = if known.item.is_queued() && is_mistaken(&known.item) {
                known.item.seen(GithubJobStatus::Queued, now);
                true
            } else {
                known.item.reopen(now)
            };
            if is_back { Missing::Yes(Box::new(known.write()), ask_again(&known.item)) } else { Missing::No }
        }
    }
}

/// Notes that GitHub holds a job. `found` is its item.
pub(super) fn hold(found: Option<Stored<Job>>, now: Time) -> Option<Write> {
    let mut known = found.filter(|known| known.item.is_waiting())?;
    known.item.seen(GithubJobStatus::Held, now);
    Some(known.write())
}

#[cfg(test)]
mod tests {
    use jit_runners_model::contract::table::JobState;

    use super::*;
    use crate::{
        record::Item,
        sample::{self, NOW, asked, first, job_ref, minutes, seconds, usual_labels},
    };

    fn named(name: &str) -> Repository {
        Repository::new(name).unwrap()
    }

    /// A repository that was active and visited so many minutes ago.
    fn visit(name: &str, active: u64, visited: u64) -> Visit {
        Visit {
            active_at: NOW - minutes(active),
            visited_at: NOW - minutes(visited),
            ..Visit::new(named(name))
        }
    }

    fn toured(visits: &[Visit], busy: &[&str], others: &[&str]) -> Vec<Stored<Visit>> {
        let visits = visits.iter().cloned().map(first).collect();
        let busy = busy.iter().map(|name| (named(name), NOW)).collect();
        let others = others.iter().map(|name| named(name)).collect();
        let stops = tour(visits, &busy, |_| (others, NOW), NOW);
        stops.into_iter().map(|(stop, _)| stop).collect()
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
        let known = Visit { failures: 7, ..visit("o/a", 90, 70) };
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
    fn who_is_active_is_said_to_the_rotation() {
        let visits = [visit("o/a", 5, 1), visit("o/b", 70, 1)].map(first).to_vec();
        let stops = tour(
            visits,
            &[(named("o/c"), NOW)].into(),
            |active| (active.iter().cloned().collect(), NOW),
            NOW,
        );
        let stops: Vec<_> =
            stops.iter().map(|(stop, active)| (stop.item.repository.as_str(), *active)).collect();
        assert_eq!(stops, [("o/c", true), ("o/a", true)]);
    }

    #[test]
    fn a_repository_is_asked_for_under_its_newest_name() {
        let renamed = |name: &str, id| named(name).with_id(id);
        let known = |id, active| Visit { repository: renamed("o/old", id), ..visit("o/old", active, 1) };
        let visits = [first(known(1, 5)), first(known(2, 65))];
        let busy = [(renamed("o/new", 1), NOW)].into();
        let stops = tour(visits.to_vec(), &busy, |_| (vec![renamed("o/other", 2)], NOW), NOW);
        let names: Vec<_> = stops.iter().map(|(stop, _)| stop.item.repository.as_str()).collect();
        assert_eq!(names, ["o/new", "o/other"]);
        assert!(stops.iter().all(|(stop, _)| stop.revision.is_some()), "both were known");
        assert!(is_news(&visits[0], &stops[0].0.item));
    }

    #[test]
    fn a_look_at_the_queued_runs_alone_is_written_now_and_then() {
        let before = first(visit("o/a", 1, 1));
        let looked = |at| {
            let mut after = Visit { visited_at: at, ..before.item.clone() };
            after.list_mut(RunStatus::Queued).asked_at = at;
            after
        };
        assert!(!is_news(&before, &looked(NOW)));
        assert!(is_news(&before, &looked(NOW + minutes(10))));
        assert!(is_news(&Stored { revision: None, ..before.clone() }, &looked(NOW)));
        let mut other = looked(NOW);
        other.list_mut(RunStatus::Waiting).asked_at = NOW;
        assert!(is_news(&before, &other));
        let mut failed = looked(NOW);
        failed.failures = 1;
        assert!(is_news(&before, &failed));
    }

    /// Job 1 in this status, queued so many seconds ago.
    fn github_job(status: GithubJobStatus, ago: u64) -> GithubJob {
        GithubJob {
            job: job_ref(1),
            labels: usual_labels(),
            status,
            queued_at: NOW - seconds(ago),
            runner_name: None,
            runner_id: None,
        }
    }

    #[test]
    fn a_queued_job_is_overdue_when_its_webhook_had_time_to_come() {
        let job = github_job;
        let overdue = JobMessage { queued_at: (NOW - seconds(15)).as_millis(), ..asked(1) };
        assert_eq!(listed(&job(GithubJobStatus::Queued, 15), None, NOW), Listed::Overdue(overdue));
        assert_eq!(listed(&job(GithubJobStatus::Queued, 14), None, NOW), Listed::Young);
        for ago in [14, 15] {
            let known = sample::job(1);
            assert_eq!(
                listed(&job(GithubJobStatus::Queued, ago), Some(&known), NOW),
                Listed::Done,
                "it is in the ledger"
            );
        }
        for status in [GithubJobStatus::Held, GithubJobStatus::InProgress, GithubJobStatus::Completed] {
            assert_eq!(listed(&job(status, 500), None, NOW), Listed::Done);
        }
    }

    /// What is to be done about a job that is known so, and whether it then waits for a runner.
    fn listed_as(status: GithubJobStatus, known: &Job) -> (Listed, bool) {
        let listed = listed(&github_job(status, 500), Some(known), NOW);
        let write = match &listed {
            Listed::Overdue(message) => match missing(Some(first(known.clone())), message.clone(), NOW) {
                Missing::Yes(write, asked) => {
                    assert_eq!(asked.job, known.job);
                    Some(*write)
                }
                Missing::No => None,
            },
            Listed::Held => hold(Some(first(known.clone())), NOW),
            Listed::Young | Listed::Done => None,
        };
        let after = write.map_or_else(|| known.clone(), |write| Job::try_from(write.item).unwrap());
        (listed, after.may_be_launched_for(NOW))
    }

    #[test]
    fn a_held_job_that_github_lists_as_queued_waits_for_a_runner_again() {
        let held = |ago| Job { held_at: Some(NOW - seconds(ago)), ..sample::job(1) };
        assert!(matches!(listed_as(GithubJobStatus::Queued, &held(15)), (Listed::Overdue(_), true)));
        assert_eq!(
            listed_as(GithubJobStatus::Queued, &held(14)),
            (Listed::Young, false),
            "the list may be older"
        );
        let running = Job { state: JobState::Running, ..held(15) };
        assert_eq!(listed_as(GithubJobStatus::Queued, &running).0, Listed::Done);
    }

    #[test]
    fn a_job_that_github_lists_as_held_has_no_runner() {
        let waits =
            |ago| Job { announced_at: NOW - seconds(ago), queued_at: NOW - minutes(9), ..sample::job(1) };
        assert_eq!(listed_as(GithubJobStatus::Held, &waits(15)), (Listed::Held, false));
        assert_eq!(
            listed_as(GithubJobStatus::Held, &waits(14)),
            (Listed::Young, true),
            "the list may be older"
        );
        let held = Job { held_at: Some(NOW - minutes(1)), ..sample::job(1) };
        assert_eq!(listed_as(GithubJobStatus::Held, &held), (Listed::Done, false));
    }

    #[test]
    fn a_job_that_github_did_not_know_and_lists_as_queued_is_open_and_known() {
        let mut absent = sample::job(1);
        for minute in (20..500).rev().step_by(20) {
            absent.missed(NOW - minutes(minute));
        }
        assert!(!absent.is_open());
        let Missing::Yes(write, _) = missing(Some(first(absent)), asked(1), NOW) else {
            panic!("it is missing")
        };
        assert!(Job::try_from(write.item).unwrap().is_waiting());
        let mut absent = sample::job(1);
        absent.missed(NOW - minutes(5));
        assert!(matches!(listed_as(GithubJobStatus::Queued, &absent), (Listed::Overdue(_), true)));
    }

    #[test]
    fn a_job_that_the_ledger_lacks_is_recorded_as_seen() {
        let Missing::Yes(write, message) = missing(None, asked(1), NOW) else { panic!("it is missing") };
        assert_eq!((write.expected, message), (None, asked(1)));
        let Item::Job(job) = write.item else { panic!("a job is recorded") };
        assert_eq!((job.job, job.labels, job.seen_at), (job_ref(1), usual_labels(), Some(NOW)));
        assert!(job.state == JobState::Queued && job.queued_at == Time::from_millis(asked(1).queued_at));
    }

    #[test]
    fn a_job_that_is_over_is_not_recorded_again() {
        for state in [JobState::Queued, JobState::Running, JobState::Completed] {
            let known = Job { state, ..sample::job(1) };
            assert_eq!(missing(Some(first(known)), asked(1), NOW), Missing::No, "{state:?}");
        }
    }
}
