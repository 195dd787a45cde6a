//! What each method sends, and how it reads the answer.

use std::time::Duration;

use jit_runners_functions::github::GithubApi;
use jit_runners_model::{
    Label, RunnerVersion,
    contract::{
        message::{JobRef, Repository},
        runner_release::RunnerRelease,
    },
};
use jit_runners_runtime::{
    port::{
        Download, EndOfLife, Etagged, Github as _, GithubError, GithubJob, GithubJobStatus, JitConfiguration,
        Page, RateLimit, Registered, Registration, RegistrationTarget, Run, RunStatus,
    },
    time::Time,
};
use serde_json::json;

use super::{
    bodies,
    fake::FakeGithub,
    world::{ORGANIZATION, REPOSITORY, RESET, Runner},
};
use crate::connection::{Reply, Request};

pub(crate) fn repository() -> Repository {
    Repository::new("octo-org/cat.food").unwrap()
}

pub(crate) fn here() -> RegistrationTarget {
    RegistrationTarget::Repository(repository())
}

/// When every run changed last.
const CHANGED: Time = Time::from_millis(1_767_323_045_000);

/// A page of a hundred.
const fn page(number: u32) -> Page {
    Page { number, size: 100 }
}

fn organization() -> RegistrationTarget {
    RegistrationTarget::Organization("octo-org".to_owned())
}

pub(crate) fn job_ref() -> JobRef {
    JobRef { repository: repository(), job_id: 41, run_attempt: 3 }
}

pub(crate) fn registration(target: RegistrationTarget, name: &str) -> Registration {
    let labels = ["self-hosted", "größe:large"].map(|text| Label::new(text).unwrap()).into();
    Registration { target, name: name.to_owned(), labels }
}

fn runner(id: u64, name: &str) -> Runner {
    Runner {
        id,
        at: REPOSITORY,
        name: name.to_owned(),
        online: false,
        busy: false,
        labels: vec!["self-hosted".to_owned()],
    }
}

/// The headers that every request has, each once.
#[track_caller]
fn is_well_formed(request: &Request) {
    assert_eq!(request.header("accept"), Some("application/vnd.github+json"));
    assert_eq!(request.header("x-github-api-version"), Some("2022-11-28"));
    assert!(request.header("user-agent").is_some_and(|agent| !agent.is_empty()));
    assert!(request.header("authorization").is_some_and(|value| value.starts_with("Bearer ")));
}

