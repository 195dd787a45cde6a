//! Decodes a webhook: the few fields of `workflow_job` that matter here
//! (<https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_job>).
//!
//! GitHub adds fields, leaves some out and sets others to null. So only fields that every job has are required.
//! `action` says what happened; `status` may be out of date.

use std::{collections::BTreeSet, fmt};

use jit_runners_model::{
    Label,
    contract::message::{JobChange, JobRef},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::error::Category;

use super::{
    VerifiedWebhook,
    payload::{Action, Head, Payload, PayloadJob},
};
use crate::{message::reason, time::Time};

/// What a webhook says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something happened to a job that may be ours.
    Job(ReportedJob),
    /// A job was queued that asks for self-hosted runners, and no runner of ours can have its labels.
    Unservable {
        /// Which job.
        job: JobRef,
        /// The App's installation that the repository belongs to.
        installation: Option<u64>,
        /// What is wrong with its labels.
        why: Ignored,
    },
    /// Nothing for us.
    Ignored(Ignored),
}

/// A job and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedJob {
    /// Which job.
    pub job: JobRef,
    /// Its labels.
    pub labels: BTreeSet<Label>,
    /// What happened.
    pub change: Change,
    /// When it happened, where GitHub says so.
    pub at: Option<Time>,
    /// The App's installation that the repository belongs to; `None` if the webhook is not one of an App.
    pub installation: Option<u64>,
}

/// What happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It waits for a runner.
    Queued,
    /// It is held, a runner took it, or it is over. The runner's name is empty where GitHub does not say who took it.
    Moved(JobChange),
}

/// Why a webhook is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// An event of another kind.
    Event,
    /// Something else happened to a job.
    Action,
    /// The job belongs to another installation of the App.
    Installation,
    /// GitHub runs the job on a machine of its own.
    GithubHosted,
    /// The job asks for a label that no runner of ours can have.
    Label,
    /// The job asks for more labels than a runner can have, or for longer ones than can be stored.
    Labels,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Event => "not a workflow_job event",
            Self::Action => "not an action that matters here",
            Self::Installation => "another installation",
            Self::GithubHosted => "not a job for self-hosted runners",
            Self::Label => "a label that no runner can have",
            Self::Labels => "more labels than a runner can have",
        })
    }
}

/// Why a signed body is not what it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAsClaimed {
    /// It does not claim anything.
    #[error("there is no header x-github-event")]
    NoEvent,
    /// It is not JSON, for example because the webhook is set to send forms.
    #[error("the body is not JSON; the webhook's content type has to be application/json")]
    NotJson,
    /// It is JSON, but not of a `workflow_job`.
    #[error("the body is not one of workflow_job: {reason}")]
    NotAJob {
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads a webhook.
pub fn decode(webhook: VerifiedWebhook<'_>) -> Result<Event, NotAsClaimed> {
    let event = webhook.event().ok_or(NotAsClaimed::NoEvent)?;
    if event != "workflow_job" {
        // If a ping cannot be read, GitHub's settings show that before the first job is lost.
        return parse::<IgnoredAny>(webhook.body()).map(|_| Event::Ignored(Ignored::Event));
    }
    let change = match parse::<Head>(webhook.body())?.action {
        Action::Queued => PayloadJob::queued,
        // GitHub gives no time for that.
        Action::Waiting => |_| (Change::Moved(JobChange::Waiting), None),
        Action::InProgress => PayloadJob::taken,
        Action::Completed => PayloadJob::over,
        Action::Other => return Ok(Event::Ignored(Ignored::Action)),
    };
    let Payload { repository, workflow_job, installation } = parse(webhook.body())?;
    let job = JobRef {
        repository: repository.full_name.with_id(repository.id.unwrap_or_default()),
        job_id: workflow_job.id,
        run_attempt: workflow_job.run_attempt.unwrap_or(1),
    };
    let installation = installation.map(|installation| installation.id);
    let labels = workflow_job.labels();
    let (change, at) = change(workflow_job);
    let labels = match labels {
        Ok(labels) => labels,
        // It is told once, of all that happens to the job.
        Err(why @ (Ignored::Label | Ignored::Labels)) if change == Change::Queued => {
            return Ok(Event::Unservable { job, installation, why });
        }
        Err(ignored) => return Ok(Event::Ignored(ignored)),
    };
    Ok(Event::Job(ReportedJob { job, labels, change, at, installation }))
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, NotAsClaimed> {
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => NotAsClaimed::NotAJob { reason: reason(&error) },
        Category::Io | Category::Syntax | Category::Eof => NotAsClaimed::NotJson,
    })
}

