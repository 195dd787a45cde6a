//! What is learned from GitHub's answers about the runs of a repository: pure.

use std::ops::RangeInclusive;

use super::{
    PAGE,
    plan::{Blame, Stop, page_size},
};
use crate::{
    port::{Run, RunStatus},
    record::{MOST_RUNS, SeenRun, Visit},
    time::Time,
};

/// As many failures in a row without an answer count, at most. After them, the rest is three minutes.
const MOST_UNANSWERED: u32 = 3;

/// A page of the list of runs in `status` was read. Its runs are in the order of their ids, the latest first.
pub(super) fn listed(visit: &mut Visit, status: RunStatus, page: u32, runs: &[Run], now: Time) {
    let is_full = runs.len() >= PAGE;
    let gone = covered(page, runs, is_full);
    let is_listed = |id: u64| runs.iter().any(|run| run.id == id);
    visit.runs.retain(|run| run.status != status || is_listed(run.id) || !gone.contains(&run.id));
    for run in runs {
        match visit.runs.iter_mut().find(|seen| seen.id == run.id) {
            Some(seen) => (seen.status, seen.updated_at) = (status, run.updated_at),
            None => visit.runs.push(unread(run, status, now)),
        }
    }
    if visit.runs.len() > MOST_RUNS {
        // Those that have been read can be found again; the oldest of them least matter.
        visit.runs.sort_by_key(|run| (run.read_at > run.updated_at, std::cmp::Reverse(run.id)));
        visit.runs.truncate(MOST_RUNS);
    }
    let list = visit.list_mut(status);
    list.next_page = match (page, is_full) {
        (1, false) => None,
        (1, true) => list.next_page.or(Some(2)),
        (_, true) => Some(page + 1),
        (_, false) => Some(2),
    };
}

/// The ids of the runs that would be on that page if they were still in the list.
fn covered(page: u32, runs: &[Run], is_full: bool) -> RangeInclusive<u64> {
    let ids = || runs.iter().map(|run| run.id);
    let newest = if page == 1 { u64::MAX } else { ids().max().unwrap_or_default() };
    let oldest = if is_full { ids().min().unwrap_or_default() } else { 0 };
    oldest..=newest
}

fn unread(run: &Run, status: RunStatus, now: Time) -> SeenRun {
    SeenRun {
        id: run.id,
        status,
        updated_at: run.updated_at,
        listed_at: now,
        asked_at: Time::default(),
        read_at: Time::default(),
        page: 1,
        began_at: Time::default(),
        failures: 0,
        smaller: 0,
    }
}

/// A page with so many jobs of a run was read at `now`. `again` says that one of these jobs has to be looked at again soon.
pub(super) fn told(visit: &mut Visit, run: u64, jobs: usize, again: bool, now: Time) {
    let Some(run) = visit.runs.iter_mut().find(|seen| seen.id == run) else { return };
    if run.page <= 1 {
        run.began_at = now;
    }
    if again {
        // Whatever follows, this reading does not count.
        run.began_at = Time::default();
    }
    (run.asked_at, run.failures) = (now, 0);
    let is_last = u32::try_from(jobs).is_ok_and(|jobs| jobs < page_size(run));
    if is_last {
        (run.read_at, run.page) = (run.began_at, 1);
    } else {
        run.page = run.page.max(1) + 1;
    }
}

/// GitHub did not tell the jobs of a run.
pub(super) fn untold(stop: &mut Stop, run: u64, blame: Blame, now: Time) {
    if let Some(seen) = stop.visit.runs.iter_mut().find(|seen| seen.id == run) {
        seen.asked_at = now;
    }
    stop.failed_runs.push((run, blame));
}

/// Concludes from all answers of a tick what fails by itself, and not because GitHub answers nobody: that rests ever longer,
/// and a run's jobs are asked for in smaller pages.
pub(super) fn conclude(stops: &mut [Stop], now: Time) {
    let answers = stops.iter().any(|stop| stop.is_answered);
    let is_own = |blame| blame == Blame::Asked || answers;
    for stop in stops {
        for (run, blame) in std::mem::take(&mut stop.failed_runs) {
            let Some(run) = stop.visit.runs.iter_mut().find(|seen| seen.id == run) else { continue };
            if !is_own(blame) {
                continue;
            }
            run.failures = one_more(run.failures, blame);
            if blame == Blame::Anybody {
                let seen = page_size(run) * run.page.saturating_sub(1);
                run.smaller += 1;
                run.page = seen / page_size(run) + 1;
            }
        }
        if stop.is_answered {
            stop.visit.failures = 0;
        } else if let Some(blame) = stop.failed.filter(|blame| is_own(*blame)) {
            stop.visit.failures = one_more(stop.visit.failures, blame);
            stop.visit.failed_at = now;
        }
    }
}

