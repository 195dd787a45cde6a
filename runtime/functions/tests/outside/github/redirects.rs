//! Redirects: where a repository was renamed, and where nobody may be followed.

use jit_runners_model::contract::message::{JobRef, Repository};
use jit_runners_runtime::port::{Etagged, Github as _, GithubError, RegistrationTarget, RunStatus};
use serde_json::json;

use super::{
    bodies,
    fake::FakeGithub,
    methods::{registration, repository},
    world::{REPOSITORY, refusal},
};
use crate::connection::Reply;

/// The repository under its old name.
fn old() -> Repository {
    Repository::new("octo-org/dog.food").unwrap().with_id(REPOSITORY)
}

/// A GitHub whose repository was renamed.
fn renamed() -> FakeGithub {
    let github = FakeGithub::start();
    github.set(|world| {
        world.former.insert("octo-org/dog.food", REPOSITORY);
    });
    github
}

/// The requests so far, without those for tokens.
fn lines(github: &FakeGithub) -> Vec<String> {
    github.questions().iter().map(crate::connection::Request::line).collect()
}

#[tokio::test]
async fn a_request_under_the_old_name_is_answered_and_the_next_goes_straight() {
    let github = renamed();
    github.set(|world| world.jobs = vec![bodies::job(41, &json!({}))]);
    let api = github.api();
    assert_eq!(api.renamed(&old()), None);
    let job = JobRef { repository: old(), job_id: 41, run_attempt: 1 };
    assert!(api.job(&job).await.unwrap().is_some());
    let path = "actions/jobs/41";
    let first = [
        format!("GET /repos/octo-org/dog.food/{path}"),
        format!("GET /repositories/{REPOSITORY}/{path}"),
        format!("GET /repositories/{REPOSITORY}"),
    ];
    assert_eq!(lines(&github), first);
    let new = api.renamed(&old()).unwrap();
    assert_eq!((new.as_str(), new.id()), (repository().as_str(), Some(REPOSITORY)));
    assert!(api.job(&job).await.unwrap().is_some());
    assert_eq!(lines(&github)[3..], [format!("GET /repos/octo-org/cat.food/{path}")]);
    assert_eq!(api.renamed(&repository()), None);
}

#[tokio::test]
async fn a_registration_is_repeated_with_its_method_and_body() {
    let github = renamed();
    let api = github.api();
    let there = RegistrationTarget::Repository(old());
    let new = api.register(&registration(there.clone(), "one")).await.unwrap();
    let sent = github.questions();
    assert_eq!((sent[0].method.as_str(), sent[1].method.as_str()), ("POST", "POST"));
    assert!(!sent[0].body.is_empty() && sent[0].body == sent[1].body);
    assert_eq!(sent[1].header("content-type"), sent[0].header("content-type"));
    let other = github.api();
    other.remove(&there, new.runner_id).await.unwrap();
    assert_eq!(github.questions().iter().filter(|request| request.method == "DELETE").count(), 2);
    assert_eq!(api.runners(&there, 1).await.unwrap(), []);
}

#[tokio::test]
async fn an_etag_and_a_query_go_along() {
    let github = renamed();
    github.set(|world| world.runs = vec![5]);
    let api = github.api();
    let etag = Some("W/\"first\"");
    assert_eq!(api.runs(&old(), RunStatus::Waiting, 1, etag).await.unwrap(), Etagged::Unchanged);
    let followed = &github.questions()[1];
    assert_eq!((followed.asked("status"), followed.header("if-none-match")), (Some("waiting"), etag));
}

#[tokio::test]
async fn every_kind_of_redirect_is_followed() {
    for status in [301, 302, 307, 308] {
        let github = FakeGithub::start();
        let location = format!("{}/repos/octo-org/cat.food/actions/runners", github.url());
        github.answers(refusal(status, "moved").with("location", location));
        let found = github.api().runners(&RegistrationTarget::Repository(old()), 1).await;
        assert_eq!(found.unwrap(), [], "{status}");
    }
}

#[tokio::test]
async fn nobody_else_gets_the_token() {
    let other = FakeGithub::start();
    for location in [
        format!("{}/repositories/7/actions/runners", other.url()),
        other.url().replace("http://", "//"),
        other.url().replace("127.0.0.1", "localhost"),
        "ftp://127.0.0.1/".to_owned(),
        String::new(),
    ] {
        let github = FakeGithub::start();
        github.answers(refusal(307, "moved").with("location", &location));
        let target = RegistrationTarget::Repository(old());
        let error = github.api().register(&registration(target, "one")).await.unwrap_err();
        assert!(
            matches!(&error, GithubError::Refused(refusal) if refusal.status == 307),
            "{location}: {error:?}"
        );
        assert_eq!(github.questions().len(), 1);
        assert_eq!(github.api().renamed(&old()), None);
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let github = FakeGithub::start();
    let location = format!("{}/repos/octo-org/cat.food/actions/runners", github.url());
    for _ in 0..9 {
        github.answers(refusal(301, "round").with("location", &location));
    }
    let error = github.api().runners(&RegistrationTarget::Repository(old()), 1).await.unwrap_err();
    assert!(matches!(&error, GithubError::Refused(refusal) if refusal.status == 301), "{error:?}");
    assert_eq!(github.questions().len(), 4, "the request and three redirects");
}

#[tokio::test]
async fn a_new_name_that_is_not_told_is_asked_for_again() {
    let github = renamed();
    github.set(|world| world.jobs = vec![bodies::job(41, &json!({}))]);
    let api = github.api();
    let job = JobRef { repository: old(), job_id: 41, run_attempt: 1 };
    let location = format!("{}/repositories/{REPOSITORY}/actions/jobs/41", github.url());
    github.answers(refusal(301, "moved").with("location", location));
    github.answers(Reply::new(200, bodies::job(41, &json!({}))));
    github.answers(refusal(502, "no"));
    assert!(api.job(&job).await.unwrap().is_some());
    assert_eq!(api.renamed(&old()), None);
    assert!(api.job(&job).await.unwrap().is_some());
    assert!(api.renamed(&old()).is_some());
}
