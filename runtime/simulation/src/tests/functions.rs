//! Mappings, schedules and time limits.

use std::{rc::Rc, time::Duration};

use jit_runners_model::contract::Handler;
use jit_runners_runtime::{port::Clock as _, time::Time};

use super::{Notes, OnMessages, Scripted, SimPorts, after, notes, seconds, started};
use crate::{
    Simulator,
    fault::{Faults, FunctionFaults, Plan},
    queue::QueueSettings,
    world::{QueueName, WorldSettings},
};

/// When which messages were handed over.
type Handed = (Time, Vec<String>);

/// Notes each batch, works for `work`, and says which messages failed.
fn works(
    handed: &Notes<Handed>,
    work: Duration,
    fails: impl Fn(&str) -> bool + Clone + 'static,
) -> OnMessages {
    let handed = Rc::clone(handed);
    Box::new(move |ports: SimPorts, messages, _| {
        let bodies = messages.iter().map(|message| message.body.clone()).collect();
        handed.borrow_mut().push((ports.now(), bodies));
        let fails = fails.clone();
        Box::pin(async move {
            ports.sleep_until(ports.now() + work).await;
            messages.into_iter().filter(|message| fails(&message.body)).map(|message| message.id).collect()
        })
    })
}

/// A world with numbers of its own, whatever the deployment has.
fn quiet() -> WorldSettings {
    let mut settings = WorldSettings::quiet(1);
    settings.scale_up = QueueSettings::new(seconds(120), 3, Duration::from_hours(96));
    settings.lambda.timeouts.scaleup = seconds(110);
    settings
}

fn with_messages(settings: WorldSettings, policy: Scripted, count: u32) -> Simulator<Scripted> {
    let mut run = started(settings, policy);
    for number in 0..count {
        run.world_mut().enqueue(QueueName::ScaleUp, number.to_string());
    }
    run
}

