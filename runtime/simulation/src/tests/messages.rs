//! Unreadable messages among others: only they go back to the queue, and they end in the dead-letter queue.

use std::time::Duration;

use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_witnesses::json::{ODD, nested};
use serde_json::{Value, json};

use crate::{
    Simulator, World,
    github::NewJob,
    policy::OurPolicy,
    world::{QueueName, WorldSettings},
};

/// Bodies that no function can read. Only we write to the queues, so these come from other releases, or are mistakes.
fn poison() -> Vec<String> {
    let job = json!({
        "version": 1, "job": { "repository": "o/r", "job_id": 900, "run_attempt": 1 }, "labels": ["self-hosted"],
        "queued_at": 1, "re_enqueued": 0, "change": { "action": "completed", "runner_name": null, "conclusion": ODD }, "at": 1,
    });
    let with = |place: &str, value: Value| {
        let mut job = job.clone();
        *job.pointer_mut(place).unwrap() = value;
        job.to_string()
    };
    let older = with("/version", json!(0));
    let newer =
        [with("/version", json!(2)), with("/version", json!(u32::MAX)), json!({ "version": 2 }).to_string()];
    let wrong = [
        with("/version", json!("1")),
        with("/version", json!(-1)),
        with("/job", json!(ODD)),
        with("/job/job_id", json!(-1)),
        with("/job/run_attempt", json!(u64::MAX)),
        with("/labels", json!(["UPPER"])),
        with("/labels", json!([ODD, ""])),
        with("/labels", json!(null)),
        with("/job/repository", json!("https://odd-text.example/")),
        with("/job/repository", json!("o/../x")),
    ];
    let nothing = ["", " ", "null", "{}", "[]", "7", ODD, "\u{0}", "{\"version\":1"].map(str::to_owned);
    let deep = ["[", "{\"a\":"].map(|open| nested(50_000, open, ""));
    let event = json!({
        "version": "0", "source": "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning",
        "detail": { "instance-id": "i-0a#../b" },
    });
    [older, event.to_string()].into_iter().chain(newer).chain(wrong).chain(nothing).chain(deep).collect()
}

/// A quiet world in which ten jobs are pushed while a queue holds unreadable messages.
fn with_poison(queue: QueueName, bodies: &[String]) -> Simulator<OurPolicy> {
    let mut run =
        Simulator::new(WorldSettings { with_story: true, ..WorldSettings::quiet(1) }, OurPolicy).unwrap();
    let began = run.world().now;
    let bodies = bodies.to_vec();
    run.world_mut().at(began + Duration::from_secs(5), move |world: &mut World| {
        let labels = ["self-hosted", "small"].map(|text| Label::new(text).unwrap());
        let job = NewJob { labels: labels.into(), duration: Duration::from_mins(1), ..NewJob::default() };
        let repository = Repository::new("o/r").unwrap();
        // Webhooks take a moment, so that both kinds meet in the same batches.
        world.github.push(world.now, &repository, vec![job; 10]);
        for (index, body) in bodies.into_iter().enumerate() {
            let at = world.now + Duration::from_millis(100) * u32::try_from(index).unwrap();
            world.at(at, move |world| world.enqueue(queue, body));
        }
    });
    run.run_until(began + Duration::from_hours(1));
    run
}

#[track_caller]
fn only_poison_is_left(queue: QueueName) {
    let mut poison = poison();
    let run = with_poison(queue, &poison);
    let world = run.world();
    assert_eq!((world.github.open_jobs(), world.ec2.live()), (0, 0), "the others were handled");
    assert_eq!(world.github.all_jobs().count(), 10);
    let (its, other) = match queue {
        QueueName::ScaleUp => (&world.scale_up, &world.lifecycle),
        QueueName::Lifecycle => (&world.lifecycle, &world.scale_up),
    };
    let mut dead: Vec<_> = its.dead_letters().iter().map(|letter| letter.body.clone()).collect();
    dead.sort_unstable();
    poison.sort_unstable();
    assert_eq!(dead, poison);
    assert_eq!((its.len(), other.len(), other.dead_letters().len()), (0, 0, 0));
    assert!(
        !world.trace.story().is_empty() && !world.trace.story().contains("odd-text"),
        "a word of it was told"
    );
}

#[test]
fn scale_up_hands_back_what_it_cannot_read_and_nothing_else() {
    only_poison_is_left(QueueName::ScaleUp);
}

#[test]
fn lifecycle_hands_back_what_it_cannot_read_and_nothing_else() {
    only_poison_is_left(QueueName::Lifecycle);
}