#[cfg(test)]
mod tests {
    use jit_runners_model::contract::message::Repository;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::webhook::{Request, WebhookSecret};

    fn decoded(event: Option<&str>, body: impl Into<Vec<u8>>) -> Result<Event, NotAsClaimed> {
        let (secret, body) = (WebhookSecret::new("secret").unwrap(), body.into());
        let mut headers = vec![("x-hub-signature-256", secret.sign(&body))];
        headers.extend(event.map(|event| ("x-github-event", event.to_owned())));
        decode(VerifiedWebhook::check(&secret, &Request::new(headers, body)).unwrap())
    }

    /// A payload of `action`, with `fields` of the job as they are given.
    fn payload(action: &str, fields: &Value) -> Value {
        let mut job = json!({ "id": 41, "run_id": 5, "name": "build", "labels": ["self-hosted", "Large"] });
        for (name, value) in fields.as_object().unwrap() {
            job[name] = value.clone();
        }
        json!({
            "action": action, "sender": { "id": 1 }, "workflow_job": job,
            "repository": { "id": 9, "full_name": "octo/cat", "private": true },
        })
    }

    #[track_caller]
    fn reads(payload: &Value) -> Result<Event, NotAsClaimed> {
        decoded(Some("workflow_job"), payload.to_string())
    }

    #[track_caller]
    fn job(action: &str, fields: &Value) -> ReportedJob {
        match reads(&payload(action, fields)) {
            Ok(Event::Job(job)) => job,
            other => panic!("{action} with {fields} gave {other:?}"),
        }
    }

    const fn seconds(seconds: u64) -> Time {
        Time::from_millis(seconds * 1_000)
    }

    #[test]
    fn a_queued_job_is_read() {
        let job = job(
            "queued",
            &json!({ "run_attempt": 3, "created_at": "2026-01-02T03:04:05Z", "started_at": null }),
        );
        let repository = Repository::new("octo/cat").unwrap().with_id(9);
        assert_eq!(job.job, JobRef { repository, job_id: 41, run_attempt: 3 });
        assert_eq!(job.labels, ["large", "self-hosted"].map(|text| Label::new(text).unwrap()).into());
        assert_eq!((job.change, job.at), (Change::Queued, Some(seconds(1_767_323_045))));
    }

    #[test]
    fn what_github_leaves_out_at_times_is_not_missed() {
        for none in
            [json!({}), json!({ "run_attempt": null, "created_at": null, "runner_id": null, "status": 7 })]
        {
            let queued = job("queued", &none);
            assert_eq!((queued.job.run_attempt, queued.at), (1, None));
            let JobChange::InProgress { runner_name, runner_id } = moved(job("in_progress", &none)) else {
                panic!()
            };
            assert_eq!((runner_name.as_str(), runner_id), ("", 0));
            let JobChange::Completed { runner_name, runner_id, conclusion } = moved(job("completed", &none))
            else {
                panic!()
            };
            assert_eq!((runner_name, runner_id, conclusion.as_str()), (None, None, ""));
        }
    }

    fn moved(job: ReportedJob) -> JobChange {
        match job.change {
            Change::Moved(change) => change,
            Change::Queued => panic!("{:?} is queued", job.job),
        }
    }

    #[test]
    fn a_job_in_progress_names_its_runner() {
        let job = job(
            "in_progress",
            &json!({
                "runner_id": 8, "runner_name": "jit-i-0abc-1", "status": "queued",
                "created_at": "1970-01-01T00:00:01Z", "started_at": "1970-01-01T00:00:02Z",
            }),
        );
        assert_eq!(job.at, Some(seconds(2)));
        assert_eq!(moved(job), JobChange::InProgress { runner_name: "jit-i-0abc-1".into(), runner_id: 8 });
    }

