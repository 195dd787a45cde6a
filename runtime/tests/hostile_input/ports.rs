//! The webhook function alone, with ports that note what it does.

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
    port::{Clock, Observation, Observe, PublishEvents, PublishJobs, SendError},
    time::Time,
    webhook::{Request, Response, WebhookSecret, webhook},
};
pub(crate) use jit_runners_witnesses::json::ODD;
use serde_json::Value;

pub(crate) const SECRET: &str = "between GitHub and us";

/// What came of a request.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) response: Response,
    pub(crate) jobs: Vec<JobMessage>,
    pub(crate) events: Vec<JobEvent>,
    pub(crate) told: Vec<Observation>,
}

impl Outcome {
    /// Messages sent.
    pub(crate) fn sent(&self) -> usize {
        self.jobs.len() + self.events.len()
    }

    /// Neither the answer nor the log quotes the request or the secret.
    #[track_caller]
    pub(crate) fn says_nothing(&self, about: &str) {
        let said = format!("{:?} {:?}", self.response, self.told);
        for word in [ODD, SECRET, "sha256="] {
            assert!(!said.contains(word), "{about}: {said}");
        }
        assert!(said.len() < 500, "{about}: {said}");
    }
}

#[derive(Default)]
struct Ports {
    jobs: RefCell<Vec<JobMessage>>,
    events: RefCell<Vec<JobEvent>>,
    told: RefCell<Vec<Observation>>,
}

impl PublishJobs for Ports {
    async fn publish_jobs(&self, messages: Vec<JobMessage>) -> Result<(), SendError> {
        self.jobs.borrow_mut().extend(messages);
        Ok(())
    }
}

impl PublishEvents for Ports {
    async fn publish_event(&self, message: JobEvent) -> Result<(), SendError> {
        self.events.borrow_mut().push(message);
        Ok(())
    }
}

impl Clock for Ports {
    fn now(&self) -> Time {
        Time::from_millis(1_800_000_000_000)
    }

    async fn sleep_until(&self, _: Time) {
        panic!("the webhook function waits")
    }
}

impl Observe for Ports {
    fn observe(&self, observation: Observation) {
        self.told.borrow_mut().push(observation);
    }
}

/// Hands a request to the function of the installation that its body names, if it names any.
pub(crate) fn handled(request: &Request) -> Outcome {
    let (ports, secret) = (Ports::default(), WebhookSecret::new(SECRET).unwrap());
    let named =
        serde_json::from_slice::<Value>(request.body()).ok().and_then(|it| it["installation"]["id"].as_u64());
    let ours = Id(named.unwrap_or(42));
    let response =
        match pin!(webhook(&ports, &secret, ours, request)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(response) => response,
            Poll::Pending => panic!("these ports answer at once"),
        };
    Outcome {
        response,
        jobs: ports.jobs.into_inner(),
        events: ports.events.into_inner(),
        told: ports.told.into_inner(),
    }
}

/// The signature of `body` under `secret`.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    WebhookSecret::new(secret).unwrap().sign(body)
}

/// Sends the body of an event to the function, as GitHub does.
pub(crate) fn delivered(event: &str, body: impl AsRef<[u8]>) -> Outcome {
    let body = body.as_ref();
    let headers = [("X-GitHub-Event", event), ("X-Hub-Signature-256", &signature(SECRET, body))];
    handled(&Request::new(headers, body))
}
