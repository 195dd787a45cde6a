use std::time::Duration;

use jit_runners_model::contract::{message::Repository, table::JobState};

use super::*;
use crate::{
    port::Revision,
    record::{IntentState, Lease, Rotation},
    sample::{
        DEADLINE, NOW, at_revision, busy, closed, first, group, instance_id, intent, job, job_ref, launched,
        left, listening, minutes, seconds, served,
    },
};

const TICK: Duration = Duration::from_millis(1);

#[test]
fn nothing_known_is_no_gap() {
    let group = Group::default();
    assert_eq!((group.demand(NOW), group.supply(NOW), group.gap(NOW), group.surplus(NOW)), (0, 0, 0, 0));
    assert_eq!(group.repository(), None);
}

#[test]
fn only_queued_jobs_are_demand() {
    let running = Job { state: JobState::Running, ..job(2) };
    let completed = Job { state: JobState::Completed, ..job(3) };
    let group = group([job(1).into(), running.into(), completed.into()]);
    assert_eq!((group.demand(NOW), group.waiting(), group.gap(NOW)), (1, 1, 1));
}

#[test]
fn a_held_launch_counts_for_every_slot_that_it_will_fill() {
    let group = group([job(1).into(), intent(1, 3).into()]);
    assert_eq!((group.supply(NOW), group.gap(NOW), group.surplus(NOW)), (3, 0, 2));
}

#[test]
fn a_launch_counts_until_the_moment_at_which_it_is_no_longer_held() {
    let group = group([job(1).into(), intent(1, 1).into()]);
    assert_eq!((group.supply(DEADLINE - TICK), group.to_take_over(DEADLINE - TICK).len()), (1, 0));
    assert_eq!((group.supply(DEADLINE), group.to_take_over(DEADLINE).len()), (0, 1));
}

#[test]
fn a_launch_that_was_given_up_counts_for_nothing_and_is_not_taken_over() {
    let abandoned = Intent { state: IntentState::Abandoned, ..left(1, 1) };
    let group = group([job(1).into(), abandoned.into()]);
    assert_eq!((group.supply(NOW), group.to_take_over(NOW).len()), (0, 0));
}

#[test]
fn a_runner_counts_once_while_its_launch_is_carried_out() {
    // One of two slots is filled, and the launch says by whom.
    let half_done = Intent { launched: vec![instance_id(1)], ..intent(1, 1) };
    let group = group([half_done.into(), launched(1).into(), listening(1).into()]);
    assert_eq!(group.supply(NOW), 2, "the runner is one item, whatever is known of it");
}

#[test]
fn a_runner_that_the_index_shows_before_its_launch_is_no_second_one() {
    let group = group([intent(1, 1).into(), launched(1).into()]);
    assert_eq!(group.supply(NOW), 1, "the slot is the runner's, though the launch does not say so yet");
}

#[test]
fn a_job_that_the_index_shows_after_its_launch_is_demand() {
    let young = Intent { since: NOW - seconds(1), ..intent(1, 1) };
    assert_eq!(group([young.clone().into()]).demand(NOW), 1);
    assert_eq!(group([young.into(), served(1).into()]).demand(NOW), 1, "and counts once");
    assert_eq!(group([intent(1, 1).into()]).demand(NOW), 0, "what is not shown for long is over");
}

#[test]
fn a_runner_that_took_a_job_is_no_supply() {
    let gone = Runner { instance_gone: true, ..listening(2) };
    let given_up = Runner { given_up: true, ..listening(3) };
    let done = Runner { job_done: true, ..busy(4) };
    let group = group([busy(1).into(), gone.into(), given_up.into(), done.into(), listening(5).into()]);
    assert_eq!(group.supply(NOW), 1);
    assert_eq!(group.idle(NOW).len(), 1);
}

#[test]
fn a_configured_runner_is_trusted_for_some_minutes() {
    let group = group([listening(1).into()]);
    let end = listening(1).configured_at.unwrap() + TRUST;
    assert_eq!((group.supply(end - TICK), group.supply(end)), (1, 0));
}

#[test]
fn an_unconfigured_runner_is_trusted_as_long_as_somebody_is_about_to_configure_it() {
    let long_ago = Runner { launched_at: NOW - minutes(30), ..launched(1) };
    assert_eq!(group([intent(1, 0).into(), long_ago.clone().into()]).supply(NOW), 1, "held");
    assert_eq!(group([left(1, 0).into(), launched(1).into()]).supply(NOW), 0, "left");
    assert_eq!(group([closed(1).into(), long_ago.into()]).supply(NOW), 0, "closed");
}

