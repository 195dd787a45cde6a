//! Event source mappings, schedules, time limits, and throttling by Lambda and API Gateway.

use std::{rc::Rc, time::Duration};

use jit_runners_model::{
    choices::Throttling,
    contract::{Handler, queue},
};
use jit_runners_runtime::{port::Clock as _, time::Time};

use super::{Notes, OnMessages, Scripted, after, notes, push, seconds, started};
use crate::{
    SimPorts, Simulator,
    fault::{Faults, FunctionFaults, PlannedFaults},
    policy::OurPolicy,
    queue::QueueSettings,
    world::{QueueName, WorldSettings},
};

/// When which messages were handed over.
type Handed = (Time, Vec<String>);

/// Notes each batch, works for `work`, and returns which messages failed.
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

/// A world with its own queue settings, whatever the deployment has.
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
    let settings = WorldSettings { plan: PlannedFaults::of_message(2), ..quiet() };
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

const VISIBILITY: Duration = Duration::from_mins(2);

/// A world with a concurrency of one, and its own settings for the queue of jobs.
fn crowded() -> WorldSettings {
    let mut settings = WorldSettings::quiet(1);
    settings.lambda.concurrency = 1;
    settings.scale_up = QueueSettings::new(VISIBILITY, 3, Duration::from_hours(96));
    settings
}

/// The only possible invocation runs until then, so no other one begins, not even those of schedules.
fn occupied(settings: WorldSettings, until: Duration) -> Simulator<Scripted> {
    let works: OnMessages = Box::new(move |ports: SimPorts, messages, _| {
        let long = messages.iter().any(|message| message.body == "long");
        Box::pin(async move {
            if long {
                ports.sleep_until(after(until)).await;
            }
            Vec::new()
        })
    });
    let mut settings = settings;
    settings.lambda.timeouts.lifecycle = Duration::from_hours(10);
    settings.faults.functions.tick_missed = 1.0;
    let policy = Scripted { lifecycle: Some(works), ..Scripted::default() };
    let mut run = started(settings, policy);
    run.world_mut().enqueue(QueueName::Lifecycle, "long".to_owned());
    run.run_until(after(seconds(1)));
    run
}

#[test]
fn a_throttled_batch_is_tried_while_its_messages_are_hidden() {
    let mut run = occupied(crowded(), seconds(60));
    run.world_mut().enqueue(QueueName::ScaleUp, "job".to_owned());
    run.run_until(after(seconds(119)));
    let world = run.world();
    let scale_up = world.lambda.of(Handler::ScaleUp);
    assert!(scale_up.throttled > 3 && scale_up.given_up == 0, "{scale_up:?}");
    assert_eq!((scale_up.done, world.scale_up.len()), (1, 0));
    assert_eq!(world.scale_up.statistics().received, 1, "one receive was enough");
}

#[test]
fn throttling_that_lasts_uses_up_every_receive() {
    let mut run = occupied(crowded(), Duration::from_hours(2));
    run.world_mut().enqueue(QueueName::ScaleUp, "job".to_owned());
    run.run_until(after(seconds(359)));
    assert_eq!(run.world().scale_up.len(), 1, "three times hidden are not over");
    run.run_until(after(seconds(480)));
    let world = run.world();
    let scale_up = world.lambda.of(Handler::ScaleUp);
    assert_eq!((scale_up.begun, scale_up.given_up), (0, 3));
    assert_eq!((world.scale_up.len(), world.scale_up.dead_letters().len()), (0, 1));
}

/// With the numbers of the deployment.
#[test]
fn an_account_that_is_busy_for_forty_minutes_makes_no_dead_letter() {
    let usual = WorldSettings { scale_up: QueueSettings::scale_up(), ..crowded() };
    let mut run = occupied(usual, Duration::from_mins(40));
    for job in 0..30 {
        run.world_mut().enqueue(QueueName::ScaleUp, job.to_string());
    }
    run.run_until(after(Duration::from_mins(55)));
    let world = run.world();
    assert!(world.lambda.of(Handler::ScaleUp).given_up > 0);
    assert_eq!((world.scale_up.len(), world.scale_up.dead_letters().len()), (0, 0));
    assert_eq!(world.scale_up.statistics().deleted, 30);
    assert!(world.scale_up.statistics().received < 30 * u64::from(queue::SCALE_UP_MAX_RECEIVES));
}

#[test]
fn a_throttled_schedule_is_tried_for_a_minute_and_a_throttled_webhook_is_not() {
    let ticks = notes::<Time>();
    let noted = Rc::clone(&ticks);
    let mut settings = crowded();
    settings.faults.functions.tick_missed = 0.0;
    let slow: OnMessages = Box::new(|ports: SimPorts, _, _| {
        Box::pin(async move {
            ports.sleep_until(after(Duration::from_mins(10))).await;
            Vec::new()
        })
    });
    settings.lambda.timeouts.lifecycle = Duration::from_hours(10);
    let rebalancer = move |ports: SimPorts, _| {
        noted.borrow_mut().push(ports.now());
        Box::pin(async {}) as _
    };
    let policy =
        Scripted { lifecycle: Some(slow), rebalancer: Some(Box::new(rebalancer)), ..Scripted::default() };
    let mut run = started(settings, policy);
    run.world_mut().enqueue(QueueName::Lifecycle, "long".to_owned());
    run.run_until(after(seconds(30)));
    run.world_mut().post(jit_runners_runtime::webhook::Request::default());
    run.run_until(after(Duration::from_mins(9)));
    assert_eq!(run.world().lambda.failed_webhooks, 1);
    assert_eq!(run.world().lambda.of(Handler::Rebalancer).begun, 0);
    assert!(
        run.world().lambda.of(Handler::Rebalancer).given_up > 5,
        "nobody waits for the last tick but one"
    );
    run.run_until(after(Duration::from_mins(14)));
    assert!((3..=5).contains(&ticks.borrow().len()), "{:?}", ticks.borrow());
}

#[test]
fn jobs_whose_webhooks_the_api_refused_are_found() {
    let settings = WorldSettings { throttling: Throttling { rate: 1, burst: 4 }, ..WorldSettings::quiet(1) };
    let mut run = started(settings, OurPolicy);
    run.world_mut().at(after(seconds(5)), |world| push(world, 20));
    run.run_until(after(Duration::from_mins(30)));
    let world = run.world();
    assert!(world.api.refused >= 10, "{}", world.api.refused);
    assert!(world.observed["lost webhook"] > 0 && world.observed["job queued"] < 10, "{:?}", world.observed);
    assert_eq!((world.github.open_jobs(), world.ec2.live()), (0, 0));
}