#[test]
fn handled_messages_are_deleted() {
    let handed = notes();
    let policy = Scripted { scaleup: Some(works(&handed, seconds(1), |_| false)), ..Scripted::default() };
    let mut run = with_messages(quiet(), policy, 25);
    run.run_until(after(Duration::from_mins(30)));
    assert!(run.world().scale_up.is_empty());
    let mut bodies: Vec<_> = handed.take().into_iter().flat_map(|(_, bodies)| bodies).collect();
    bodies.sort_by_key(|body| body.parse::<u32>().unwrap());
    assert_eq!(bodies, (0..25).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[test]
fn reported_messages_come_again_after_their_visibility_timeout_and_end_as_dead_letters() {
    let handed = notes();
    let policy =
        Scripted { scaleup: Some(works(&handed, seconds(1), |body| body == "1")), ..Scripted::default() };
    let mut run = with_messages(quiet(), policy, 3);
    run.run_until(after(Duration::from_mins(30)));
    let times: Vec<_> = handed
        .take()
        .into_iter()
        .filter(|(_, bodies)| bodies.iter().any(|body| body == "1"))
        .map(|(at, _)| at.since(after(Duration::ZERO)).as_secs())
        .collect();
    assert_eq!(times, [0, 120, 240]);
    let world = run.world();
    assert_eq!((world.scale_up.dead_letters().len(), world.scale_up.len()), (1, 0));
}

#[test]
fn no_more_than_ten_messages_and_ten_invocations_at_a_time() {
    let handed = notes();
    let policy = Scripted { scaleup: Some(works(&handed, seconds(20), |_| false)), ..Scripted::default() };
    let mut run = with_messages(quiet(), policy, 200);
    run.run_until(after(seconds(600)));
    assert!(run.world().scale_up.is_empty());
    assert_eq!(run.world().lambda.of(Handler::ScaleUp).most_at_once, 10);
    let sizes: Vec<_> = handed.take().iter().map(|(_, bodies)| bodies.len()).collect();
    assert_eq!((sizes.iter().max(), sizes.iter().sum::<usize>()), (Some(&10), 200));
}

#[test]
fn an_invocation_that_takes_too_long_is_ended_and_its_batch_comes_again() {
    let handed = notes();
    let policy = Scripted { scaleup: Some(works(&handed, seconds(115), |_| false)), ..Scripted::default() };
    let mut run = with_messages(quiet(), policy, 1);
    run.run_until(after(seconds(109)));
    assert_eq!(run.invocations().count(), 1);
    run.run_until(after(seconds(111)));
    assert_eq!(run.invocations().count(), 0);
    run.run_until(after(seconds(500)));
    assert_eq!(run.world().lambda.of(Handler::ScaleUp).timed_out, 3);
    assert_eq!(handed.borrow().len(), 3);
}

#[test]
fn an_invocation_is_told_an_earlier_end_than_it_has() {
    let told = notes();
    let noted = Rc::clone(&told);
    let act = move |ports: SimPorts, deadline: Time| {
        noted.borrow_mut().push(deadline.since(ports.now()));
        Box::pin(async {}) as _
    };
    let policy = Scripted { scaledown: Some(Box::new(act)), ..Scripted::default() };
    started(quiet(), policy).run_until(after(seconds(301)));
    assert_eq!(*told.borrow(), [Duration::from_millis(539_500)]);
}

#[test]
fn a_stillborn_invocation_leaves_its_messages() {
    let mut settings = quiet();
    settings.faults.functions.stillborn = 1.0;
    let handed = notes();
    let policy = Scripted { scaleup: Some(works(&handed, seconds(1), |_| false)), ..Scripted::default() };
    let mut run = with_messages(settings, policy, 1);
    run.run_until(after(seconds(1_000)));
    assert_eq!((handed.borrow().len(), run.world().scale_up.dead_letters().len()), (0, 1));
    assert_eq!(run.world().lambda.of(Handler::ScaleUp).crashed, 3);
}

#[test]
fn a_message_whose_deletion_is_lost_comes_again() {
    let mut settings = quiet();
    settings.faults.functions.deletion_lost = 1.0;
    let handed = notes();
    let policy = Scripted { scaleup: Some(works(&handed, seconds(1), |_| false)), ..Scripted::default() };
    let mut run = with_messages(settings, policy, 1);
    run.run_until(after(seconds(200)));
    assert_eq!(handed.borrow().len(), 2);
}

#[test]
fn a_planned_message_comes_twice() {
    let settings = WorldSettings { plan: Plan::of_message(2), ..quiet() };
    let handed = notes();
    let policy = Scripted { scaleup: Some(works(&handed, seconds(1), |_| false)), ..Scripted::default() };
    let mut run = with_messages(settings, policy, 3);
    run.run_until(after(seconds(60)));
    let mut bodies: Vec<_> = handed.take().into_iter().flat_map(|(_, bodies)| bodies).collect();
    bodies.sort();
    assert_eq!(bodies, ["0", "1", "1", "2"]);
    assert_eq!(run.world().messages, 3, "the plan counts what was sent");
}

/// Ticks of scale-down and the rebalancer in an hour.
fn ticks(faults: FunctionFaults) -> (u64, u64) {
    let faults = Faults { functions: faults, ..Faults::default() };
    let mut run = started(WorldSettings { faults, ..quiet() }, Scripted::default());
    run.run_until(after(seconds(3_600)));
    let world = run.world();
    (world.lambda.of(Handler::ScaleDown).begun, world.lambda.of(Handler::Rebalancer).begun)
}

#[test]
fn schedules_tick_at_their_rates() {
    assert_eq!(ticks(FunctionFaults::default()), (12, 60));
    let jitter = FunctionFaults { tick_jitter: seconds(30), ..FunctionFaults::default() };
    assert_eq!(ticks(jitter), (12, 60), "lateness does not add up");
}

#[test]
fn ticks_are_missed_and_doubled() {
    assert_eq!(ticks(FunctionFaults { tick_missed: 1.0, ..FunctionFaults::default() }), (0, 0));
    assert_eq!(ticks(FunctionFaults { tick_doubled: 1.0, ..FunctionFaults::default() }), (24, 120));
}
