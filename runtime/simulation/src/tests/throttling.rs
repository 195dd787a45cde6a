//! What Lambda and API Gateway refuse for a while.

use std::{rc::Rc, time::Duration};

use jit_runners_model::{
    choices::Throttling,
    contract::{Handler, queue},
};
use jit_runners_runtime::{port::Clock as _, time::Time};

use super::{OnMessages, Scripted, after, notes, push, seconds, started};
use crate::{
    SimPorts, Simulator,
    policy::OurPolicy,
    queue::QueueSettings,
    world::{QueueName, WorldSettings},
};

const VISIBILITY: Duration = Duration::from_mins(2);

/// A world in which one invocation may run at a time, and its queue of jobs has numbers of its own.
fn crowded() -> WorldSettings {
    let mut settings = WorldSettings::quiet(1);
    settings.lambda.concurrency = 1;
    settings.scale_up = QueueSettings::new(VISIBILITY, 3, Duration::from_hours(96));
    settings
}

/// The one invocation that may run does so until then: nobody else gets a turn, schedules neither.
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
