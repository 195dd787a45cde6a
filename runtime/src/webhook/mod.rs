//! Receives GitHub's webhooks.
//!
//! ```text
//! request -> verify -> decode -> decide (pure) -> one message, or none
//! ```
//!
//! It makes one call of a queue and no other, so that it answers long before GitHub gives up after ten seconds
//! (<https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks>). Nothing is stored.
//! Duplicate and late webhooks are harmless to the handlers that read the messages.
//!
//! ```
//! use jit_runners_model::contract::environment::Id;
//! use jit_runners_runtime::{
//!     time::Time,
//!     webhook::{Decision, Request, VerifiedWebhook, WebhookSecret, decide, decode},
//! };
//!
//! let secret = WebhookSecret::new("known to GitHub and to us")?;
//! let body = r#"{
//!     "action": "queued",
//!     "workflow_job": { "id": 7, "labels": ["self-hosted", "linux"] },
//!     "repository": { "full_name": "octo/cat" }
//! }"#;
//! let signature = secret.sign(body.as_bytes());
//! let headers = [("X-GitHub-Event", "workflow_job"), ("X-Hub-Signature-256", signature.as_str())];
//! let request = Request::new(headers, body);
//! let event = decode(VerifiedWebhook::check(&secret, &request)?)?;
//! let Decision::PublishJob(message) = decide(event, Id(42), Time::from_millis(5_000)) else { panic!() };
//! assert_eq!(message.job.job_id, 7);
//!
//! let forged = Request::new(headers, body.replace("octo", "evil"));
//! assert!(VerifiedWebhook::check(&secret, &forged).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decide;
mod decode;
mod payload;
mod verify;

use std::collections::BTreeMap;

use jit_runners_model::contract::environment::Id;

use crate::port::{Clock, Observation, Observe, PublishEvents, PublishJobs};

pub use self::{
    decide::{Decision, decide},
    decode::{Change, Event, Ignored, NotAsClaimed, ReportedJob, decode},
    payload::labels,
    verify::{EmptySecret, Unverified, VerifiedWebhook, WebhookSecret},
};

/// Handles a request to the App whose jobs of `installation` are served.
pub async fn webhook<P: PublishJobs + PublishEvents + Clock + Observe>(
    ports: &P,
    secret: &WebhookSecret,
    installation: Id,
    request: &Request,
) -> Response {
    let webhook = match VerifiedWebhook::check(secret, request) {
        Ok(webhook) => webhook,
        // The API's log counts these. With a line for each, anyone could fill our log.
        Err(error) => return answer(401, error.to_string()),
    };
    let event = match decode(webhook) {
        Ok(event) => event,
        Err(error) => {
            let words = error.to_string();
            ports.observe(Observation::Failed { what: "a webhook cannot be read", error: words.clone() });
            return answer(400, words);
        }
    };
    let sent = match decide(event, installation, ports.now()) {
        Decision::PublishJob(message) => ports.publish_jobs(vec![message]).await,
        Decision::PublishEvent(message) => ports.publish_event(message).await,
        Decision::TellUnservable(job, why) => {
            ports.observe(Observation::Unservable { job, why: why.to_string() });
            return answer(200, format!("ignored: {why}"));
        }
        Decision::Nothing(reason) => return answer(200, format!("ignored: {reason}")),
    };
    match sent {
        Ok(()) => answer(200, "queued"),
        Err(error) => {
            ports.observe(Observation::Failed { what: "a webhook was not queued", error: error.to_string() });
            answer(500, "not queued; this webhook can be redelivered")
        }
    }
}

fn answer(status: u16, body: impl Into<String>) -> Response {
    Response { status, body: body.into() }
}

/// A request. Its body is what was signed, byte for byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    /// A request; the case of header names does not matter.
    pub fn new<Name, Value>(
        headers: impl IntoIterator<Item = (Name, Value)>,
        body: impl Into<Vec<u8>>,
    ) -> Self
    where
        Name: Into<String>,
        Value: Into<String>,
    {
        let lower = |name: Name| {
            let mut name = name.into();
            name.make_ascii_lowercase();
            name
        };
        let headers = headers.into_iter().map(|(name, value)| (lower(name), value.into())).collect();
        Self { headers, body: body.into() }
    }

    /// The value of the header `name`, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// An answer. Its text is for people who look at the delivery in GitHub's settings. It repeats nothing of the