#[test]
fn an_unconfigured_runner_of_an_unknown_launch_is_trusted_for_a_short_time() {
    let group = group([launched(1).into()]);
    let end = launched(1).launched_at + TRUST_UNCONFIGURED;
    assert_eq!((group.supply(end - TICK), group.supply(end)), (1, 0));
}

#[test]
fn a_job_whose_budget_is_used_up_counts_as_long_as_its_last_runner_may_come() {
    let job = Job { not_before: Some(NOW + minutes(30)), ..served(1) };
    let end = job.launched_at.unwrap() + TRUST;
    let group = group([job.into()]);
    assert_eq!((group.demand(end - TICK), group.demand(end)), (1, 0));
    assert_eq!((group.waiting(), group.candidates(NOW).len(), group.unserved(NOW).len()), (1, 0, 0));
    let again = NOW + minutes(30);
    assert_eq!((group.demand(again - TICK), group.demand(again), group.candidates(again).len()), (0, 1, 1));
}

#[test]
fn a_runner_that_waits_for_such_a_job_is_not_too_much() {
    let job = Job { not_before: Some(NOW + minutes(30)), launched_at: Some(NOW - minutes(9)), ..served(1) };
    let group = group([job.into(), listening(1).into()]);
    assert_eq!((group.demand(NOW), group.surplus(NOW)), (0, 0));
}

#[test]
fn newer_knowledge_wins_whenever_it_comes() {
    let old = at_revision(1, job(1));
    let new = at_revision(2, Job { state: JobState::Running, ..job(1) });
    for order in [[&old, &new], [&new, &old]] {
        let mut group = Group::default();
        for item in order {
            group.learn(item.clone());
        }
        assert_eq!(group.waiting(), 0);
    }
}

#[test]
fn what_is_about_to_be_written_wins_over_what_was_read() {
    let mut group = group([listening(1).into()]);
    group.learn(first(busy(1)));
    assert_eq!(group.supply(NOW), 0);
    let mut new = Group::default();
    new.learn(Stored { revision: None, item: job(1) });
    new.learn(Stored { revision: Some(Revision(1)), item: Job { state: JobState::Running, ..job(1) } });
    assert_eq!(new.waiting(), 0, "an item that is stored is newer than one that is not there yet");
}

#[test]
fn other_kinds_of_items_change_nothing() {
    let lease = Lease { name: "l".to_owned(), until: NOW, rotation: Rotation::default() };
    let group = group([lease.into(), job(1).into()]);
    assert_eq!((group.jobs().count(), group.runners().count(), group.gap(NOW)), (1, 0, 1));
    assert_eq!(group.repository().map(Repository::as_str), Some("o/r"));
}

#[test]
fn the_oldest_job_comes_first_and_the_youngest_runner_goes_first() {
    let early = Job { queued_at: NOW - minutes(5), ..job(9) };
    let young = Runner { launched_at: NOW - seconds(1), ..listening(1) };
    let group = group([job(1).into(), job(2).into(), early.into(), young.into(), listening(2).into()]);
    let ids = |jobs: Vec<&Stored<Job>>| jobs.iter().map(|job| job.item.job.job_id).collect::<Vec<_>>();
    assert_eq!(ids(group.candidates(NOW)), [9, 1, 2]);
    let idle: Vec<_> = group.idle(NOW).iter().map(|runner| runner.item.registration).collect();
    assert_eq!(idle, [Some(1), Some(2)]);
}

#[test]
fn a_job_that_somebody_is_launching_for_is_not_unserved() {
    let unserved = |intent: Option<Intent>| {
        let items = intent.map(Item::from).into_iter().chain([Item::from(served(1))]);
        Group::new(items.map(first)).unserved(NOW).len()
    };
    assert_eq!(unserved(Some(intent(1, 1))), 0, "held");
    assert_eq!(unserved(Some(left(1, 1))), 1, "left");
    assert_eq!(unserved(Some(closed(1))), 1, "closed");
    assert_eq!(unserved(None), 1, "closed long ago");
}

#[test]
fn a_left_launch_promises_its_open_slots_and_its_unconfigured_runners() {
    let mut intent = left(1, 2);
    intent.launched = [1, 2, 3, 4].map(instance_id).into();
    let ended = Runner { instance_gone: true, ..launched(3) };
    let group = group([intent.clone().into(), launched(1).into(), listening(2).into(), ended.into()]);
    // The fourth is not known, and nobody can tell whether it waits.
    assert_eq!(group.promise_of(&intent), 3);
}

#[test]
fn a_message_that_asks_again_says_so() {
    assert_eq!(ask_again(&job(1)).re_enqueued, 1);
    assert_eq!(ask_again(&Job { launches: 3, ..job(1) }).re_enqueued, 3);
    let message = ask_again(&job(7));
    assert_eq!((message.job, message.queued_at), (job_ref(7), job(7).queued_at.as_millis()));
}
