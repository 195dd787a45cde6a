//! Signing in: the token of the App, which the fake checks, and the token of the installation.

use std::time::Duration;

use jit_runners_functions::github::{Access, AccessError, GithubApi};
use jit_runners_model::{
    ApiUrl,
    contract::{environment::Id, message::Repository},
};
use jit_runners_runtime::{
    port::{Github as _, GithubError, Refusal, RegistrationTarget},
    retry::{GithubClass, github_class},
    time::Time,
};
use secrecy::SecretString;
use serde_json::json;

use super::{
    fake::{APP, FakeGithub, INSTALLATION, KEY, Misfortune},
    methods::{here, job_ref, registration},
    world::{REPOSITORY, refusal},
};
use crate::connection::Reply;

fn refused(error: GithubError) -> Refusal {
    match error {
        GithubError::Refused(refusal) => refusal,
        GithubError::Unknown(_) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn one_token_serves_many_calls() {
    let github = FakeGithub::start();
    let api = github.api();
    assert_eq!(github.token_requests().len(), 0, "nothing is asked before it is needed");
    for page in 1..=5 {
        api.runners(&here(), page).await.unwrap();
    }
    let requests = github.token_requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].line(), format!("POST /app/installations/{INSTALLATION}/access_tokens"));
    let used = github.last().header("authorization").map(str::to_owned);
    assert_eq!(used.as_deref(), Some("Bearer ghs_1abcdefghijklmnopqrstuvwxyz0123456789"));
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    for (life, requests) in [(4 * 60, 3), (10 * 60, 1)] {
        let github = FakeGithub::start();
        github.set(|world| world.token_life = Duration::from_secs(life));
        let api = github.api();
        for page in 1..=3 {
            api.runners(&here(), page).await.unwrap();
        }
        assert_eq!(github.token_requests().len(), requests, "tokens that live for {life} s");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let github = FakeGithub::start();
    let api = github.api();
    api.runners(&here(), 1).await.unwrap();
    github.set(|world| world.tokens.clear());
    api.register(&registration(here(), "one")).await.unwrap();
    assert_eq!((github.token_requests().len(), github.questions().len()), (2, 3));
    let bodies: Vec<_> = github.questions().into_iter().skip(1).map(|request| request.body).collect();
    assert_eq!(bodies[0], bodies[1], "the same request again");

    github.answers(refusal(401, "Bad credentials"));
    github.answers(refusal(401, "Bad credentials"));
    let refusal = refused(api.runners(&here(), 1).await.unwrap_err());
    assert_eq!((refusal.status, refusal.message.as_str()), (401, "Bad credentials"));
    assert_eq!(github.questions().len(), 5, "and not again");
}

#[tokio::test]
async fn tokens_may_be_longer_than_they_were() {
    let github = FakeGithub::start();
    github.set(|world| world.token_end = "_x.y-".repeat(300));
    github.api().runners(&here(), 1).await.unwrap();
    assert!(github.last().header("authorization").unwrap().len() > 1_500);
}

/// Tokens of installations become `ghs_APPID_` and a JSON Web Token, of about 520 characters (github.blog, changelog of
/// 2026-05-15).
#[tokio::test]
async fn a_long_token_passes_and_is_shown_nowhere() {
    let github = FakeGithub::start();
    let end = format!("_{APP}_{}", "eyJ0eXAiOiJKV1Qi.Zm9v-YmFy_".repeat(20));
    github.set(|world| {
        world.token_end.clone_from(&end);
        world.former.insert("octo-org/dog.food", REPOSITORY);
    });
    let api = github.api();
    let new = api.register(&registration(here(), "one")).await.unwrap();
    api.remove(&here(), new.runner_id).await.unwrap();
    let old = Repository::new("octo-org/dog.food").unwrap().with_id(REPOSITORY);
    api.runners(&RegistrationTarget::Repository(old), 1).await.unwrap();
    let token = github.last().header("authorization").unwrap().trim_start_matches("Bearer ").to_owned();
    assert!(token.len() > 520 && token.ends_with(&end), "{token}");
    assert_eq!(github.token_requests().len(), 1);

    let quotes =
        |text: String| Reply::new(403, json!({ "message": text, "errors": [{ "code": token }, token] }));
    github.answers(quotes(format!("no entry for 'Bearer {token}'")));
    github.answers(quotes(token.repeat(3)));
    github.next(Misfortune::CutShort(Reply::new(200, json!({ "token": token, "runners": [] }))));
    github.answers(Reply::new(200, json!({ "runners": token })));
    github.answers(refusal(307, &token).with("location", format!("https://{token}.example.com/{token}")));
    for _ in 0..5 {
        let error = api.runners(&here(), 1).await.unwrap_err();
        let shown = format!("{error} {error:?} {api:?}");
        // Any part of it that is long enough to be of use.
        let is_shown =
            token.as_bytes().windows(20).any(|part| shown.contains(&*String::from_utf8_lossy(part)));
        assert!(!is_shown, "{shown}");
    }
}

#[tokio::test]
async fn a_token_may_come_with_repositories_and_permissions_that_nobody_knows() {
    let github = FakeGithub::start();
    let repository = json!({ "id": 1, "name": "a", "url": "https://api.github.com/repos/o/a", "new": {} });
    let body = json!({ "token": "ghs_odd", "expires_at": "2099-01-01T00:00:00Z", "single_file": null,
        "permissions": { "new_permission": "admin" }, "repository_selection": "all", "repositories": [repository] });
    github.set(|world| {
        let end = std::time::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
        world.tokens.insert("ghs_odd".to_owned(), end);
    });
    github.next_token(Misfortune::Answered(Reply::new(201, body)));
    github.api().runners(&here(), 1).await.unwrap();
}

#[tokio::test]
async fn a_key_may_be_wrapped_either_way() {
    for key in [KEY, include_str!("keys/app.pkcs8.pem")] {
        for key in [key.to_owned(), key.replace('\n', "\r\n"), format!("\n{}\n\n", key.trim())] {
            let github = FakeGithub::start();
            let access = Access { key: SecretString::from(key), ..github.access() };
            GithubApi::new(&access).unwrap().runners(&here(), 1).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_no_key_is_refused_at_once_and_not_shown() {
    let github = FakeGithub::start();
    let (half, _) = KEY.split_at(KEY.len() / 2);
    let no_end = KEY.replace("-----END RSA PRIVATE KEY-----", "");
    let garbled = KEY.replace("MII", "MIJ");
    let empty = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    for key in [
        "",
        "secret",
        half,
        &no_end,
        &garbled,
        empty,
        include_str!("keys/app.public.pem"),
        include_str!("keys/elliptic.pkcs8.pem"),
    ] {
        let access = Access { key: SecretString::from(key), ..github.access() };
        let error = GithubApi::new(&access).unwrap_err();
        assert_eq!(error, AccessError::Key);
        let message = format!("{error} {error:?}");
        let shown =
            key.lines().find(|line| line.len() > 5 && !line.starts_with('-') && message.contains(line));
        assert_eq!(shown, None, "{message}");
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let github = FakeGithub::start();
    for api in ["", "https://", "/api/v3", "https://a:b:c", "github.example.com"] {
        let error = GithubApi::new(&Access { api: api.to_owned(), ..github.access() }).unwrap_err();
        assert_eq!(error, AccessError::Address(api.to_owned()));
    }
    for api in ["https://api.github.com", "https://ghe.example.com/api/v3"] {
        let (app, installation) = (Id(APP), Id(INSTALLATION));
        let access =
            Access::new(&ApiUrl::new(api).unwrap(), app, installation, SecretString::from(KEY), None);
        assert!(GithubApi::new(&access).is_ok(), "{api}");
    }
}

#[tokio::test]
async fn who_is_not_known_gets_no_token() {
    let github = FakeGithub::start();
    let other = Access { app: Id(1), ..github.access() };
    let refusal = refused(GithubApi::new(&other).unwrap().runners(&here(), 1).await.unwrap_err());
    let message = "no token for the App's installation, 401: Integration not found";
    assert_eq!((refusal.status, refusal.message.as_str()), (401, message));
    assert_eq!(github.questions().len(), 0);
}

#[tokio::test]
async fn an_installation_that_is_gone_does_not_make_its_runners_and_jobs_gone() {
    let github = FakeGithub::start();
    let gone = Access { installation: Id(1), ..github.access() };
    let api = GithubApi::new(&gone).unwrap();
    for error in [api.remove(&here(), 5).await.unwrap_err(), api.job(&job_ref()).await.unwrap_err()] {
        assert_eq!(github_class(&error, Time::default()), GithubClass::Fatal, "{error:?}");
        assert_eq!(refused(error).message, "no token for the App's installation, 404: Not Found");
    }
    for status in [409, 422] {
        github.next_token(Misfortune::Answered(refusal(status, "no")));
        let error = github.api().remove(&here(), 5).await.unwrap_err();
        assert_eq!(github_class(&error, Time::default()), GithubClass::Fatal, "{error:?}");
    }
}

#[tokio::test]
async fn a_limit_on_tokens_is_a_limit() {
    let github = FakeGithub::start();
    let limited = refusal(403, "You have exceeded a secondary rate limit").with("retry-after", 17);
    github.next_token(Misfortune::Answered(limited));
    let api = github.api();
    let error = api.runners(&here(), 1).await.unwrap_err();
    assert_eq!(github_class(&error, Time::default()), GithubClass::Wait(Duration::from_secs(17)));
    api.runners(&here(), 1).await.unwrap();
}
