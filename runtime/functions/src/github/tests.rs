//! Answers that a proxy might give and GitHub would not; and names that try to change the request.

use std::{fmt::Debug, thread, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use jit_runners_model::{ApiUrl, Label, contract::environment::Id};
use jit_runners_runtime::{
    port::GithubJobStatus,
    retry::{GithubClass, github_class},
    time::Time,
};
use jit_runners_witnesses::json::{ODD, any_change, any_json, changed, nested};
use proptest::prelude::*;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{answer::Answer, *};

const KEY: &str = include_str!("../../tests/outside/github/keys/app.pkcs1.pem");

fn repository() -> Repository {
    Repository::new("octo/cat").unwrap()
}

fn answer(status: u16, headers: HeaderMap, body: impl Into<String>) -> Answer {
    Answer::new(StatusCode::from_u16(status).unwrap(), headers, body.into())
}

/// A good body of each kind of answer.
fn bodies() -> [Value; 5] {
    let job = json!({
        "id": 7, "run_attempt": 1, "status": "in_progress", "labels": ["self-hosted", "Large"],
        "created_at": "2026-01-02T03:04:05Z", "started_at": null, "runner_name": ODD,
    });
    [
        json!({ "runner": { "id": 23, "name": ODD }, "encoded_jit_config": ODD }),
        json!({ "total_count": 1, "runners": [{ "id": 23, "name": "one", "status": "online", "busy": true }] }),
        json!({ "workflow_runs": [{ "id": 5, "name": ODD }] }),
        json!({ "jobs": [job] }),
        json!({ "repositories": [{ "id": 1, "full_name": "octo/cat" }] }),
    ]
}

#[track_caller]
fn read<T: DeserializeOwned>(body: &str) -> Option<T> {
    match answer(200, HeaderMap::new(), body).success().and_then(|answer| answer.read()) {
        Ok(value) => Some(value),
        Err(GithubError::Unknown(why)) => {
            assert!(!why.contains(ODD) && why.len() < 100, "{why}");
            None
        }
        Err(refused) => panic!("{refused:?}"),
    }
}

/// Reads a body as each kind of answer; returns how many kinds succeed.
fn read_all(body: &str) -> usize {
    let kinds = [
        read::<NewRunner>(body).map(|new| drop(JitConfiguration::from(new))),
        read::<RunnerList>(body).map(|list| drop(list.registered().collect::<Vec<_>>())),
        read::<RunList>(body).map(|list| drop(list.runs())),
        read::<JobList>(body).map(|list| drop(list.of(&repository()))),
        read::<RepositoryList>(body).map(|list| drop(list.names())),
    ];
    kinds.into_iter().flatten().count()
}

#[test]
fn each_good_answer_is_one_of_its_kind() {
    for body in bodies() {
        assert_eq!(read_all(&body.to_string()), 1, "{body}");
    }
}

#[test]
fn answers_of_another_form_are_none() {
    for body in [
        "",
        " ",
        "null",
        "7",
        "{}",
        "<html>odd-text</html>",
        "\u{feff}{}",
        "{\"runners\":{}}",
        "{\"jobs\":[null]}",
    ] {
        assert_eq!(read_all(body), 0, "{body}");
    }
}

/// On a small stack, which a parser without a depth limit would overflow.
#[test]
fn depth_fills_no_stack() {
    let look = || {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            for depth in [127, 129, 200_000] {
                let deep = nested(depth, open, close);
                assert_eq!(read_all(&deep), 0);
                assert_eq!(read_all(&format!("{{\"jobs\":[],\"x\":{deep}}}")), 1, "nobody reads it");
                for body in [deep.clone(), format!("{{\"message\":\"no\",\"errors\":{deep}}}")] {
                    assert!(matches!(refused(403, HeaderMap::new(), &body), GithubError::Refused(_)));
                }
            }
        }
    };
    thread::Builder::new().stack_size(512 * 1024).spawn(look).unwrap().join().unwrap();
}

#[test]
fn a_repository_that_tries_to_be_an_address_is_never_asked_about() {
    for name in
        ["https://odd-text.example/", "octo/../x", "octo/cat?x", "//odd-text/x", "octo/cat/x", "octo/c t", ""]
    {
        let body = json!({ "repositories": [{ "full_name": "octo/cat" }, { "full_name": name }] });
        assert!(read::<RepositoryList>(&body.to_string()).is_none(), "{name}");
    }
}

#[test]
fn labels_that_no_runner_can_have_make_a_job_none_of_ours() {
    let listed = |labels: Value| {
        let body = json!({ "jobs": [{ "id": 7, "status": "queued", "labels": labels }] }).to_string();
        read::<JobList>(&body).unwrap().of(&repository()).remove(0)
    };
    let many = |count: usize| -> Vec<String> {
        (1..count).map(|number| format!("l{number}")).chain(["self-hosted".to_owned()]).collect()
    };
    let long = many(90).iter().map(|label| format!("{label:🦀<200}")).collect::<Vec<_>>();
    let long = [long, many(1)].concat();
    for ours in [
        json!(["self-hosted"]),
        json!(["Self-Hosted", "🦀"]),
        json!(["self-hosted", "a b"]),
        json!(many(100)),
    ] {
        assert_eq!(listed(ours).status, GithubJobStatus::Queued);
    }
    for others in [
        json!(null),
        json!([]),
        json!(["ubuntu-latest"]),
        json!(["self-hosted", "a,b"]),
        json!(many(101)),
        json!(long),
    ] {
        assert_eq!(listed(others.clone()).status, GithubJobStatus::Completed, "{others}");
    }
    let kept: Vec<_> = listed(json!(["self-hosted", "\u{202e}x"])).labels.into_iter().collect();
    assert_eq!(kept, ["self-hosted", "\u{202e}x"].map(|label| Label::new(label).unwrap()));
}

