//! Events of strangers' jobs.

use super::*;
use crate::github::{Action, OUR_INSTALLATION, StrangersEvent};

fn event(action: Action) -> StrangersEvent {
    StrangersEvent {
        repository: repository(),
        installation: OUR_INSTALLATION,
        action,
        labels: labels(&["self-hosted"]),
        runner_name: Some("r-1".to_owned()),
        runner_id: Some(7),
        age: MINUTE * 60,
    }
}

fn body(event: GithubEvent) -> serde_json::Value {
    match event {
        GithubEvent::Webhook { headers, body } => {
            assert!(headers.iter().any(|(name, value)| *name == "x-hub-signature-256" && value.len() == 71));
            serde_json::from_slice(&body).unwrap()
        }
        other => panic!("{other:?}"),
    }
}

fn job_of(body: &serde_json::Value) -> JobRef {
    let repository = Repository::new(body["repository"]["full_name"].as_str().unwrap()).unwrap();
    JobRef { repository, job_id: body["workflow_job"]["id"].as_u64().unwrap(), run_attempt: 1 }
}

#[test]
fn a_strangers_job_is_shown_as_its_event_says() {
    for (action, status) in [
        (Action::Waiting, GithubJobStatus::Held),
        (Action::Queued, GithubJobStatus::Completed),
        (Action::InProgress, GithubJobStatus::InProgress),
        (Action::Completed, GithubJobStatus::Completed),
    ] {
        let mut scene = Scene::new(GithubSettings::default());
        let body = body(scene.world.strangers_event(scene.now, event(action)));
        assert_eq!(body["action"], action.as_str());
        assert_eq!(body["workflow_job"]["runner_name"], "r-1");
        assert_eq!(body["workflow_job"]["runner_id"], 7);
        assert_eq!(body["workflow_job"]["created_at"], "2025-06-15T14:06:40Z");
        let shown = scene.world.job(scene.now, &job_of(&body)).unwrap().unwrap();
        assert_eq!((shown.status, shown.runner_name.as_deref()), (status, Some("r-1")));
        assert_eq!(scene.world.is_open_strangers_job(&shown.job), status != GithubJobStatus::Completed);
        assert_eq!((scene.world.open_jobs(), scene.world.all_jobs().count()), (0, 0));
    }
}

#[test]
fn a_job_of_another_installation_is_not_shown() {
    let mut scene = Scene::new(GithubSettings::default());
    let foreign = StrangersEvent { installation: 9, ..event(Action::InProgress) };
    let body = body(scene.world.strangers_event(scene.now, foreign));
    assert_eq!(body["installation"]["id"], 9);
    assert_eq!(scene.world.job(scene.now, &job_of(&body)).unwrap(), None);
}

#[test]
fn a_strangers_job_is_found_in_its_repository_only() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.world.add_repository(&Repository::new("octo/api").unwrap());
    let body = body(scene.world.strangers_event(scene.now, event(Action::Completed)));
    let elsewhere = JobRef { repository: Repository::new("octo/api").unwrap(), ..job_of(&body) };
    assert_eq!(scene.world.job(scene.now, &elsewhere).unwrap(), None);
}