    #[test]
    fn a_job_that_nobody_took_names_no_runner() {
        for runner in [json!(null), json!("")] {
            let job = job(
                "completed",
                &json!({
                    "runner_id": 0, "runner_name": runner, "conclusion": "cancelled",
                    "started_at": "1970-01-01T00:00:03Z", "completed_at": "1970-01-01T00:00:04Z",
                }),
            );
            assert_eq!(job.at, Some(seconds(4)));
            assert_eq!(
                moved(job),
                JobChange::Completed { runner_name: None, runner_id: None, conclusion: "cancelled".into() }
            );
        }
        let runner = json!({ "runner_name": "jit-i-0abc-1", "runner_id": 8, "conclusion": "success" });
        let (runner_name, runner_id) = (Some("jit-i-0abc-1".to_owned()), Some(8));
        let ran = JobChange::Completed { runner_name, runner_id, conclusion: "success".into() };
        assert_eq!(moved(job("completed", &runner)), ran);
    }

    #[test]
    fn a_job_that_waits_for_an_approval_is_held() {
        let held = job("waiting", &json!({ "created_at": "1970-01-01T00:00:01Z", "runner_id": null }));
        assert_eq!(held.at, None, "the time of its creation is not that of the wait");
        assert_eq!(moved(held), JobChange::Waiting);
    }

    #[test]
    fn a_webhook_says_whose_job_it_is() {
        let mut payload = payload("queued", &json!({}));
        let read = |payload: &Value| match reads(payload) {
            Ok(Event::Job(job)) => (job.job.repository.id(), job.installation),
            other => panic!("{other:?}"),
        };
        assert_eq!(read(&payload), (Some(9), None));
        payload["installation"] = json!({ "id": 42, "node_id": "x" });
        assert_eq!(read(&payload), (Some(9), Some(42)));
        payload["repository"]["id"] = Value::Null;
        payload["installation"] = Value::Null;
        assert_eq!(read(&payload), (None, None));
    }

    #[test]
    fn the_action_decides_and_the_status_does_not() {
        let queued = job("queued", &json!({ "status": "waiting", "runner_id": 5, "runner_name": "other" }));
        assert_eq!(queued.change, Change::Queued);
    }

    #[test]
    fn a_time_is_read_in_any_zone_or_not_at_all() {
        let at = |created: &str, started: &str| {
            job("queued", &json!({ "created_at": created, "started_at": started })).at
        };
        assert_eq!(at("1970-01-01T01:00:07+01:00", "x"), Some(seconds(7)));
        assert_eq!(at("1970-01-01T00:00:07.250Z", "x"), Some(Time::from_millis(7_250)));
        for unreadable in ["", "yesterday", "1970-01-01", "1969-12-31T23:59:59Z", "99999-01-01T00:00:00Z"] {
            assert_eq!(at(unreadable, "1970-01-01T00:00:05Z"), Some(seconds(5)), "{unreadable}");
            assert_eq!(at(unreadable, unreadable), None, "{unreadable}");
        }
    }

    #[test]
    fn jobs_of_other_machines_are_ignored() {
        let many =
            |number: usize| (0..number).map(|i| format!("l{i}")).chain(["self-hosted".into()]).collect();
        let labels: [(Vec<String>, Ignored); 6] = [
            (vec![], Ignored::GithubHosted),
            (vec!["ubuntu-latest".into()], Ignored::GithubHosted),
            (vec!["self-hosted-not".into()], Ignored::GithubHosted),
            (vec!["self-hosted".into(), "a,b".into()], Ignored::Label),
            (vec!["self-hosted".into(), String::new()], Ignored::Label),
            (many(100), Ignored::Labels),
        ];
        for (labels, reason) in labels {
            for action in ["queued", "in_progress", "completed"] {
                let event = reads(&payload(action, &json!({ "labels": labels })));
                match event {
                    Ok(Event::Unservable { job, why, .. }) => {
                        assert_eq!((action, why, job.job_id), ("queued", reason, 41), "{labels:?}");
                    }
                    event => {
                        assert_eq!(event, Ok(Event::Ignored(reason)), "{labels:?}");
                        assert!(action != "queued" || reason == Ignored::GithubHosted, "it is told once");
                    }
                }
            }
        }
        let with_blanks = job("queued", &json!({ "labels": ["self-hosted", "Big Machine"] })).labels;
        assert!(with_blanks.contains(&Label::new("big machine").unwrap()));
        assert_eq!(job("queued", &json!({ "labels": many(99) })).labels.len(), 100);
        assert_eq!(job("queued", &json!({ "labels": ["Self-Hosted", "SELF-HOSTED"] })).labels.len(), 1);
    }