/// The failures in a row after one more. What GitHub refuses, it will refuse again. Where it gave no answer it may give one
/// soon, and a job whose webhook was lost waits for that, so these failures count as few: the rest stays short.
fn one_more(failures: u32, blame: Blame) -> u32 {
    let more = failures.saturating_add(1);
    match blame {
        Blame::Asked => more,
        Blame::Anybody => more.min(MOST_UNANSWERED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::rest,
        sample::{NOW, minutes, repository, seconds},
    };

    fn run(id: u64) -> Run {
        Run { id, updated_at: NOW - minutes(1) }
    }

    /// The ids of the runs, the latest first.
    fn runs(ids: std::ops::Range<u64>) -> Vec<Run> {
        ids.rev().map(run).collect()
    }

    fn ids(visit: &Visit) -> Vec<u64> {
        let mut ids: Vec<_> = visit.runs.iter().map(|run| run.id).collect();
        ids.sort_unstable();
        ids
    }

    fn queued(visit: &mut Visit, page: u32, runs: &[Run]) {
        listed(visit, RunStatus::Queued, page, runs, NOW);
    }

    fn visit() -> Visit {
        Visit::new(repository())
    }

    fn seen(visit: &Visit, id: u64) -> &SeenRun {
        visit.runs.iter().find(|run| run.id == id).unwrap()
    }

    #[test]
    fn what_was_read_of_a_run_is_kept_while_it_is_listed() {
        let mut visit = visit();
        queued(&mut visit, 1, &runs(1..3));
        told(&mut visit, 1, 5, false, NOW);
        let changed = Run { id: 1, updated_at: NOW + seconds(1) };
        listed(&mut visit, RunStatus::InProgress, 1, &[changed], NOW + seconds(2));
        queued(&mut visit, 1, &runs(2..3));
        let it = seen(&visit, 1);
        assert_eq!((it.status, it.updated_at, it.read_at), (RunStatus::InProgress, NOW + seconds(1), NOW));
        assert_eq!(it.listed_at, NOW);
        listed(&mut visit, RunStatus::InProgress, 1, &[], NOW);
        assert_eq!(ids(&visit), [2], "it is over");
    }

    #[test]
    fn pages_are_read_one_after_the_other_and_then_from_the_second_again() {
        let mut visit = visit();
        let next = |visit: &Visit| visit.list(RunStatus::Queued).next_page;
        queued(&mut visit, 1, &runs(101..201));
        assert_eq!(next(&visit), Some(2));
        queued(&mut visit, 2, &runs(1..101));
        assert_eq!((next(&visit), visit.runs.len()), (Some(3), 200));
        queued(&mut visit, 3, &[]);
        assert_eq!(next(&visit), Some(2));
        queued(&mut visit, 2, &runs(50..101));
        assert_eq!((next(&visit), ids(&visit).first().copied()), (Some(2), Some(50)), "the others are over");
        queued(&mut visit, 1, &runs(150..200));
        assert_eq!((next(&visit), ids(&visit)), (None, (150..200).collect()));
    }

    #[test]
    fn a_page_says_nothing_about_the_runs_of_other_pages() {
        let mut visit = visit();
        queued(&mut visit, 1, &runs(101..201));
        queued(&mut visit, 2, &runs(1..101));
        queued(&mut visit, 1, &runs(102..202));
        assert_eq!(
            (visit.runs.len(), ids(&visit)[0]),
            (200, 2),
            "201 is new, and 101 may be on the second page"
        );
    }

    #[test]
    fn those_that_were_read_are_forgotten_first() {
        let mut visit = visit();
        queued(&mut visit, 1, &runs(901..1_001));
        for id in 901..951 {
            told(&mut visit, id, 1, false, NOW);
        }
        for page in 2..4 {
            queued(&mut visit, page, &runs(u64::from(page) * 100..u64::from(page) * 100 + 100));
        }
        assert_eq!(visit.runs.len(), MOST_RUNS);
        assert!(visit.runs.iter().all(|run| run.read_at == Time::default()));
    }

    #[test]
    fn a_run_is_read_when_its_last_page_is_and_as_of_its_first() {
        let mut visit = visit();
        queued(&mut visit, 1, &runs(1..2));
        told(&mut visit, 1, 100, false, NOW);
        assert_eq!((seen(&visit, 1).page, seen(&visit, 1).read_at), (2, Time::default()));
        told(&mut visit, 1, 100, false, NOW + seconds(60));
        told(&mut visit, 1, 0, false, NOW + seconds(120));
        assert_eq!((seen(&visit, 1).page, seen(&visit, 1).read_at), (1, NOW));
        told(&mut visit, 7, 1, false, NOW);
        assert_eq!(ids(&visit), [1], "a run that is not known any more");
    }

    #[test]
    fn a_job_that_needs_another_look_makes_the_whole_reading_void() {
        let mut visit = visit();
        queued(&mut visit, 1, &runs(1..2));
        told(&mut visit, 1, 100, true, NOW);
        told(&mut visit, 1, 5, false, NOW);
        assert_eq!((seen(&visit, 1).page, seen(&visit, 1).read_at), (1, Time::default()));
        told(&mut visit, 1, 5, false, NOW);
        assert_eq!(seen(&visit, 1).read_at, NOW);
    }

    /// A tick in which the jobs of run 1 and of run 2 are not told.
    fn failed(blames: [Blame; 2], is_answered: bool) -> [SeenRun; 2] {
        let mut stop = Stop::new(visit(), true, false);
        queued(&mut stop.visit, 1, &runs(1..3));
        told(&mut stop.visit, 2, 100, false, NOW - minutes(2));
        told(&mut stop.visit, 2, 100, false, NOW - minutes(2));
        untold(&mut stop, 1, blames[0], NOW);
        untold(&mut stop, 2, blames[1], NOW);
        stop.is_answered = is_answered;
        let mut stops = [stop];
        conclude(&mut stops, NOW);
        [1, 2].map(|id| seen(&stops[0].visit, id).clone())
    }

    #[test]
    fn a_run_that_is_not_told_while_others_are_rests_and_gets_smaller_pages() {
        let [one, two] = failed([Blame::Asked, Blame::Anybody], true);
        assert_eq!((one.failures, one.smaller, one.page, one.asked_at), (1, 0, 1, NOW));
        assert_eq!((two.failures, two.smaller), (1, 1));
        assert_eq!(two.page, 7, "200 jobs are known, which are six pages of 30 and a part of the seventh");
    }

    #[test]
    fn while_github_answers_nobody_nothing_is_concluded() {
        let [one, two] = failed([Blame::Anybody; 2], false);
        assert_eq!([one.failures, one.smaller, two.failures, two.page], [0, 0, 0, 3]);
        let [one, two] = failed([Blame::Asked, Blame::Anybody], false);
        assert_eq!([one.failures, two.failures], [1, 0], "a refusal is an answer");
    }

    #[test]
    fn what_gets_no_answer_rests_for_three_minutes_at_most() {
        let after = |blames: &[Blame]| {
            let failures = blames.iter().fold(0, |failures, blame| one_more(failures, *blame));
            rest(failures)
        };
        assert_eq!(after(&[Blame::Anybody; 40]), minutes(3));
        assert_eq!(after(&[Blame::Asked; 40]), minutes(15));
        let mut mixed = [Blame::Asked; 40];
        mixed[39] = Blame::Anybody;
        assert_eq!(after(&mixed), minutes(3), "the last one counts");
    }

    #[test]
    fn a_repository_rests_if_nothing_is_told_about_it() {
        let after = |failed, is_answered, others| {
            let mut stop = Stop { is_answered, failed, ..Stop::new(visit(), true, false) };
            stop.visit.failures = 3;
            let mut stops = [stop, Stop { is_answered: others, ..Stop::new(visit(), true, false) }];
            conclude(&mut stops, NOW);
            (stops[0].visit.failures, stops[0].visit.failed_at == NOW)
        };
        assert_eq!(after(Some(Blame::Asked), false, false), (4, true));
        assert_eq!(after(Some(Blame::Anybody), false, true), (3, true));
        assert_eq!(after(Some(Blame::Anybody), false, false), (3, false), "GitHub may be down");
        assert_eq!(after(Some(Blame::Asked), true, true), (0, false), "another of its lists was told");
        assert_eq!(after(None, false, true), (3, false), "it was not asked");
    }
}
