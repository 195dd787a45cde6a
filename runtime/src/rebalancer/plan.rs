//! Decides which request to make next in a tick: pure.
//!
//! Lists of active repositories come first, those that are most overdue first, then the jobs of runs that were never read or
//! have changed. Repositories take turns. While jobs are to be read, lists get only a part of the requests, and some are
//! kept for repositories without activity.

use std::{cmp::Reverse, time::Duration};

use crate::{
    port::{Page, RunStatus},
    record::{SeenRun, Visit, rest},
    time::Time,
};

/// A run that changed later than this before it was read is read again: its jobs may be shown later than its change, clocks
/// differ, and GitHub tells whole seconds. A run that has just changed is not read yet, because webhooks take moments.
const SETTLED: Duration = Duration::from_secs(15);
/// A run that changes all the time is read this often.
const CHANGING_EVERY: Duration = Duration::from_secs(105);
/// Runs that do not change are read again as rarely as they change, but not more often than the first and not more rarely than
/// one of the others: a run that is queued may hang for ever.
const UNCHANGED_EVERY: Duration = Duration::from_mins(5);
const UNDER_WAY_EVERY: Duration = Duration::from_mins(15);
const QUEUED_EVERY: Duration = Duration::from_hours(1);
/// Sizes of the pages of jobs: smaller ones for runs whose jobs GitHub does not tell.
const PAGES: [u32; 3] = [100, 30, 10];
/// The part of a tick's requests that lists get while runs wait to be read.
const LISTS: (u32, u32) = (3, 4);
/// If more runs than this were never read, lists of queued runs have precedence over the others, of which so many are read in
/// a tick.
const MANY_UNREAD: usize = 10;
const LESSER_LISTS: u32 = 2;
/// Requests that are kept for repositories without activity.
const FOR_OTHERS: u32 = 2;
/// Requests for lists of one repository without activity in one tick.
const LISTS_OF_OTHERS: u32 = 2;
/// If GitHub does not tell the jobs of so many runs of a repository, its other runs are not tried in the same tick.
const MOST_FAILED_RUNS: usize = 2;

/// One repository in a tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop {
    /// What is known of it.
    pub visit: Visit,
    /// Whether something happened in it lately.
    pub is_active: bool,
    /// Whether the ledger has jobs in it that wait, run or are held.
    pub is_busy: bool,
    /// Requests for its lists in this tick, and how many of them were not for queued runs.
    pub lists: u32,
    pub lesser: u32,
    /// Requests for its jobs in this tick.
    pub jobs: u32,
    /// GitHub told something about it in this tick.
    pub is_answered: bool,
    /// GitHub refused to list its runs in this tick, because of the repository itself, or for any reason.
    pub failed: Option<Blame>,
    /// Its runs whose jobs GitHub did not tell in this tick.
    pub failed_runs: Vec<(u64, Blame)>,
}

/// Whom a failure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// What was asked for: GitHub refused it.
    Asked,
    /// What was asked for, or all of GitHub: it did not answer, or with an error of its own.
    Anybody,
}

impl Stop {
    pub(super) const fn new(visit: Visit, is_active: bool, is_busy: bool) -> Self {
        Self {
            visit,
            is_active,
            is_busy,
            lists: 0,
            lesser: 0,
            jobs: 0,
            is_answered: false,
            failed: None,
            failed_runs: Vec::new(),
        }
    }

    /// Whether anything was asked about it.
    pub(super) const fn is_visited(&self) -> bool {
        self.lists + self.jobs > 0
    }
}

/// What to ask GitHub for, of the stop of that index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    /// A page of a list of runs.
    Runs { stop: usize, status: RunStatus, page: u32 },
    /// A page of the jobs of a run.
    Jobs { stop: usize, run: u64, page: Page },
}

/// The next request of a tick that began at `began` and may make `most` requests; `None` if nothing is due.
pub(super) fn next(stops: &[Stop], most: u32, began: Time) -> Option<Request> {
    let spent = |of: fn(&Stop) -> u32| stops.iter().map(of).sum::<u32>();
    let (lists, of_others) =
        (spent(|stop| stop.lists), spent(|stop| if stop.is_active { 0 } else { stop.lists }));
    let left = most.saturating_sub(lists + spent(|stop| stop.jobs));
    let all_runs = stops.iter().flat_map(|stop| &stop.visit.runs);
    let unread = all_runs.filter(|run| run.read_at == Time::default() && run.failures == 0);
    let only_queued = spent(|stop| stop.lesser) >= LESSER_LISTS && unread.count() > MANY_UNREAD;
    let list_of = |active: bool| {
        let all = stops.iter().enumerate().filter(move |(_, stop)| stop.is_active == active);
        all.filter_map(|(index, stop)| due_list(index, stop, began, only_queued))
            .max_by_key(|due| due.order)
            .map(|due| due.request)
    };
    let of_active = list_of(true);
    let of_other = list_of(false);
    let run = next_run(stops, began, Reading::Due);
    if of_active.is_some() && (run.is_none() || lists * LISTS.1 < most * LISTS.0) {
        return of_active;
    }
    if run.is_some() && (of_other.is_none() || left > FOR_OTHERS.saturating_sub(of_others)) {
        return run;
    }
    of_other.or_else(|| next_run(stops, began, Reading::AsPrecaution))
}

/// A list that is due.
struct Due {
    request: Request,
    order: (u64, Reverse<u32>, Reverse<usize>),
}

