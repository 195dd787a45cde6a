use jit_runners_model::contract::message::Repository;

use super::*;
use crate::sample::{NOW, minutes, seconds};

const MOST: u32 = 20;

/// An active repository whose lists were all read just now.
fn stop(name: &str) -> Stop {
    let mut visit = Visit::new(Repository::new(name).unwrap());
    for status in RunStatus::ALL {
        visit.list_mut(status).asked_at = NOW;
    }
    Stop::new(visit, true, false)
}

/// One whose list of queued runs was read so many minutes ago.
fn asked(name: &str, ago: u64) -> Stop {
    let mut stop = stop(name);
    stop.visit.list_mut(RunStatus::Queued).asked_at = NOW - minutes(ago);
    stop
}

/// A queued run that changed an hour ago and was never read.
fn unread(id: u64) -> SeenRun {
    SeenRun {
        id,
        status: RunStatus::Queued,
        updated_at: NOW - minutes(60),
        listed_at: NOW,
        asked_at: Time::default(),
        read_at: Time::default(),
        page: 1,
        began_at: Time::default(),
        failures: 0,
        smaller: 0,
    }
}

/// One that was read so many minutes ago, and had not changed for an hour.
fn read(id: u64, ago: u64) -> SeenRun {
    let at = NOW - minutes(ago);
    SeenRun { updated_at: at - minutes(60), asked_at: at, read_at: at, ..unread(id) }
}

fn with(mut stop: Stop, runs: impl IntoIterator<Item = SeenRun>) -> Stop {
    stop.visit.runs = runs.into_iter().collect();
    stop
}

/// All requests of a tick in which GitHub answers, but nothing new: the run, or the status and the page, by repository.
fn all(stops: &mut [Stop], most: u32) -> Vec<(usize, String)> {
    let mut all = Vec::new();
    while all.len() < 1_000
        && let Some(request) =
            (u32::try_from(all.len()).unwrap() < most).then(|| next(stops, most, NOW)).flatten()
    {
        match request {
            Request::Runs { stop, status, page } => {
                let it = &mut stops[stop];
                it.lists += 1;
                it.lesser += u32::from(status != RunStatus::Queued);
                let list = it.visit.list_mut(status);
                *if page == 1 { &mut list.asked_at } else { &mut list.next_asked_at } = NOW;
                all.push((stop, format!("{status:?} {page}")));
            }
            Request::Jobs { stop, run, page } => {
                let it = &mut stops[stop];
                it.jobs += 1;
                let seen = it.visit.runs.iter_mut().find(|seen| seen.id == run).unwrap();
                (seen.asked_at, seen.read_at, seen.page, seen.failures) = (NOW, NOW, 1, 0);
                all.push((stop, format!("{run} {}/{}", page.number, page.size)));
            }
        }
    }
    all
}

fn asks(stops: &mut [Stop]) -> Vec<(usize, String)> {
    all(stops, MOST)
}

fn jobs(stop: Stop) -> Vec<String> {
    asks(&mut [stop]).into_iter().map(|(_, what)| what).collect()
}

#[test]
fn lists_are_read_as_often_as_they_are_worth() {
    let due = |status, ago| {
        let mut stop = stop("o/a");
        stop.visit.list_mut(status).asked_at = NOW - seconds(ago);
        next(&[stop], MOST, NOW).is_some()
    };
    let ticks = [
        (RunStatus::Queued, 1),
        (RunStatus::InProgress, 2),
        (RunStatus::Waiting, 2),
        (RunStatus::Pending, 10),
    ];
    for (status, ticks) in ticks {
        assert!(due(status, ticks * 60) && due(status, ticks * 60 - 15), "a tick may be early: {status:?}");
        assert!(!due(status, ticks * 60 - 20), "{status:?}");
    }
    let mut fresh = [Stop::new(Visit::new(Repository::new("o/a").unwrap()), true, false)];
    assert_eq!(asks(&mut fresh).len(), 4, "a new one is read as a whole");
}

#[test]
fn the_list_that_is_most_overdue_comes_first_and_repositories_take_turns() {
    let mut stops = [asked("o/a", 1), asked("o/b", 3), asked("o/c", 2)];
    let order: Vec<_> = asks(&mut stops).into_iter().map(|(stop, _)| stop).collect();
    assert_eq!(order, [1, 2, 0]);
    let fresh = |name: &str| Stop::new(Visit::new(Repository::new(name).unwrap()), true, false);
    let order: Vec<_> = asks(&mut [fresh("o/a"), fresh("o/b")]).into_iter().map(|(stop, _)| stop).collect();
    assert_eq!(order, [0, 1, 0, 1, 0, 1, 0, 1]);
}