#[track_caller]
fn refused(status: u16, headers: HeaderMap, body: &str) -> GithubError {
    answer(status, headers, body).success().err().unwrap()
}

const HEADERS: &[&str] = &[
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-resource",
    "etag",
];

/// Headers that are almost like GitHub's.
fn any_headers() -> impl Strategy<Value = HeaderMap> {
    let value = prop_oneof![
        any::<u64>().prop_map(|number| number.to_string().into_bytes()),
        any::<i8>().prop_map(|number| number.to_string().into_bytes()),
        "[0-9 .,+e-]{0,24}".prop_map(String::into_bytes),
        "core|actions_runner_registration|W/\"[0-9a-f]{0,9}\"".prop_map(String::into_bytes),
        any::<Vec<u8>>(),
    ];
    prop::collection::vec((prop::sample::select(HEADERS), value), 0..8).prop_map(|headers| {
        let header = |(name, value): (&'static str, Vec<u8>)| {
            Some((HeaderName::from_static(name), HeaderValue::from_bytes(&value).ok()?))
        };
        headers.into_iter().filter_map(header).collect()
    })
}

/// The path and the query of a question.
fn asked(question: Question) -> (String, Option<String>) {
    let request = question.request().unwrap();
    (request.uri().path().to_owned(), request.uri().query().map(str::to_owned))
}

fn shown<T: Debug>(value: &T) -> String {
    format!("{value:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_body_makes_a_reader_panic(text in any::<String>(), json in any_json()) {
        read_all(&text);
        read_all(&json.to_string());
    }

    #[test]
    fn answers_that_are_almost_right(changes in prop::collection::vec(any_change(), 1..4)) {
        for body in bodies() {
            let body = changes.iter().fold(body, |body, (place, change)| changed(&body, place, change));
            read_all(&body.to_string());
        }
    }

    #[test]
    fn no_header_makes_a_refusal_more_than_a_pause(
        status in 300_u16..600,
        headers in any_headers(),
        now in any::<u64>(),
        body in prop_oneof![any::<String>(), any_json().prop_map(|json| json.to_string())],
    ) {
        let error = refused(status, headers, &body);
        let GithubError::Refused(refusal) = &error else { panic!("{error:?}") };
        prop_assert!(refusal.message.chars().count() <= 300 && !refusal.message.contains(char::is_control));
        let now = Time::from_millis(now);
        if let GithubClass::Wait(wait) = github_class(&error, now) {
            prop_assert!(Duration::from_secs(1) <= wait && wait <= Duration::from_hours(1));
        }
    }

    /// The etag of an answer is sent back to GitHub, whatever it contains.
    #[test]
    fn an_etag_that_came_can_be_sent_back(headers in any_headers()) {
        let answer = answer(200, headers, "");
        let _ = answer.core_limit();
        let question = Question::runs(&repository(), RunStatus::Queued, 1, Some(&answer.etag()));
        let sent = question.request().unwrap();
        let sent = sent.headers().get("if-none-match").map(|etag| etag.to_str().unwrap().to_owned());
        prop_assert_eq!(sent.unwrap_or_default(), answer.etag());
    }

    #[test]
    fn a_name_stays_in_its_part_of_the_address(name in any::<String>()) {
        let (path, query) = asked(Question::find(&RegistrationTarget::Repository(repository()), &name));
        prop_assert_eq!(path, "/repos/octo/cat/actions/runners");
        let query = query.unwrap();
        prop_assert!(query.starts_with("name=") && query.ends_with("&per_page=100"));
        prop_assert_eq!(query.matches(['&', '?', '#', '/']).count(), 1);
        // The owner of a repository, in truth.
        let (path, _) = asked(Question::runners(&RegistrationTarget::Organization(name), 1));
        prop_assert!(path.starts_with("/orgs/") && path.ends_with("/actions/runners"));
        prop_assert_eq!(path.matches('/').count(), 4);
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_no_key_is_refused_and_not_shown(
        text in prop_oneof![any::<String>(), "-----BEGIN (RSA )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{0,80}\n-----END"],
        place in any::<prop::sample::Index>(),
        byte in 0_u8..128,
    ) {
        let mut damaged = KEY.as_bytes().to_vec();
        damaged[place.index(KEY.len())] = byte;
        for key in [text, String::from_utf8(damaged).unwrap()] {
            let access = Access::new(
                &ApiUrl::new("https://api.github.com").unwrap(), Id(1), Id(2), SecretString::from(key.clone()), None,
            );
            prop_assert!(key.len() < 40 || !shown(&access).contains(&key));
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let _guard = runtime.enter();
            if let Err(error) = access.client() {
                prop_assert_eq!(error, AccessError::Key);
            }
        }
    }
}