#[tokio::test]
async fn a_runner_is_registered_where_it_belongs() {
    for (target, path) in [
        (here(), "/repos/octo-org/cat.food/actions/runners/generate-jitconfig"),
        (organization(), "/orgs/octo-org/actions/runners/generate-jitconfig"),
    ] {
        let github = FakeGithub::start();
        let new = github.api().register(&registration(target, "jit-i-0abc-1")).await.unwrap();
        let encoded = "configuration-of-jit-i-0abc-1".to_owned();
        assert_eq!(new, JitConfiguration { runner_id: 23, encoded });
        let request = github.last();
        assert_eq!(request.line(), format!("POST {path}"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        let labels = ["größe:large", "self-hosted"];
        assert_eq!(body, json!({ "name": "jit-i-0abc-1", "runner_group_id": 7, "labels": labels }));
    }
}

#[tokio::test]
async fn without_a_group_the_default_group_is_named() {
    let github = FakeGithub::start();
    let mut access = github.access();
    access.runner_group = None;
    GithubApi::new(&access).unwrap().register(&registration(here(), "n")).await.unwrap();
    assert!(github.last().body.contains("\"runner_group_id\":1,"), "{}", github.last().body);
}

#[tokio::test]
async fn a_runner_is_removed() {
    let github = FakeGithub::start();
    let of_organization = Runner { at: ORGANIZATION, ..runner(24, "two") };
    github.set(|world| world.runners = vec![runner(23, "one"), of_organization]);
    let api = github.api();
    api.remove(&here(), 23).await.unwrap();
    let request = github.last();
    assert_eq!(request.line(), "DELETE /repos/octo-org/cat.food/actions/runners/23");
    assert_eq!(request.body, "");
    api.remove(&organization(), 24).await.unwrap();
    assert_eq!(github.last().line(), "DELETE /orgs/octo-org/actions/runners/24");
    for target in [here(), organization()] {
        assert_eq!(api.runners(&target, 1).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_runner_is_found_by_its_whole_name() {
    let github = FakeGithub::start();
    let odd = "a b&page=2#%/é+";
    github.set(|world| {
        world.runners = vec![runner(1, "jit"), Runner { online: true, busy: true, ..runner(2, odd) }];
    });
    let api = github.api();
    let found = api.find(&here(), odd).await.unwrap();
    assert_eq!(found, Some(Registered { id: 2, name: odd.to_owned(), online: true, busy: true }));
    let sent = "name=a%20b%26page%3D2%23%25%2F%C3%A9%2B&per_page=100";
    assert_eq!(github.last().line(), format!("GET /repos/octo-org/cat.food/actions/runners?{sent}"));
    assert_eq!(api.find(&organization(), "ji").await.unwrap(), None);
    let others = json!({ "total_count": 2, "runners": [bodies::runner(&runner(1, "jit-2")), bodies::runner(&runner(2, "jit"))] });
    github.answers(Reply::new(200, others));
    assert_eq!(
        api.find(&here(), "jit").await.unwrap().map(|found| found.id),
        Some(2),
        "whoever else is listed"
    );
}

#[tokio::test]
async fn an_organization_may_have_any_name() {
    let github = FakeGithub::start();
    let target = RegistrationTarget::Organization("../a?b".to_owned());
    assert!(github.api().runners(&target, 1).await.is_err());
    assert_eq!(github.last().line(), "GET /orgs/..%2Fa%3Fb/actions/runners?per_page=100&page=1");
}

#[tokio::test]
async fn runners_are_listed_page_by_page() {
    let github = FakeGithub::start();
    github.set(|world| world.runners = (1..=101).map(|id| runner(id, &format!("n{id}"))).collect());
    let api = github.api();
    assert_eq!(api.runners(&here(), 1).await.unwrap().len(), 100);
    let second = api.runners(&here(), 2).await.unwrap();
    assert_eq!(second, [Registered { id: 101, name: "n101".into(), online: false, busy: false }]);
    assert_eq!(github.last().line(), "GET /repos/octo-org/cat.food/actions/runners?per_page=100&page=2");
}

#[tokio::test]
async fn a_job_is_asked_for_by_its_id() {
    let github = FakeGithub::start();
    let own =
        json!({ "status": "in_progress", "runner_id": 23, "runner_name": "jit-i-0abc-1", "run_attempt": 3 });
    github.set(|world| world.jobs = vec![bodies::job(41, &own)]);
    let api = github.api();
    let labels = ["large", "self-hosted"].map(|text| Label::new(text).unwrap()).into();
    let job = GithubJob {
        job: job_ref(),
        labels,
        status: GithubJobStatus::InProgress,
        queued_at: Time::from_millis(1_767_323_045_000),
        runner_name: Some("jit-i-0abc-1".to_owned()),
        runner_id: Some(23),
    };
    assert_eq!(api.job(&job_ref()).await.unwrap(), Some(job));
    assert_eq!(github.last().line(), "GET /repos/octo-org/cat.food/actions/jobs/41");
    assert_eq!(api.job(&JobRef { job_id: 42, ..job_ref() }).await.unwrap(), None, "GitHub knows no such job");
}

/// The job as in the list of its run, with these fields replaced.
async fn listed(own: serde_json::Value) -> GithubJob {
    let github = FakeGithub::start();
    github.set(|world| (world.runs, world.jobs) = (vec![5], vec![bodies::job(41, &own)]));
    let mut jobs = github.api().jobs(&repository(), 5, page(1)).await.unwrap();
    assert_eq!(jobs.len(), 1);
    jobs.remove(0)
}

#[tokio::test]
async fn the_jobs_of_a_run_are_listed_page_by_page() {
    let github = FakeGithub::start();
    github.set(|world| {
        world.runs = vec![5];
        world.jobs = (1..=101).map(|id| bodies::job(id, &json!({ "run_attempt": 2 }))).collect();
    });
    let api = github.api();
    let first = api.jobs(&repository(), 5, page(1)).await.unwrap();
    let line = "GET /repos/octo-org/cat.food/actions/runs/5/jobs?filter=latest&per_page=100&page=1";
    assert_eq!((github.last().line().as_str(), first.len()), (line, 100));
    let second = api.jobs(&repository(), 5, page(2)).await.unwrap();
    let small = api.jobs(&repository(), 5, Page { number: 11, size: 10 }).await.unwrap();
    let line = "GET /repos/octo-org/cat.food/actions/runs/5/jobs?filter=latest&per_page=10&page=11";
    assert_eq!((github.last().line().as_str(), small.len()), (line, 1));
    let expected = JobRef { repository: repository(), job_id: 101, run_attempt: 2 };
    assert_eq!(second.into_iter().map(|job| job.job).collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn a_job_stands_where_github_says() {
    for (text, status) in [
        ("queued", GithubJobStatus::Queued),
        ("in_progress", GithubJobStatus::InProgress),
        ("completed", GithubJobStatus::Completed),
        ("waiting", GithubJobStatus::Held),
        ("requested", GithubJobStatus::Held),
        ("pending", GithubJobStatus::Held),
    ] {
        assert_eq!(listed(json!({ "status": text })).await.status, status, "{text}");
    }
}

#[tokio::test]
async fn no_runner_is_null_or_empty_or_none_that_counts_yet() {
    for none in [
        json!({ "runner_id": null, "runner_name": null }),
        json!({ "runner_id": 0, "runner_name": "" }),
        json!({ "runner_id": 5, "runner_name": "other", "status": "queued" }),
    ] {
        assert_eq!(listed(none.clone()).await.runner_name, None, "{none}");
    }
    let cancelled =
        json!({ "status": "completed", "conclusion": "cancelled", "runner_id": 0, "runner_name": "" });
    assert_eq!(listed(cancelled).await.runner_name, None);
}

#[tokio::test]
async fn jobs_of_other_machines_stay_on_their_page_as_settled() {
    let many: Vec<_> = (0..100).map(|i| format!("l{i}")).chain(["self-hosted".into()]).collect();
    for labels in [json!([]), json!(["ubuntu-latest"]), json!(["self-hosted", "a,b"]), json!(many)] {
        assert_eq!(listed(json!({ "labels": labels })).await.status, GithubJobStatus::Completed, "{labels}");
    }
    assert_eq!(listed(json!({ "labels": ["SELF-hosted"] })).await.status, GithubJobStatus::Queued);
}

#[tokio::test]
async fn a_job_that_is_asked_for_stands_where_it_does_whatever_its_labels() {
    let github = FakeGithub::start();
    github.set(|world| world.jobs = vec![bodies::job(41, &json!({ "labels": ["self-hosted", "a,b"] }))]);
    let job = github.api().job(&job_ref()).await.unwrap().unwrap();
    assert_eq!(job.status, GithubJobStatus::Queued);
    assert_eq!(job.labels, [Label::new("self-hosted").unwrap()].into());
}

#[tokio::test]
async fn runs_are_listed_unless_nothing_changed() {
    let github = FakeGithub::start();
    github.set(|world| world.runs = vec![9, 8]);
    let api = github.api();
    let path = "GET /repos/octo-org/cat.food/actions/runs";
    let Etagged::Changed { value, etag } = api.runs(&repository(), RunStatus::Queued, 1, None).await.unwrap()
    else {
        panic!("nothing was known before")
    };
    let run = |id| Run { id, updated_at: CHANGED };
    assert_eq!((value, etag.as_str()), (vec![run(9), run(8)], "W/\"first\""));
    assert_eq!(github.last().line(), format!("{path}?status=queued&per_page=100&page=1"));
    assert_eq!(github.last().header("if-none-match"), None);

    let again = api.runs(&repository(), RunStatus::InProgress, 1, Some(&etag)).await.unwrap();
    assert_eq!(again, Etagged::Unchanged);
    assert_eq!(github.last().line(), format!("{path}?status=in_progress&per_page=100&page=1"));
    assert_eq!(github.last().header("if-none-match"), Some("W/\"first\""));

    github.set(|world| (world.runs, world.etag) = (vec![], "\"second\"".to_owned()));
    let changed = api.runs(&repository(), RunStatus::Queued, 1, Some(&etag)).await.unwrap();
    assert_eq!(changed, Etagged::Changed { value: vec![], etag: "\"second\"".to_owned() });
}

#[tokio::test]
async fn runs_of_every_status_are_listed_page_by_page() {
    let github = FakeGithub::start();
    github.set(|world| world.runs = (1..=101).collect());
    let api = github.api();
    for (status, word) in [
        (RunStatus::Queued, "queued"),
        (RunStatus::InProgress, "in_progress"),
        (RunStatus::Waiting, "waiting"),
        (RunStatus::Pending, "pending"),
    ] {
        let found = api.runs(&repository(), status, 2, None).await.unwrap();
        let path = "GET /repos/octo-org/cat.food/actions/runs";
        assert_eq!(github.last().line(), format!("{path}?status={word}&per_page=100&page=2"));
        assert!(matches!(found, Etagged::Changed { value, .. } if value.len() == 1), "{word}");
    }
}

#[tokio::test]
async fn the_time_of_a_runs_last_change_may_be_missing() {
    let github = FakeGithub::start();
    let without =
        json!({ "total_count": 1, "workflow_runs": [{ "id": 7, "updated_at": "soon" }, { "id": 6 }] });
    github.answers(Reply::new(200, without));
    let found = github.api().runs(&repository(), RunStatus::Queued, 1, None).await.unwrap();
    let run = |id| Run { id, updated_at: Time::default() };
    assert_eq!(found, Etagged::Changed { value: vec![run(7), run(6)], etag: String::new() });
}

#[tokio::test]
async fn what_is_no_etag_is_not_sent() {
    let github = FakeGithub::start();
    let api = github.api();
    for none in ["", "a\r\nx-other: b"] {
        assert!(api.runs(&repository(), RunStatus::Queued, 1, Some(none)).await.is_ok());
        assert_eq!(github.last().header("if-none-match"), None);
    }
}

#[tokio::test]
async fn repositories_are_listed_page_by_page() {
    let github = FakeGithub::start();
    github.set(|world| world.repositories = (1..=101).map(|id| (id, format!("octo-org/r{id}"))).collect());
    let api = github.api();
    assert_eq!(api.repositories(1).await.unwrap().len(), 100);
    assert_eq!(api.repositories(2).await.unwrap(), [Repository::new("octo-org/r101").unwrap().with_id(101)]);
    assert_eq!(github.last().line(), "GET /installation/repositories?per_page=100&page=2");
}

#[tokio::test]
async fn the_runners_archives_are_listed_where_runners_are_registered() {
    let release = RunnerRelease::newest_shipped();
    for (target, path) in [
        (here(), "/repos/octo-org/cat.food/actions/runners/downloads"),
        (organization(), "/orgs/octo-org/actions/runners/downloads"),
    ] {
        let github = FakeGithub::start();
        let found = github.api().downloads(&target).await.unwrap();
        assert_eq!(github.last().line(), format!("GET {path}"));
        let arm64 = Download {
            os: "linux".to_owned(),
            architecture: "arm64".to_owned(),
            file_name: format!("actions-runner-linux-arm64-{}.tar.gz", release.version),
            url: release.arm64.url.clone(),
            checksum: Some(release.arm64.checksum.to_string()),
            takes_token: false,
        };
        assert_eq!((found.len(), &found[2]), (3, &arm64));
    }
}

#[tokio::test]
async fn what_is_left_out_of_an_archive_is_left_out() {
    let github = FakeGithub::start();
    let secret = "what nobody is told";
    let listed =
        json!([{}, { "os": null, "sha256_checksum": null, "temp_download_token": secret, "new": 1 }]);
    github.answers(Reply::new(200, listed));
    let found = github.api().downloads(&here()).await.unwrap();
    assert_eq!(found, [Download::default(), Download { takes_token: true, ..Download::default() }]);
    assert!(!format!("{found:?}").contains(secret));
    for no_list in [json!({ "downloads": [] }), json!(["a"]), json!([{ "os": 7 }])] {
        github.answers(Reply::new(200, no_list));
        assert!(matches!(github.api().downloads(&here()).await, Err(GithubError::Unknown(_))));
    }
}

#[tokio::test]
async fn the_end_of_a_release_is_told_where_it_is_known() {
    let github = FakeGithub::start();
    let version = |text| RunnerVersion::new(text).unwrap();
    let both = json!({ "runner_version": "2.330.0", "runtime_deprecates_at": "1970-01-01T00:00:09Z",
        "registration_deprecates_at": "1970-01-01T01:00:07+01:00" });
    let neither = json!({ "runner_version": "2.337.0", "runtime_deprecates_at": null, "registration_deprecates_at": "soon" });
    github.set(|world| {
        world.ends_of_life.insert("2.330.0".to_owned(), both);
        world.ends_of_life.insert("2.337.0".to_owned(), neither);
    });
    let api = github.api();
    let told = api.end_of_life(&here(), &version("2.330.0")).await.unwrap();
    let at = |seconds| Some(Time::default() + Duration::from_secs(seconds));
    assert_eq!(told, EndOfLife { runtime_at: at(9), registration_at: at(7) });
    assert_eq!(github.last().line(), "GET /repos/octo-org/cat.food/actions/runners/deprecations/2.330.0");
    assert_eq!(api.end_of_life(&organization(), &version("2.337.0")).await.unwrap(), EndOfLife::default());
    assert_eq!(github.last().line(), "GET /orgs/octo-org/actions/runners/deprecations/2.337.0");
    let unknown = api.end_of_life(&here(), &version("2.1.0")).await;
    assert!(matches!(unknown, Err(GithubError::Refused(refusal)) if refusal.status == 404));
}

#[tokio::test]
async fn an_enterprise_server_has_its_api_below_a_path() {
    let github = FakeGithub::below("/api/v3");
    let api = github.api();
    api.register(&registration(here(), "jit-i-0abc-1")).await.unwrap();
    let found = api.find(&here(), "jit-i-0abc-1").await.unwrap();
    assert_eq!(found.map(|found| found.id), Some(23));
    assert_eq!(github.token_requests()[0].path, "/app/installations/48123456/access_tokens");
}

#[tokio::test]
async fn every_request_is_well_formed_and_goes_over_one_connection() {
    let github = FakeGithub::start();
    let api = github.api();
    api.register(&registration(here(), "one")).await.unwrap();
    api.runners(&here(), 1).await.unwrap();
    api.runs(&repository(), RunStatus::Queued, 1, None).await.unwrap();
    api.remove(&here(), 23).await.unwrap();
    github.token_requests().iter().chain(&github.questions()).for_each(is_well_formed);
    assert_eq!((github.questions().len(), github.connections()), (4, 1));
}

#[tokio::test]
async fn the_rate_limit_is_the_last_answers_and_not_that_of_registrations() {
    let github = FakeGithub::start();
    let api = github.api();
    assert_eq!(api.rate_limit(), None);
    api.register(&registration(here(), "one")).await.unwrap();
    assert_eq!(api.rate_limit(), None, "registrations have a limit of their own");
    let told =
        |remaining| Some(RateLimit { limit: 5_000, remaining, reset: Time::from_millis(RESET * 1_000) });
    api.runners(&here(), 1).await.unwrap();
    assert_eq!(api.rate_limit(), told(4_998));
    api.register(&registration(here(), "two")).await.unwrap();
    assert_eq!(api.rate_limit(), told(4_998));
    assert!(api.remove(&here(), 9).await.is_err());
    assert_eq!(api.rate_limit(), told(4_996), "a refusal tells it as well");
    github.answers(Reply::new(502, "<html>"));
    assert!(api.remove(&here(), 9).await.is_err());
    assert_eq!(api.rate_limit(), told(4_996), "and an answer without headers changes nothing");
}

#[tokio::test]
async fn fields_that_are_left_out_or_new_are_not_missed() {
    let github = FakeGithub::start();
    let api = github.api();
    github.answers(Reply::new(200, json!({ "id": 41, "new": { "deep": [1] } })));
    let job = api.job(&job_ref()).await.unwrap().unwrap();
    assert_eq!((job.status, job.queued_at, job.runner_name), (GithubJobStatus::Held, Time::default(), None));
    let jobs = json!({ "jobs": [{ "id": 41, "status": "queued", "labels": ["self-hosted"], "created_at": "soon",
        "started_at": "1970-01-01T01:00:07+01:00", "run_attempt": null }] });
    github.answers(Reply::new(200, jobs));
    let jobs = api.jobs(&repository(), 5, page(1)).await.unwrap();
    assert_eq!((jobs[0].job.run_attempt, jobs[0].queued_at), (1, Time::default() + Duration::from_secs(7)));
    github.answers(Reply::new(200, json!({ "runners": [{ "id": 1, "name": "n", "busy": null }] })));
    let runner = Registered { id: 1, name: "n".to_owned(), online: false, busy: false };
    assert_eq!(api.runners(&here(), 1).await.unwrap(), [runner]);
    github.answers(Reply::new(200, json!({ "workflow_runs": [] })));
    let runs = api.runs(&repository(), RunStatus::Queued, 1, None).await.unwrap();
    assert_eq!(runs, Etagged::Changed { value: vec![], etag: String::new() });
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_as_good_as_none() {
    let github = FakeGithub::start();
    let api = github.api();
    let secret = "configuration-that-nobody-may-see";
    for body in ["", "{", "[]", "null", "{\"runner\":{\"id\":7}}", "<html></html>"]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("{{\"runner\":\"{secret}\",\"encoded_jit_config\":\"{secret}\"}}")])
    {
        github.answers(Reply::new(201, &body));
        let error = api.register(&registration(here(), "n")).await.unwrap_err();
        assert!(matches!(error, GithubError::Unknown(_)), "{body}: {error:?}");
        assert!(!format!("{error:?} {error}").contains(secret), "{error:?}");
    }
}