#[test]
fn lists_that_may_have_something_come_first_if_not_all_can_be_read() {
    let waits = |name: &str, is_busy| {
        let mut stop = stop(name);
        stop.visit.list_mut(RunStatus::InProgress).asked_at = NOW - minutes(3);
        Stop { is_busy, ..stop }
    };
    let known = with(waits("o/c", false), [SeenRun { status: RunStatus::InProgress, ..read(1, 1) }]);
    let order: Vec<_> = asks(&mut [waits("o/a", false), waits("o/b", true), known])
        .into_iter()
        .map(|(stop, _)| stop)
        .collect();
    assert_eq!(order, [1, 2, 0]);
}

#[test]
fn while_runs_wait_to_be_read_lists_get_a_part_of_the_requests() {
    let names: Vec<_> = (0..30).map(|number| format!("o/{number}")).collect();
    let mut stops: Vec<_> = names.iter().map(|name| asked(name, 1)).collect();
    stops[7] = with(asked("o/7", 1), (0..100).map(unread));
    let asked = asks(&mut stops);
    assert_eq!(asked.iter().filter(|(_, what)| what.starts_with("Queued")).count(), 15);
    assert_eq!(asked.iter().filter(|(stop, what)| *stop == 7 && what.ends_with("1/100")).count(), 5);
    for stop in &mut stops {
        *stop = Stop::new(stop.visit.clone(), true, false);
    }
    assert_eq!(
        asks(&mut stops)[..15].iter().filter(|(_, what)| what.starts_with("Queued")).count(),
        15,
        "the others"
    );
}

#[test]
fn while_many_runs_were_never_read_other_lists_than_those_of_queued_runs_wait() {
    let fresh = |number| Stop::new(Visit::new(Repository::new(format!("o/{number}")).unwrap()), true, false);
    let asked_with = |unread_runs| {
        let mut stops: Vec<_> = (0..6).map(fresh).collect();
        stops[0].visit.runs = (0..unread_runs).map(unread).collect();
        let asked = asks(&mut stops);
        let of = |word: &str| asked.iter().filter(|(_, what)| what.starts_with(word)).count();
        (
            of("Queued"),
            asked.len() - of("Queued") - asked.iter().filter(|(_, what)| what.ends_with("00")).count(),
        )
    };
    assert_eq!(asked_with(40), (6, 2));
    assert_eq!(asked_with(10), (6, 9));
}

#[test]
fn runs_of_all_repositories_take_turns() {
    let many = || (0..100).map(unread);
    let asked =
        asks(&mut [with(stop("o/a"), many()), with(stop("o/b"), [unread(7)]), with(stop("o/c"), many())]);
    let of = |stop| asked.iter().filter(|(it, _)| *it == stop).count();
    assert_eq!((asked.len(), of(0), of(1), of(2)), (20, 10, 1, 9));
    assert_eq!(asked[1], (1, "7 1/100".to_owned()));
}

#[test]
fn what_was_never_read_comes_first_then_the_longest_unread_that_changed_then_what_failed() {
    let changed = |id, ago| SeenRun { updated_at: NOW - minutes(1), ..read(id, ago) };
    let failed = SeenRun { failures: 1, asked_at: NOW - minutes(1), ..unread(6) };
    let half = SeenRun { page: 3, asked_at: NOW - minutes(1), ..read(5, 9) };
    let runs = [failed, changed(1, 3), changed(2, 4), half, unread(8), unread(7), unread(9)];
    let order = ["9 1/100", "7 1/100", "8 1/100", "5 3/100", "2 1/100", "1 1/100", "6 1/100"];
    assert_eq!(jobs(with(stop("o/a"), runs)), order);
}

#[test]
fn a_run_is_read_again_until_it_was_read_a_moment_after_its_change() {
    let read = |updated: u64, read: u64| {
        let (updated, read) = (NOW - seconds(updated), NOW - seconds(read));
        let run =
            SeenRun { updated_at: updated, listed_at: read, asked_at: read, read_at: read, ..unread(1) };
        next(&[with(stop("o/a"), [run])], MOST, NOW).is_some()
    };
    assert!(read(70, 60), "the jobs may have been shown as they were before the change");
    assert!(!read(75, 60));
    assert!(!read(14, 60), "it has just changed");
    assert!(read(15, 60));
    assert!(read(14, 105), "it changes all the time");
    assert!(!read(30, 0), "it was read in this tick");
}

