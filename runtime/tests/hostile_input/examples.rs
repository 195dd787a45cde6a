//! GitHub's own examples of every webhook, as `@octokit/webhooks-examples` publishes them: of GitHub itself and of its
//! Enterprise Servers.

use std::collections::{BTreeMap, BTreeSet};

use jit_runners_model::contract::message::{JobChange, JobRef};
use jit_runners_witnesses::tools;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ports::{Outcome, delivered};

/// The servers whose webhooks there are examples of.
const SERVERS: &[&str] = &["api.github.com", "ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35"];

/// One kind of event.
#[derive(Deserialize)]
struct Kind {
    name: String,
    examples: Vec<Value>,
}

/// Every example of a server: the event, and its payload.
fn examples(server: &str) -> Option<Vec<(String, Value)>> {
    let archive =
        tools::require_npm("GitHub's examples of webhooks", "@octokit/webhooks-examples").unwrap()?;
    let kinds: Vec<Kind> =
        serde_json::from_str(&tools::read_npm(&archive, &format!("{server}/index.json")).unwrap()).unwrap();
    let all = kinds.into_iter().flat_map(|kind| {
        let name = kind.name;
        kind.examples.into_iter().map(move |example| (name.clone(), example))
    });
    Some(all.collect())
}

#[test]
fn every_example_of_every_event_is_answered_well() {
    for (server, least) in SERVERS.iter().zip([300, 45, 45, 45, 100, 100]) {
        let Some(examples) = examples(server) else { return };
        assert!(examples.len() >= least, "{server} has {} examples", examples.len());
        let kinds: BTreeSet<_> = examples.iter().map(|(event, _)| event).collect();
        assert!(kinds.len() >= 45, "{server} has {} kinds", kinds.len());
        for (event, payload) in &examples {
            let Outcome { response, told, .. } = delivered(event, payload.to_string());
            assert_eq!((response.status, told), (200, vec![]), "{server}, {event}: {}", response.body);
            let ignored = response.body == "ignored: not a workflow_job event";
            assert_eq!(ignored, event != "workflow_job", "{server}, {event}: {}", response.body);
        }
    }
}

#[test]
fn payloads_of_other_events_are_no_jobs_whatever_they_are_called() {
    let Some(examples) = examples("api.github.com") else { return };
    for (event, payload) in examples.iter().filter(|(event, _)| event != "workflow_job") {
        let outcome = delivered("workflow_job", payload.to_string());
        assert_eq!(outcome.sent(), 0, "{event}");
        assert!(matches!(outcome.response.status, 200 | 400), "{event}");
    }
}

/// The examples of `workflow_job`.
fn jobs() -> Option<Vec<Value>> {
    let jobs: Vec<_> = examples("api.github.com")?
        .into_iter()
        .filter(|(event, _)| event == "workflow_job")
        .map(|(_, job)| job)
        .collect();
    let mut actions: BTreeMap<&str, usize> = BTreeMap::new();
    for job in &jobs {
        *actions.entry(job["action"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(actions, [("completed", 2), ("in_progress", 3), ("queued", 2), ("waiting", 1)].into());
    Some(jobs)
}

#[test]
fn each_published_job_is_ours_or_ignored_for_a_reason() {
    let Some(jobs) = jobs() else { return };
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for job in &jobs {
        *answers.entry(delivered("workflow_job", job.to_string()).response.body).or_default() += 1;
    }
    let expected = [
        // The job that asks for `self-hosted`, before and after its approval.
        ("queued", 2),
        ("ignored: not a job for self-hosted runners", 6),
    ];
    assert_eq!(answers, expected.map(|(answer, count)| (answer.to_owned(), count)).into());
}

/// The same payloads, of jobs that ask for our runners.
#[test]
fn each_published_job_is_read_as_it_is() {
    let Some(jobs) = jobs() else { return };
    for mut payload in jobs {
        payload["workflow_job"]["labels"] = json!(["self-hosted", "Large"]);
        let (action, job) = (payload["action"].as_str().unwrap(), &payload["workflow_job"]);
        let outcome = delivered("workflow_job", payload.to_string());
        let read: &JobRef = match (action, outcome.jobs.as_slice(), outcome.events.as_slice()) {
            ("queued", [message], []) => {
                assert!(message.queued_at > 1_600_000_000_000, "{payload}");
                assert_eq!(message.labels.len(), 2);
                &message.job
            }
            ("in_progress", [], [event]) => {
                let JobChange::InProgress { runner_name, runner_id } = &event.change else {
                    panic!("{event:?}")
                };
                assert_eq!(Some(runner_name.as_str()), job["runner_name"].as_str());
                assert_eq!(Some(*runner_id), job["runner_id"].as_u64());
                assert!(event.at > 1_600_000_000_000, "{payload}");
                &event.job
            }
            ("completed", [], [event]) => {
                let JobChange::Completed { runner_name, runner_id, conclusion } = &event.change else {
                    panic!("{event:?}")
                };
                assert_eq!(runner_name.as_deref(), job["runner_name"].as_str());
                assert_eq!(*runner_id, job["runner_id"].as_u64().filter(|id| *id > 0));
                assert_eq!(Some(conclusion.as_str()), job["conclusion"].as_str());
                &event.job
            }
            ("waiting", [], [event]) => {
                assert_eq!(event.change, JobChange::Waiting);
                &event.job
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(Some(read.job_id), job["id"].as_u64());
        // One was recorded before GitHub sent the attempt.
        assert_eq!(u64::from(read.run_attempt), job["run_attempt"].as_u64().unwrap_or(1));
        assert_eq!(Some(read.repository.as_str()), payload["repository"]["full_name"].as_str());
    }
}
