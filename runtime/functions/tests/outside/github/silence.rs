//! Missing answers of all kinds: it is unknown whether the request was executed, and it is not sent again.

use std::{net::TcpListener, time::Duration};

use jit_runners_functions::github::{Access, GithubApi};
use jit_runners_runtime::port::{Github as _, GithubError};
use serde_json::json;

use super::{
    fake::{FakeGithub, Misfortune},
    methods::{here, registration},
};
use crate::connection::Reply;

#[track_caller]
fn is_unknown<T: std::fmt::Debug>(answer: Result<T, GithubError>) -> String {
    match answer {
        Err(GithubError::Unknown(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_request_that_is_not_answered_in_time_is_given_up() {
    let github = FakeGithub::start();
    let access = Access { timeout: Duration::from_millis(300), ..github.access() };
    let api = GithubApi::new(&access).unwrap();
    github.next(Misfortune::Unanswered);
    let why = is_unknown(api.register(&registration(here(), "one")).await);
    assert_eq!(why, "nothing came in 300 ms");
    assert_eq!(github.questions().len(), 1);
}

#[tokio::test]
async fn a_token_that_does_not_come_in_time_is_given_up() {
    let github = FakeGithub::start();
    let access = Access { timeout: Duration::from_millis(300), ..github.access() };
    github.next_token(Misfortune::Unanswered);
    is_unknown(GithubApi::new(&access).unwrap().runners(&here(), 1).await);
    assert_eq!(github.questions().len(), 0);
}

#[tokio::test]
async fn a_connection_that_ends_before_the_answer_leaves_it_unknown() {
    let github = FakeGithub::start();
    let api = github.api();
    // On a new connection, and on one that was used before.
    for asked in [1, 3] {
        github.next(Misfortune::HungUp);
        is_unknown(api.register(&registration(here(), "one")).await);
        assert_eq!(github.questions().len(), asked);
        api.runners(&here(), 1).await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_ends_too_early_leaves_it_unknown() {
    let github = FakeGithub::start();
    let body = json!({ "runner": { "id": 23 }, "encoded_jit_config": "configuration-that-nobody-may-see" });
    github.next(Misfortune::CutShort(Reply::new(201, body)));
    let why = is_unknown(github.api().register(&registration(here(), "one")).await);
    assert!(!why.contains("configuration"), "{why}");
}

#[tokio::test]
async fn a_token_that_cannot_be_read_is_none_and_is_not_shown() {
    let github = FakeGithub::start();
    let api = github.api();
    for body in [
        json!({ "token": ["ghs_secret"] }),
        json!({ "token": "ghs_secret", "expires_at": "ghs_secret" }),
        json!("ghs_secret"),
    ] {
        github.next_token(Misfortune::Answered(Reply::new(201, &body)));
        let why = is_unknown(api.runners(&here(), 1).await);
        assert!(!why.contains("ghs_secret"), "{body}: {why}");
    }
    assert_eq!(github.questions().len(), 0);
}

#[tokio::test]
async fn where_nobody_listens_it_is_said() {
    let github = FakeGithub::start();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let access = Access { api: format!("http://{nobody}"), ..github.access() };
    let why = is_unknown(GithubApi::new(&access).unwrap().runners(&here(), 1).await);
    assert!(why.contains("refused"), "{why}");
}