/// The list of a repository that is most overdue.
fn due_list(index: usize, stop: &Stop, began: Time, only_queued: bool) -> Option<Due> {
    if stop.failed.is_some() || stop.visit.rests(began) || !stop.is_active && stop.lists >= LISTS_OF_OTHERS {
        return None;
    }
    let lists = RunStatus::ALL.into_iter().flat_map(|status| {
        let list = stop.visit.list(status);
        let first = (status, 1, list.asked_at);
        [Some(first), list.next_page.map(|page| (status, page, list.next_asked_at))]
    });
    let is_due = |status, asked_at: Time| {
        asked_at + every(status) <= began && (status == RunStatus::Queued || !only_queued)
    };
    let due = lists.flatten().filter(|(status, _, asked_at)| is_due(*status, *asked_at));
    let all = due.map(|(status, page, asked_at)| Due {
        request: Request::Runs { stop: index, status, page },
        order: (overdue(stop, status, began.since(asked_at)), Reverse(stop.lists), Reverse(index)),
    });
    all.max_by_key(|due| due.order)
}

/// How long a list is used. A tick may be early. No job of a pending run can start before the run is in another list.
const fn every(status: RunStatus) -> Duration {
    match status {
        RunStatus::Queued => Duration::from_secs(45),
        RunStatus::InProgress | RunStatus::Waiting => Duration::from_secs(105),
        RunStatus::Pending => Duration::from_secs(585),
    }
}

/// How overdue a list is that was read so long ago, in thousandths of its period. If not all can be read in time, lists
/// that may have something come first.
fn overdue(stop: &Stop, status: RunStatus, ago: Duration) -> u64 {
    let has_runs = stop.visit.runs.iter().any(|run| run.status == status);
    let may_have_some = match status {
        RunStatus::Queued => true,
        RunStatus::InProgress => has_runs || stop.is_busy,
        RunStatus::Waiting | RunStatus::Pending => has_runs,
    };
    let period = if may_have_some { every(status) } else { every(status) * 2 };
    u64::try_from(ago.as_millis() * 1_000 / period.as_millis()).unwrap_or(u64::MAX)
}

/// Why a run is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// It was not read since it changed, or reading it failed.
    Due,
    /// It was, but something may have been missed.
    AsPrecaution,
}

/// The run that is read next. Repositories take turns.
fn next_run<'a>(stops: &'a [Stop], began: Time, reading: Reading) -> Option<Request> {
    let in_turn = |stop: &Stop| stop.failed.is_none() && stop.failed_runs.len() < MOST_FAILED_RUNS;
    let first = |(index, stop): (usize, &'a Stop)| {
        let has_failed = |run: &SeenRun| stop.failed_runs.iter().any(|(failed, _)| *failed == run.id);
        let runs = stop.visit.runs.iter().filter(|run| !has_failed(run));
        let runs = runs.filter_map(|run| Some((turn(run, began, reading, stop.jobs)?, run)));
        let (_, run) = runs.min_by_key(|(turn, _)| *turn)?;
        Some((stop.jobs, index, run))
    };
    let stops = stops.iter().enumerate().filter(|(_, stop)| in_turn(stop) && !stop.visit.rests(began));
    let (_, stop, run) = stops.filter_map(first).min_by_key(|(jobs, index, _)| (*jobs, *index))?;
    Some(Request::Jobs { stop, run: run.id, page: Page { number: run.page.max(1), size: page_size(run) } })
}

/// When it is the turn of a run among those of its repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// It was never read: the newest and the oldest by turns, because nobody knows which of many has a lost job.
    Unread(u64),
    /// Its first pages were read.
    HalfRead,
    /// It has changed since it was read: the longest unread first.
    Changed(Time),
    /// Reading it failed, and its rest is over.
    Failed(Time),
    /// It has not changed.
    Unchanged(Time),
}

fn turn(run: &SeenRun, began: Time, reading: Reading, number: u32) -> Option<Turn> {
    let was_asked = run.asked_at >= began;
    let turn = if run.failures > 0 {
        if run.asked_at + rest(run.failures) > began {
            return None;
        }
        Turn::Failed(run.asked_at)
    } else if run.page > 1 {
        Turn::HalfRead
    } else if was_asked {
        return None;
    } else if run.updated_at + SETTLED > run.read_at {
        let is_settled = run.updated_at + SETTLED <= began;
        if !is_settled && run.asked_at.max(run.listed_at) + CHANGING_EVERY > began {
            return None;
        }
        if run.read_at > Time::default() {
            Turn::Changed(run.read_at)
        } else {
            Turn::Unread(if number.is_multiple_of(2) { u64::MAX - run.id } else { run.id })
        }
    } else {
        let longest = if run.status == RunStatus::Queued { QUEUED_EVERY } else { UNDER_WAY_EVERY };
        let unchanged = run.read_at.since(run.updated_at);
        if run.read_at + unchanged.clamp(UNCHANGED_EVERY, longest) > began {
            return None;
        }
        Turn::Unchanged(run.read_at)
    };
    let is_precaution = matches!(turn, Turn::Unchanged(_));
    (is_precaution == (reading == Reading::AsPrecaution)).then_some(turn)
}

/// How many jobs are asked for at once.
pub(super) fn page_size(run: &SeenRun) -> u32 {
    let [full, smaller, smallest] = PAGES;
    match run.smaller {
        0 => full,
        1 => smaller,
        _ => smallest,
    }
}

#[cfg(test)]
mod tests;
