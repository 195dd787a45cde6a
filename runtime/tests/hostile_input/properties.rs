//! Random bodies, and valid ones with random changes, lead to an answer and at most one message, and are never
//! quoted.

use jit_runners_runtime::{
    message::{LifecycleEvent, decode_event, decode_job},
    record::InstanceId,
};
use jit_runners_witnesses::json::{any_change, any_json, changed};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    payload::payload,
    ports::{ODD, delivered},
};

/// A message for each queue, and an event of EC2.
fn messages() -> [Value; 4] {
    let job = json!({ "repository": "octo/cat", "job_id": 41, "run_attempt": 2 });
    let event = |kind: &str| {
        json!({
            "version": "0", "id": ODD, "detail-type": kind, "source": "aws.ec2", "resources": [ODD],
            "detail": { "instance-id": "i-0123456789abcdef0", "state": "terminated", "instance-action": "terminate" },
        })
    };
    [
        json!({ "version": 1, "job": job, "labels": ["large", "self-hosted"], "queued_at": 5, "re_enqueued": 1 }),
        json!({
            "version": 1, "job": job, "labels": ["self-hosted"], "at": 5,
            "change": { "action": "in_progress", "runner_name": "jit-runners-i-0a-1", "runner_id": 8 },
        }),
        event("EC2 Spot Instance Interruption Warning"),
        event("EC2 Instance State-change Notification"),
    ]
}

#[track_caller]
fn a_webhook_ends_well(event: &str, body: &[u8]) {
    let outcome = delivered(event, body);
    let queued = outcome.response.body == "queued";
    assert!(matches!(outcome.response.status, 200 | 400), "{:?}", outcome.response);
    assert_eq!(outcome.sent(), usize::from(queued));
    assert_eq!(outcome.told.len(), usize::from(outcome.response.status == 400));
    outcome.says_nothing("a webhook by chance");
}

/// A readable message is read as it was written; others are refused without quoting them.
fn a_message_ends_well(body: &str) {
    let (job, event) = (decode_job(body), decode_event(body));
    if let Ok(job) = &job {
        assert_eq!(decode_job(&serde_json::to_string(job).unwrap()).as_ref(), Ok(job));
    }
    match &event {
        Ok(LifecycleEvent::Job(event)) => {
            let again = decode_event(&serde_json::to_string(event).unwrap());
            assert_eq!(again, Ok(LifecycleEvent::Job(event.clone())));
        }
        Ok(LifecycleEvent::Interrupted { instance } | LifecycleEvent::Ended { instance }) => {
            assert!(InstanceId::parse(instance.as_str()).is_some(), "{instance}");
        }
        Ok(LifecycleEvent::Irrelevant) | Err(_) => {}
    }
    for refusal in [job.err(), event.err()].into_iter().flatten() {
        let words = refusal.to_string();
        assert!(words.len() < 120 && words.is_ascii() && !words.contains(ODD), "{words}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes(body in any::<Vec<u8>>(), event in prop::sample::select(vec!["workflow_job", "ping", "push", ""])) {
        a_webhook_ends_well(event, &body);
        a_message_ends_well(&String::from_utf8_lossy(&body));
    }

    #[test]
    fn text_that_looks_like_json(body in "[\\[\\]{}\":,0-9eE.\\-a-f\\\\ ]{0,60}") {
        a_webhook_ends_well("workflow_job", body.as_bytes());
        a_message_ends_well(&body);
    }

    #[test]
    fn json_of_any_kind(body in any_json()) {
        let body = body.to_string();
        a_webhook_ends_well("workflow_job", body.as_bytes());
        a_webhook_ends_well("ping", body.as_bytes());
        a_message_ends_well(&body);
    }

    /// Up to three values are dropped, replaced, or of another type.
    #[test]
    fn payloads_that_are_almost_right(
        action in prop::sample::select(vec!["queued", "in_progress", "completed", "waiting"]),
        changes in prop::collection::vec(any_change(), 1..4),
    ) {
        let body = changes.iter().fold(payload(action), |body, (place, change)| changed(&body, place, change));
        a_webhook_ends_well("workflow_job", body.to_string().as_bytes());
    }

    #[test]
    fn messages_that_are_almost_right(changes in prop::collection::vec(any_change(), 1..4)) {
        for message in messages() {
            let body = changes.iter().fold(message, |body, (place, change)| changed(&body, place, change));
            a_message_ends_well(&body.to_string());
        }
    }

    /// The bytes of a payload, of which some are others.
    #[test]
    fn payloads_that_were_damaged(damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut body = payload("queued").to_string().into_bytes();
        for (place, byte) in damages {
            let place = place.index(body.len());
            body[place] = byte;
        }
        a_webhook_ends_well("workflow_job", &body);
    }
}

#[test]
fn what_chance_changes_is_read_otherwise() {
    for action in ["queued", "in_progress", "completed"] {
        a_webhook_ends_well("workflow_job", payload(action).to_string().as_bytes());
        assert_eq!(delivered("workflow_job", payload(action).to_string()).sent(), 1);
    }
    for message in messages() {
        a_message_ends_well(&message.to_string());
        assert!(decode_job(&message.to_string()).is_ok() || decode_event(&message.to_string()).is_ok());
    }
}