#[test]
fn what_is_meant_for_one_queue_is_poison_in_the_other() {
    let job = json!({
        "version": 1, "job": { "repository": "o/r", "job_id": 900, "run_attempt": 1 }, "labels": ["self-hosted"],
        "queued_at": 1, "re_enqueued": 0,
    });
    let mut event = job.clone();
    event["change"] = json!({ "action": "in_progress", "runner_name": ODD, "runner_id": 1 });
    event["at"] = json!(1);
    event.as_object_mut().unwrap().shift_remove("queued_at");
    for (queue, body) in [(QueueName::ScaleUp, event), (QueueName::Lifecycle, job)] {
        let run = with_poison(queue, &[body.to_string()]);
        let world = run.world();
        let dead = world.scale_up.dead_letters().len() + world.lifecycle.dead_letters().len();
        assert_eq!((world.github.open_jobs(), dead), (0, 1), "{queue:?}");
    }
}

#[test]
fn fields_of_a_newer_release_do_not_make_a_message_poison() {
    let body = json!({
        "version": 1, "job": { "repository": "o/r", "job_id": 900, "run_attempt": 1, "since": {} },
        "labels": ["self-hosted"], "at": 1, "since_tomorrow": [[{}]],
        "change": { "action": "completed", "runner_name": null, "conclusion": "success", "since": 1 },
    });
    let run = with_poison(QueueName::Lifecycle, &[body.to_string()]);
    let world = run.world();
    assert_eq!((world.lifecycle.dead_letters().len(), world.lifecycle.len()), (0, 0));
}

#[test]
fn notices_of_instances_that_nobody_knows_change_nothing() {
    let states = ["shutting-down", "terminated", "stopping", "stopped", "running", ODD];
    let bodies: Vec<_> = states
        .into_iter()
        .map(|state| {
            json!({
                "version": "0", "source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification",
                "detail": { "instance-id": "i-0123456789abcdef9", "state": state },
            })
        })
        .chain([json!({ "detail-type": "EC2 Instance Rebalance Recommendation", "detail": ODD })])
        .chain([json!({ "detail-type": ODD, "version": 1 })])
        .map(|event| event.to_string())
        .collect();
    let run = with_poison(QueueName::Lifecycle, &bodies);
    let world = run.world();
    assert_eq!((world.github.open_jobs(), world.ec2.live()), (0, 0));
    assert_eq!((world.lifecycle.dead_letters().len(), world.lifecycle.len()), (0, 0));
}

/// Readable messages that nobody sends: whatever happens to them, the others are handled.
#[test]
fn messages_of_absurd_values_stop_nobody() {
    let labels =
        |count: usize| -> Vec<String> { (0..count).map(|number| format!("label-{number}")).collect() };
    let job = |labels: &[String], number: u64| {
        json!({
            "version": 1, "job": { "repository": "o/r", "job_id": u64::MAX - number, "run_attempt": u32::MAX },
            "labels": labels, "queued_at": number, "re_enqueued": u32::MAX,
        })
    };
    let jobs: Vec<_> = [labels(0), labels(1), labels(100), labels(1_000), vec!["🦀".repeat(256)]]
        .iter()
        .flat_map(|labels| [0, 1 << 60, u64::MAX >> 1].map(|number| job(labels, number).to_string()))
        .collect();
    let run = with_poison(QueueName::ScaleUp, &jobs);
    assert_eq!((run.world().github.open_jobs(), run.world().ec2.live()), (0, 0));

    let long = ODD.repeat(10_000);
    let names =
        ["", "jit-runners-i-0123456789abcdef0-1", "jit-runners-i-x-4294967295", "a/../b", "\u{0}", &long];
    let events: Vec<_> = names
        .iter()
        .flat_map(|name| {
            let event = |change: Value, at: u64| {
                let mut event = job(&labels(1), at);
                event["at"] = json!(at);
                event["change"] = change;
                event.to_string()
            };
            [
                event(
                    json!({ "action": "in_progress", "runner_name": name, "runner_id": u64::MAX }),
                    u64::MAX,
                ),
                event(json!({ "action": "completed", "runner_name": name, "conclusion": name }), 0),
            ]
        })
        .collect();
    let run = with_poison(QueueName::Lifecycle, &events);
    let world = run.world();
    assert_eq!((world.github.open_jobs(), world.ec2.live()), (0, 0));
    assert_eq!((world.lifecycle.dead_letters().len(), world.lifecycle.len()), (0, 0));
}
