//! The bodies of answers, with every field that GitHub always returns.

use std::time::SystemTime;

use jit_runners_model::contract::runner_release::{RunnerRelease, archive_name};
use serde_json::{Map, Value, json};

use super::world::{REPOSITORY, Runner};

/// Addresses in a repository
/// (<https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation>).
const OF_REPOSITORY: &str = "archive assignees blobs branches collaborators comments commits compare contents contributors \
    deployments downloads events forks git_commits git_refs git_tags hooks html issue_comment issue_events issues keys \
    labels languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags \
    teams trees clone git ssh svn mirror";
const OF_OWNER: &str =
    "avatar events followers following gists html organizations received_events repos starred subscriptions";
const OF_RUN: &str = "html jobs logs check_suite cancel rerun artifacts workflow";

pub(crate) fn token(token: &str, end: SystemTime) -> Value {
    let end = jiff::Timestamp::try_from(end).unwrap();
    json!({
        "token": token,
        "expires_at": end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "permissions": { "actions": "read", "administration": "write", "metadata": "read" },
        "repository_selection": "selected",
    })
}

pub(crate) fn runner(runner: &Runner) -> Value {
    let labels: Vec<_> = runner.labels.iter().map(|name| json!({ "name": name, "type": "custom" })).collect();
    json!({
        "id": runner.id, "name": runner.name, "os": "unknown", "busy": runner.busy, "labels": labels,
        "status": if runner.online { "online" } else { "offline" },
    })
}

/// A job with these fields replaced.
pub(crate) fn job(id: u64, own: &Value) -> Value {
    let url = format!("https://api.github.com/repos/octo-org/cat.food/actions/jobs/{id}");
    let mut job = json!({
        "id": id, "node_id": "MDg6", "run_id": 5, "run_attempt": 1, "run_url": url, "head_sha": "f83a35", "url": url,
        "html_url": url, "status": "queued", "conclusion": null, "created_at": "2026-01-02T03:04:05Z",
        "started_at": "2026-01-02T03:04:05Z", "completed_at": null, "name": "build", "steps": [],
        "check_run_url": url, "labels": ["self-hosted", "Large"], "runner_id": null, "runner_name": null,
        "runner_group_id": null, "runner_group_name": null, "workflow_name": "CI", "head_branch": "main",
    });
    for (name, value) in own.as_object().unwrap() {
        job[name] = value.clone();
    }
    job
}

/// When whatever has no other time happened.
pub(crate) const LONG_AGO: &str = "2026-01-02T03:04:05Z";

/// A run that changed last at that time.
pub(crate) fn run(id: u64, status: &str, changed: &str) -> Value {
    let url = format!("https://api.github.com/repos/octo-org/cat.food/actions/runs/{id}");
    let mut run = json!({
        "id": id, "node_id": "MDEy", "head_branch": "main", "run_number": 562, "display_title": "Update",
        "event": "push", "status": status, "conclusion": null, "head_sha": "acb5820c", "workflow_id": 159_038,
        "path": ".github/workflows/build.yml@main", "created_at": LONG_AGO, "url": url,
        "updated_at": changed, "head_commit": null, "pull_requests": [],
        "repository": repository(REPOSITORY, "octo-org/cat.food"),
        "head_repository": repository(REPOSITORY, "octo-org/cat.food"),
    });
    add_urls(&mut run, &url, OF_RUN);
    run
}

pub(crate) fn repository(id: u64, full_name: &str) -> Value {
    let (owner, name) = full_name.split_once('/').unwrap();
    let url = format!("https://api.github.com/repos/{full_name}");
    let mut repository = json!({
        "id": id, "node_id": "MDEw", "name": name, "full_name": full_name, "owner": user(owner), "url": url,
        "private": true, "description": null, "fork": false, "homepage": null, "language": null, "archived": false,
        "disabled": false, "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0, "watchers_count": 0,
        "size": 1, "default_branch": "main", "open_issues": 0, "open_issues_count": 0, "license": null,
        "has_issues": true, "has_projects": true, "has_wiki": true, "has_pages": false, "has_downloads": true,
        "pushed_at": "2026-01-02T03:04:05Z", "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
    });
    add_urls(&mut repository, &url, OF_REPOSITORY);
    repository
}

/// The archives of a release, in GitHub's list.
pub(crate) fn downloads(release: &RunnerRelease) -> Vec<Value> {
    let download = |os: &str, architecture: &str, url: &str, checksum: &str| {
        json!({
            "os": os, "architecture": architecture, "download_url": url.replace("linux", os),
            "filename": archive_name(architecture, &release.version).replace("linux", os),
            "sha256_checksum": checksum,
        })
    };
    let (x64, arm64) = (&release.x64, &release.arm64);
    vec![
        download("osx", "x64", &x64.url, x64.checksum.as_str()),
        download("linux", "x64", &x64.url, x64.checksum.as_str()),
        download("linux", "arm64", &arm64.url, arm64.checksum.as_str()),
    ]
}

fn user(login: &str) -> Value {
    let url = format!("https://api.github.com/users/{login}");
    let mut user = json!({
        "login": login, "id": 1, "node_id": "MDQ6", "gravatar_id": "", "type": "Organization", "site_admin": false,
        "url": url,
    });
    add_urls(&mut user, &url, OF_OWNER);
    user
}

fn add_urls(body: &mut Value, base: &str, names: &str) {
    let fields: &mut Map<String, Value> = body.as_object_mut().unwrap();
    for name in names.split_whitespace() {
        fields.insert(format!("{name}_url"), json!(format!("{base}/{name}")));
    }
}
