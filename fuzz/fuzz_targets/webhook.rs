//! Whatever a body holds: signed, it is answered in one of a few ways, and what is published for it can be read again;
//! unsigned, nothing happens.
#![no_main]

use std::{
    cell::RefCell,
    pin::pin,
    task::{Context, Poll, Waker},
};

use jit_runners_model::contract::{
    environment::Id,
    message::{JobEvent, JobMessage},
};
use jit_runners_runtime::{
    message::{LifecycleEvent, decode_event, decode_job},
    port::{Clock, Observation, Observe, PublishEvents, PublishJobs, SendError},
    time::Time,
    webhook::{Request, Response, WebhookSecret, webhook},
};
use libfuzzer_sys::fuzz_target;

/// All that anybody is ever told, up to what is wrong with a payload.
const ANSWERS: &[(u16, &str)] = &[
    (200, "queued"),
    (200, "ignored: not a workflow_job event"),
    (200, "ignored: not an action that matters here"),
    (200, "ignored: not a job for self-hosted runners"),
    (200, "ignored: a label that no runner can have"),
    (200, "ignored: more labels than a runner can have"),
    (400, "the body is not JSON; the webhook's content type has to be application/json"),
    (400, "the body is not one of workflow_job: "),
];

/// Takes every message, and notes what was done.
#[derive(Default)]
struct Ports(RefCell<Vec<Done>>);

#[derive(PartialEq, Eq)]
enum Done {
    Published,
    Told(Observation),
}

impl PublishJobs for Ports {
    async fn publish_jobs(&self, messages: Vec<JobMessage>) -> Result<(), SendError> {
        for message in messages {
            let body = serde_json::to_string(&message).expect("a message can be written");
            assert_eq!(decode_job(&body), Ok(message));
            self.0.borrow_mut().push(Done::Published);
        }
        Ok(())
    }
}

impl PublishEvents for Ports {
    async fn publish_event(&self, message: JobEvent) -> Result<(), SendError> {
        let body = serde_json::to_string(&message).expect("a message can be written");
        assert_eq!(decode_event(&body), Ok(LifecycleEvent::Job(message)));
        self.0.borrow_mut().push(Done::Published);
        Ok(())
    }
}

impl Clock for Ports {
    fn now(&self) -> Time {
        Time::from_millis(1_700_000_000_000)
    }

    async fn sleep_until(&self, _: Time) {
        panic!("the webhook function waits");
    }
}

impl Observe for Ports {
    fn observe(&self, observation: Observation) {
        self.0.borrow_mut().push(Done::Told(observation));
    }
}

fn handled(secret: &WebhookSecret, request: &Request) -> (Response, Vec<Done>) {
    let ports = Ports::default();
    let response =
        match pin!(webhook(&ports, secret, Id(42), request)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(response) => response,
            Poll::Pending => panic!("these ports answer at once"),
        };
    (response, ports.0.into_inner())
}

fuzz_target!(|body: &[u8]| {
    let secret = WebhookSecret::new("between GitHub and us").expect("it is not empty");
    let signature = secret.sign(body);
    for event in ["workflow_job", "ping"] {
        let request = |signature: &str| {
            Request::new([("X-GitHub-Event", event), ("X-Hub-Signature-256", signature)], body)
        };
        let (response, done) = handled(&secret, &request(&signature));
        let known = |(status, start): &&(u16, &str)| {
            response.status == *status
                && response.body.starts_with(start)
                && response.body.len() < start.len() + 80
        };
        assert!(ANSWERS.iter().any(|answer| known(&answer)), "{response:?}");
        match response.status {
            200 if response.body == "queued" => assert!(done == [Done::Published]),
            200 => assert!(done.is_empty()),
            _ => {
                let what = "a webhook cannot be read";
                let told = Observation::Failed { what, error: response.body.clone() };
                assert!(done == [Done::Told(told)]);
            }
        }
        // The body as its own signature, and the right one of another body.
        for forged in [String::from_utf8_lossy(body).into_owned(), secret.sign(&[body, b" "].concat())] {
            let (response, done) = handled(&secret, &request(&forged));
            assert!(response.status == 401 && response.body == "no valid signature" && done.is_empty());
        }
    }
});