    #[test]
    fn other_actions_and_events_are_ignored_whatever_they_say() {
        for action in ["rerequested", "deleted", ""] {
            assert_eq!(reads(&json!({ "action": action })), Ok(Event::Ignored(Ignored::Action)));
        }
        for event in ["ping", "push", "WORKFLOW_JOB", "workflow_run", ""] {
            for body in ["{}", "[1]", r#"{"action":7}"#] {
                assert_eq!(decoded(Some(event), body), Ok(Event::Ignored(Ignored::Event)), "{event} {body}");
            }
        }
    }

    #[test]
    fn what_is_not_as_it_claims_is_refused() {
        let whole = payload("queued", &json!({})).to_string();
        assert_eq!(decoded(None, whole.clone()), Err(NotAsClaimed::NoEvent));
        for event in ["workflow_job", "ping"] {
            for body in ["", "payload=%7B%7D", &whole[..whole.len() - 1], &format!("{whole}x")] {
                assert_eq!(decoded(Some(event), body), Err(NotAsClaimed::NotJson), "{event} {body}");
            }
        }
        assert_eq!(decoded(Some("workflow_job"), [0xff, 0xfe]), Err(NotAsClaimed::NotJson));
        let mut wrong = vec![
            json!(null),
            json!([]),
            json!({}),
            json!({ "action": "queued" }),
            json!({ "action": null }),
            json!({ "action": 7 }),
        ];
        for (pointer, value) in [
            ("/workflow_job", json!(null)),
            ("/workflow_job/id", json!("41")),
            ("/workflow_job/id", json!(-1)),
            ("/workflow_job/labels", json!("self-hosted")),
            ("/workflow_job/labels", json!([1])),
            ("/workflow_job/labels", json!(null)),
            ("/repository", json!(null)),
            ("/repository/full_name", json!("https://example.com/")),
        ] {
            let mut payload = payload("queued", &json!({}));
            *payload.pointer_mut(pointer).unwrap() = value;
            wrong.push(payload);
        }
        for payload in wrong {
            assert!(matches!(reads(&payload), Err(NotAsClaimed::NotAJob { .. })), "{payload}");
        }
    }

    #[test]
    fn depth_does_no_harm() {
        let deep = "[".repeat(200_000);
        for event in ["ping", "workflow_job"] {
            for body in [
                deep.clone(),
                format!("{{\"action\":{deep}"),
                format!("{{\"action\":\"queued\",\"x\":{deep}"),
            ] {
                assert!(decoded(Some(event), body).is_err());
            }
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_the_decoder_panic(body in any::<Vec<u8>>(), text in "[{}\\[\\]\":,a-z0-9\\\\]{0,40}") {
            for event in [None, Some("workflow_job"), Some("ping")] {
                let _ = decoded(event, body.clone());
                let _ = decoded(event, text.clone());
            }
        }

        #[test]
        fn no_value_of_one_field_makes_the_decoder_panic(
            text in any::<String>(),
            number in any::<i128>(),
            field in prop::sample::select(vec![
                "id", "run_attempt", "labels", "created_at", "started_at", "completed_at", "conclusion",
                "runner_id", "runner_name",
            ]),
            action in prop::sample::select(vec!["queued", "in_progress", "completed"]),
        ) {
            let number = number.to_string();
            let quoted = json!(text).to_string();
            let list = json!(["self-hosted", text]).to_string();
            for value in [&number, &quoted, &list] {
                let body = payload(action, &json!({ field: "HERE" })).to_string().replace("\"HERE\"", value);
                let _ = decoded(Some("workflow_job"), body);
            }
        }

        #[test]
        fn whatever_the_name_of_a_runner_the_job_is_read(name in any::<String>()) {
            let JobChange::InProgress { runner_name, .. } = moved(job("in_progress", &json!({ "runner_name": name })))
            else { panic!() };
            prop_assert_eq!(runner_name, name);
        }
    }
}
