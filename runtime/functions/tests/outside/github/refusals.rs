//! Refusals: handlers get everything that distinguishes them, and nothing else.

use std::time::Duration;

use jit_runners_runtime::{
    port::{Github as _, GithubError, RateLimit, Refusal},
    retry::{GithubClass, github_class},
    time::Time,
};
use serde_json::json;

use super::{
    fake::{FakeGithub, Misfortune},
    methods::{here, registration, repository},
    world::{Runner, refusal},
};
use crate::connection::Reply;

/// The result of a request that gets this answer.
async fn answered(reply: Reply) -> Refusal {
    let github = FakeGithub::start();
    github.answers(reply);
    let error = github.api().runners(&here(), 1).await.unwrap_err();
    assert_eq!(github.questions().len(), 1, "nothing is tried again here: {error:?}");
    match error {
        GithubError::Refused(refusal) => refusal,
        GithubError::Unknown(_) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn every_status_that_is_no_success_is_a_refusal() {
    for status in [301, 302, 400, 403, 404, 409, 410, 418, 422, 429, 451, 500, 502, 503, 504] {
        let refusal = answered(refusal(status, "no").with("location", "http://127.0.0.1:9/")).await;
        let expected = Refusal {
            status,
            message: "no".to_owned(),
            retry_after: None,
            rate_limit: None,
            token_age: None,
        };
        assert!(refusal.token_age.is_some_and(|age| age < Duration::from_mins(1)), "{refusal:?}");
        assert_eq!(Refusal { token_age: None, ..refusal }, expected);
    }
}

#[tokio::test]
async fn a_limit_comes_with_its_headers() {
    let limited = refusal(403, "API rate limit exceeded")
        .with("Retry-After", 60)
        .with("X-RateLimit-Limit", 5_000)
        .with("X-RateLimit-Remaining", 0)
        .with("X-RateLimit-Reset", 1_700_000_000);
    let refusal = answered(limited).await;
    assert_eq!(refusal.retry_after, Some(Duration::from_mins(1)));
    let reset = Time::from_millis(1_700_000_000_000);
    assert_eq!(refusal.rate_limit, Some(RateLimit { limit: 5_000, remaining: 0, reset }));
}

#[tokio::test]
async fn the_limit_of_registrations_is_told_with_their_refusal() {
    let github = FakeGithub::start();
    let limited = refusal(403, "API rate limit exceeded")
        .with("x-ratelimit-resource", "actions_runner_registration")
        .with("x-ratelimit-limit", 10_000)
        .with("x-ratelimit-remaining", 0)
        .with("x-ratelimit-reset", 1_700_000_090);
    github.answers(limited);
    let api = github.api();
    let error = api.register(&registration(here(), "one")).await.unwrap_err();
    let now = Time::from_millis(1_700_000_000_000);
    assert_eq!(github_class(&error, now), GithubClass::Wait(Duration::from_secs(90)));
    assert_eq!(api.rate_limit(), None);
}

#[tokio::test]
async fn headers_that_say_nothing_are_none() {
    for (retry_after, remaining) in [("soon", "many"), ("-1", "-1"), ("", "")] {
        let refusal = answered(
            refusal(429, "no")
                .with("retry-after", retry_after)
                .with("x-ratelimit-limit", 5_000)
                .with("x-ratelimit-remaining", remaining)
                .with("x-ratelimit-reset", u64::MAX),
        );
        let refusal = refusal.await;
        assert_eq!((refusal.retry_after, refusal.rate_limit), (None, None));
    }
}

#[tokio::test]
async fn a_taken_name_a_busy_runner_and_a_missing_one_are_told_apart() {
    let github = FakeGithub::start();
    let api = github.api();
    let class = |error: GithubError| github_class(&error, Time::default());
    api.register(&registration(here(), "one")).await.unwrap();
    let taken = api.register(&registration(here(), "one")).await.unwrap_err();
    assert!(taken.to_string().contains("A runner with the name one already exists."), "{taken}");
    assert_eq!(class(taken), GithubClass::NameTaken);
    github.set(|world| world.runners.iter_mut().for_each(|runner: &mut Runner| runner.busy = true));
    let busy = api.remove(&here(), 23).await.unwrap_err();
    assert!(busy.to_string().contains("is still running a job"), "{busy}");
    assert_eq!(class(busy), GithubClass::Busy);
    assert_eq!(class(api.remove(&here(), 24).await.unwrap_err()), GithubClass::Gone);
    let other = repository();
    let missing =
        api.jobs(&other, 1, jit_runners_runtime::port::Page { number: 1, size: 100 }).await.unwrap_err();
    assert_eq!(class(missing), GithubClass::Gone, "only a job that is asked for may be none");
}

#[tokio::test]
async fn githubs_words_are_kept_with_its_reasons() {
    for (body, message) in [
        (
            json!({ "message": "Validation Failed", "errors": [{ "resource": "Runner", "field": "name", "code": "custom" }] }),
            "Validation Failed; Runner name custom",
        ),
        (json!({ "message": "Invalid request.", "errors": ["no name", ""] }), "Invalid request.; no name"),
        (json!({ "message": "Validation Failed", "errors": "one" }), "Validation Failed; one"),
        (json!({ "message": "two\nlines\u{1b}[1m" }), "two lines[1m"),
        (json!({ "message": null }), "Unprocessable Entity"),
        (json!(["no"]), "Unprocessable Entity"),
    ] {
        assert_eq!(answered(Reply::new(422, body)).await.message, message);
    }
    assert_eq!(answered(Reply::new(502, "<html><body>Unicorn!")).await.message, "Bad Gateway");
    assert_eq!(answered(Reply::new(503, "")).await.message, "Service Unavailable");
    assert_eq!(answered(refusal(400, &"ü".repeat(100_000))).await.message.chars().count(), 300);
}

#[tokio::test]
async fn a_refusal_whose_words_are_lost_is_a_refusal() {
    let github = FakeGithub::start();
    github.next(Misfortune::CutShort(refusal(403, "no").with("retry-after", 5)));
    let error = github.api().runners(&here(), 1).await.unwrap_err();
    assert_eq!(github_class(&error, Time::default()), GithubClass::Wait(Duration::from_secs(5)));
}

#[tokio::test]
async fn secrets_that_somebody_repeats_are_not_passed_on() {
    let token = "ghs_1abcdefghijklmnopqrstuvwxyz0123456789";
    let jwt = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.e30.c2ln";
    let said = format!("no entry for 'Bearer {token}', \"{jwt}\" or -----BEGIN");
    let refusal =
        answered(Reply::new(403, json!({ "message": said, "errors": [{ "code": token }, [token], token] })));
    let refusal = refusal.await;
    assert!(refusal.message.starts_with("no entry for 'Bearer [..] [..] or [..]"), "{refusal:?}");
    for secret in [token, jwt] {
        assert!(!format!("{refusal:?}").contains(secret), "{refusal:?}");
    }
    let github = FakeGithub::start();
    github.next_token(Misfortune::Answered(Reply::new(401, json!({ "message": jwt, "errors": [jwt] }))));
    let error = github.api().runners(&here(), 1).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(jwt), "{error}");
}

#[tokio::test]
async fn nothing_secret_is_shown_by_the_adapter_itself() {
    let github = FakeGithub::start();
    let api = github.api();
    api.runners(&here(), 1).await.unwrap();
    let shown = format!("{api:?} {:?}", github.access());
    for secret in ["ghs_", "BEGIN", "PRIVATE"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