/// request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Plain text.
    pub body: String,
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use jit_runners_model::contract::message::{JobEvent, JobMessage};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{port::SendError, sample::outcome, time::Time};

    const OURS: Id = Id(42);
    const SECRET: &str = "between GitHub and us";

    /// Takes everything, or refuses every message.
    #[derive(Default)]
    struct Ports {
        refuses: bool,
        jobs: RefCell<Vec<JobMessage>>,
        events: RefCell<Vec<JobEvent>>,
        observed: RefCell<Vec<Observation>>,
    }

    impl Ports {
        fn answer(&self) -> Result<(), SendError> {
            if self.refuses { Err(SendError { unsent: 1, reason: "throttled".into() }) } else { Ok(()) }
        }

        fn sent(&self) -> (usize, usize) {
            (self.jobs.borrow().len(), self.events.borrow().len())
        }
    }

    impl PublishJobs for Ports {
        async fn publish_jobs(&self, messages: Vec<JobMessage>) -> Result<(), SendError> {
            self.jobs.borrow_mut().extend(messages);
            self.answer()
        }
    }

    impl PublishEvents for Ports {
        async fn publish_event(&self, message: JobEvent) -> Result<(), SendError> {
            self.events.borrow_mut().push(message);
            self.answer()
        }
    }

    impl Clock for Ports {
        fn now(&self) -> Time {
            Time::from_millis(5_000)
        }

        async fn sleep_until(&self, _: Time) {
            panic!("the webhook function waits")
        }
    }

    impl Observe for Ports {
        fn observe(&self, observation: Observation) {
            self.observed.borrow_mut().push(observation);
        }
    }

    fn handled(ports: &Ports, request: &Request) -> Response {
        let secret = WebhookSecret::new(SECRET).unwrap();
        outcome(webhook(ports, &secret, OURS, request))
    }

    fn signed_with(secret: &str, event: &str, body: &str) -> Request {
        let signature = WebhookSecret::new(secret).unwrap().sign(body.as_bytes());
        Request::new([("X-GitHub-Event", event), ("X-Hub-Signature-256", &signature)], body)
    }

    fn signed(event: &str, body: &str) -> Request {
        signed_with(SECRET, event, body)
    }

    fn job(action: &str) -> String {
        let job = json!({ "id": 1, "labels": ["self-hosted"], "runner_name": "private-name" });
        json!({ "action": action, "workflow_job": job, "repository": { "full_name": "octo/cat" } })
            .to_string()
    }

    #[test]
    fn a_label_with_a_comma_is_told_once_and_one_with_blanks_is_passed_on() {
        let ports = Ports::default();
        for label in ["big,machine", "big machine"] {
            for action in ["queued", "in_progress", "completed"] {
                let body = job(action).replace("self-hosted\"", &format!("self-hosted\",\"{label}\""));
                assert_eq!(handled(&ports, &signed("workflow_job", &body)).status, 200);
            }
        }
        assert_eq!(ports.sent(), (1, 2));
        let told = ports.observed.take();
        let is_told = |it: &Observation| matches!(it, Observation::Unservable { job, .. } if job.job_id == 1);
        assert!(told.len() == 1 && told.iter().all(is_told), "{told:?}");
    }

    #[test]
    fn each_action_leads_to_one_message_in_its_queue() {
        for (action, sent) in
            [("queued", (1, 0)), ("waiting", (0, 1)), ("in_progress", (0, 1)), ("completed", (0, 1))]
        {
            let ports = Ports::default();
            assert_eq!(handled(&ports, &signed("workflow_job", &job(action))).status, 200, "{action}");
            assert_eq!(ports.sent(), sent, "{action}");
            assert_eq!(ports.observed.take(), []);
        }
    }

    #[test]
    fn what_is_ignored_says_why() {
        let ports = Ports::default();
        let response = handled(&ports, &signed("ping", "{}"));
        assert_eq!((response.status, response.body.as_str()), (200, "ignored: not a workflow_job event"));
    }

    #[test]
    fn without_a_valid_signature_nothing_happens() {
        let body = job("queued");
        let other = signed_with("something else", "workflow_job", &body);
        let altered = Request::new(
            [
                ("x-github-event", "workflow_job"),
                ("x-hub-signature-256", other.header("x-hub-signature-256").unwrap()),
            ],
            body.replace("octo", "evil"),
        );
        for request in
            [Request::new([("x-github-event", "workflow_job")], body), other, altered, Request::default()]
        {
            let ports = Ports::default();
            assert_eq!(
                handled(&ports, &request),
                Response { status: 401, body: "no valid signature".into() }
            );
            assert_eq!((ports.sent(), ports.observed.take()), ((0, 0), vec![]));
        }
    }

    #[test]
    fn a_signed_body_that_is_not_as_it_claims_is_refused() {
        for (event, body) in [("workflow_job", "{}"), ("workflow_job", "payload={}"), ("ping", "")] {
            let ports = Ports::default();
            assert_eq!(handled(&ports, &signed(event, body)).status, 400, "{event} {body}");
            assert_eq!(ports.sent(), (0, 0));
            assert_eq!(ports.observed.take().len(), 1);
        }
        let nameless = signed("", &job("queued"));
        let nameless = Request::new(
            [("x-hub-signature-256", nameless.header("x-hub-signature-256").unwrap())],
            job("queued"),
        );
        assert_eq!(handled(&Ports::default(), &nameless).status, 400);
    }

    #[test]
    fn a_queue_that_refuses_is_a_failed_delivery() {
        for action in ["queued", "completed"] {
            let ports = Ports { refuses: true, ..Ports::default() };
            let response = handled(&ports, &signed("workflow_job", &job(action)));
            assert_eq!(
                (response.status, response.body.as_str()),
                (500, "not queued; this webhook can be redelivered")
            );
            let (jobs, events) = ports.sent();
            assert_eq!(jobs + events, 1, "one call, not repeated");
            let told = format!("{:?}", ports.observed.take());
            assert!(told.contains("throttled") && !told.contains("private-name"), "{told}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_published_without_a_valid_signature(
            signature in prop_oneof![any::<String>(), "sha256=[0-9a-f]{64}"],
            secret in ".{1,20}",
            action in prop::sample::select(vec!["queued", "in_progress", "completed"]),
        ) {
            prop_assume!(secret != SECRET);
            let forged = Request::new(
                [("x-github-event", "workflow_job"), ("x-hub-signature-256", &signature)],
                job(action),
            );
            for request in [forged, signed_with(&secret, "workflow_job", &job(action))] {
                let ports = Ports::default();
                prop_assert_eq!(handled(&ports, &request).status, 401);
                prop_assert_eq!(ports.sent(), (0, 0));
            }
        }
    }
}