#[test]
fn a_run_that_does_not_change_is_read_ever_more_rarely() {
    let due = |status, unchanged, ago| {
        let read_at = NOW - minutes(ago);
        let run = SeenRun {
            status,
            updated_at: read_at - minutes(unchanged),
            read_at,
            asked_at: read_at,
            ..unread(1)
        };
        next(&[with(stop("o/a"), [run])], MOST, NOW).is_some()
    };
    for (status, unchanged, every) in [
        (RunStatus::Queued, 1, 5),
        (RunStatus::Queued, 30, 30),
        (RunStatus::Queued, 5_000, 60),
        (RunStatus::InProgress, 1, 5),
        (RunStatus::InProgress, 5_000, 15),
        (RunStatus::Waiting, 5_000, 15),
    ] {
        assert!(!due(status, unchanged, every - 1), "{status:?} {unchanged}");
        assert!(due(status, unchanged, every), "{status:?} {unchanged}");
    }
}

#[test]
fn a_precaution_takes_no_request_from_anybody() {
    let precautions = with(asked("o/a", 1), (0..50).map(|id| read(id, 70)));
    let other = Stop { is_active: false, ..asked("o/b", 9) };
    let asked = asks(&mut [precautions, other, with(stop("o/c"), [unread(77)])]);
    let first: Vec<_> = asked[..3].iter().map(|(stop, _)| *stop).collect();
    assert_eq!((first, asked.len()), (vec![0, 2, 1], 20));
}

#[test]
fn what_failed_rests_ever_longer_and_costs_its_repository_little() {
    let failed = |id, failures, ago| SeenRun { failures, asked_at: NOW - seconds(ago), ..unread(id) };
    assert_eq!(jobs(with(stop("o/a"), [failed(1, 1, 44)])), [""; 0]);
    assert_eq!(jobs(with(stop("o/a"), [failed(1, 1, 45)])).len(), 1);
    assert_eq!(jobs(with(stop("o/a"), [failed(1, 9, 899)])), [""; 0]);
    assert_eq!(jobs(with(stop("o/a"), [failed(1, 9, 900), unread(2)])), ["2 1/100", "1 1/100"]);
    let mut in_this_tick = with(stop("o/a"), (0..9).map(unread));
    in_this_tick.failed_runs = vec![(8, Blame::Asked)];
    assert_eq!(jobs(in_this_tick.clone()).len(), 8, "not again in this tick");
    in_this_tick.failed_runs.push((7, Blame::Asked));
    assert_eq!(jobs(in_this_tick), [""; 0], "nor another one of a repository that tells none");
}

#[test]
fn a_repository_that_refuses_costs_nothing_while_it_rests() {
    let mut resting = with(asked("o/a", 9), [unread(1)]);
    (resting.visit.failures, resting.visit.failed_at) = (3, NOW - minutes(1));
    assert_eq!(jobs(resting.clone()), [""; 0]);
    resting.visit.failed_at = NOW - minutes(3);
    assert_eq!(jobs(resting.clone()).len(), 2);
    resting.failed = Some(Blame::Asked);
    assert_eq!(jobs(resting), [""; 0], "in the same tick");
}

#[test]
fn a_run_that_github_does_not_tell_is_asked_for_in_smaller_pages() {
    let sizes = [0, 1, 2, 3, 99].map(|smaller| page_size(&SeenRun { smaller, ..unread(1) }));
    assert_eq!(sizes, [100, 30, 10, 10, 10]);
    assert_eq!(jobs(with(stop("o/a"), [SeenRun { smaller: 1, page: 2, ..unread(1) }])), ["1 2/30"]);
}

#[test]
fn further_pages_of_a_list_have_their_turn_beside_the_first() {
    let mut stop = asked("o/a", 1);
    stop.visit.list_mut(RunStatus::Queued).next_page = Some(3);
    assert_eq!(jobs(stop.clone()), ["Queued 3", "Queued 1"]);
    stop.visit.list_mut(RunStatus::Queued).next_asked_at = NOW;
    assert_eq!(jobs(stop), ["Queued 1"]);
}

#[test]
fn repositories_without_activity_get_what_is_left_and_never_nothing() {
    let other = |name: &str| Stop {
        is_active: false,
        ..Stop::new(Visit::new(Repository::new(name).unwrap()), true, false)
    };
    let asked_of = |stops: &mut [Stop]| {
        let asked = asks(stops);
        asked.iter().filter(|(stop, _)| !stops[*stop].is_active).count()
    };
    assert_eq!(asked_of(&mut [other("o/a"), other("o/b")]), 4, "two lists of each");
    let busy = || with(asked("o/c", 1), (0..100).map(unread));
    assert_eq!(asked_of(&mut [other("o/a"), other("o/b"), busy()]), 2);
    assert_eq!(asked_of(&mut [busy()]), 0);
}

#[test]
fn few_requests_are_shared_as_many_are() {
    let mut stops = [with(asked("o/a", 1), (0..9).map(unread)), asked("o/b", 1), asked("o/c", 1)];
    let asked = all(&mut stops, 2);
    assert_eq!(asked.iter().map(|(stop, _)| *stop).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(all(&mut stops, 0), []);
}
