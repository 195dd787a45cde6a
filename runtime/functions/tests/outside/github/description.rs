//! GitHub's description of its API (<https://github.com/octokit/openapi>), which `make tools` downloads. All requests
//! of the adapter and all answers of the fake are compared with it.

use std::{path::Path, sync::OnceLock};

use jit_runners_runtime::port::{Github as _, Page, RegistrationTarget, RunStatus};
use jit_runners_witnesses::tools;
use serde::Deserialize;
use serde_json::Value;

use super::{
    bodies,
    fake::{Exchange, FakeGithub, Misfortune},
    methods::{here, job_ref, registration, repository},
    schema::problems,
};
use crate::connection::{Reply, Request};

/// Documented by GitHub, but missing in this description:
/// <https://docs.github.com/en/rest/actions/self-hosted-runners#get-runner-version-end-of-life-schedule-for-a-repository>.
const NOT_DESCRIBED: &str = "/actions/runners/deprecations/";

/// By its id, a repository is asked for only where a redirect leads there.
const BY_ID: &str = "/repositories/";

/// The parts of the path of a repository itself, for which only people ask by its name: `/repos/OWNER/NAME`.
const ITSELF: usize = 4;

const CHECK: &str = "requests against GitHub's description of its API";

/// The operations in use. The description has some thousand.
#[derive(Deserialize)]
struct Description {
    paths: Paths,
}

macro_rules! paths {
    ($($field:ident: $path:literal;)+) => {
        #[derive(Deserialize)]
        struct Paths {
            $(#[serde(rename = $path)] $field: Value,)+
        }
        impl Paths {
            /// Each path with its operations.
            fn all(&self) -> Vec<(&'static str, &Value)> {
                vec![$(($path, &self.$field)),+]
            }
        }
    };
}

paths! {
    tokens: "/app/installations/{installation_id}/access_tokens";
    repositories: "/installation/repositories";
    register: "/repos/{owner}/{repo}/actions/runners/generate-jitconfig";
    register_in_organization: "/orgs/{org}/actions/runners/generate-jitconfig";
    runners: "/repos/{owner}/{repo}/actions/runners";
    runners_of_organization: "/orgs/{org}/actions/runners";
    runner: "/repos/{owner}/{repo}/actions/runners/{runner_id}";
    runner_of_organization: "/orgs/{org}/actions/runners/{runner_id}";
    job: "/repos/{owner}/{repo}/actions/jobs/{job_id}";
    runs: "/repos/{owner}/{repo}/actions/runs";
    jobs: "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs";
    downloads: "/repos/{owner}/{repo}/actions/runners/downloads";
    downloads_of_organization: "/orgs/{org}/actions/runners/downloads";
}

/// Compares the conversation with the description, if there is one. Answers that a test gave to the fake may be wrong.
pub(crate) fn check(exchanges: &[Exchange]) {
    let Some(description) = description() else { return };
    let is_described = |path: &str| {
        let is_repository = path.starts_with("/repos/") && path.split('/').count() == ITSELF;
        !path.contains(NOT_DESCRIBED) && !path.starts_with(BY_ID) && !is_repository
    };
    let described = exchanges.iter().filter(|exchange| is_described(&exchange.request.path));
    for Exchange { at: _, request, reply } in described {
        let operation = description.operation(request);
        let mut found = asked_wrongly(operation, request);
        if let Some(reply) = reply.as_ref().filter(|reply| reply.status < 300) {
            match operation["responses"].get(reply.status.to_string()) {
                None => found.push(format!("{} is no answer to it", reply.status)),
                Some(response) => {
                    let schema = &response["content"]["application/json"]["schema"];
                    if !schema.is_null() {
                        found.extend(problems(schema, &serde_json::from_str(&reply.body).unwrap()));
                    }
                }
            }
        }
        assert_eq!(found, [""; 0], "{}", request.line());
    }
}

#[tokio::test]
async fn every_request_and_every_answer_is_as_github_describes_it() {
    let Some(description) = description() else { return };
    let github = FakeGithub::start();
    github.set(|world| {
        world.runs = vec![5];
        world.jobs = vec![bodies::job(41, &serde_json::json!({}))];
    });
    let api = github.api();
    for target in [here(), RegistrationTarget::Organization("octo-org".to_owned())] {
        let new = api.register(&registration(target.clone(), "one")).await.unwrap();
        assert_eq!(api.find(&target, "one").await.unwrap().map(|found| found.id), Some(new.runner_id));
        assert_eq!(api.runners(&target, 1).await.unwrap().len(), 1);
        api.remove(&target, new.runner_id).await.unwrap();
        assert_eq!(api.downloads(&target).await.unwrap().len(), 3);
    }
    api.runs(&repository(), RunStatus::Queued, 1, None).await.unwrap();
    api.runs(&repository(), RunStatus::InProgress, 1, None).await.unwrap();
    api.jobs(&repository(), 5, Page { number: 1, size: 100 }).await.unwrap();
    api.job(&job_ref()).await.unwrap().unwrap();
    api.repositories(1).await.unwrap();
    let mut asked: Vec<_> =
        github.exchanges().iter().map(|exchange| description.template(&exchange.request)).collect();
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked.len(), description.paths.all().len(), "only these were asked: {asked:?}");
    check(&github.exchanges());
}

#[tokio::test]
async fn githubs_own_examples_are_read() {
    let Some(description) = description() else { return };
    let paths = &description.paths;
    let example = |path: &Value, method: &str, status: &str| {
        let content = &path[method]["responses"][status]["content"]["application/json"]["examples"];
        let examples = content.as_object().unwrap();
        Reply::new(status.parse().unwrap(), &examples.values().next().unwrap()["value"])
    };
    let github = FakeGithub::start();
    let api = github.api();
    github.answers(example(&paths.register, "post", "201"));
    assert_eq!(api.register(&registration(here(), "one")).await.unwrap().runner_id, 23);
    github.answers(example(&paths.runners, "get", "200"));
    let runners = api.runners(&here(), 1).await.unwrap();
    assert_eq!(runners.iter().map(|one| (one.id, one.online)).collect::<Vec<_>>(), [(23, true), (24, false)]);
    github.answers(example(&paths.job, "get", "200"));
    assert!(api.job(&job_ref()).await.unwrap().is_some());
    github.answers(example(&paths.jobs, "get", "200"));
    assert_eq!(api.jobs(&repository(), 5, Page { number: 1, size: 100 }).await.unwrap().len(), 1);
    github.answers(example(&paths.runs, "get", "200"));
    assert!(api.runs(&repository(), RunStatus::Queued, 1, None).await.is_ok());
    github.answers(example(&paths.downloads, "get", "200"));
    let downloads = api.downloads(&here()).await.unwrap();
    assert!(downloads.iter().any(|it| it.file_name == "actions-runner-linux-arm64-2.164.0.tar.gz"));
    github.answers(example(&paths.repositories, "get", "200"));
    assert_eq!(api.repositories(1).await.unwrap()[0].as_str(), "octocat/Hello-World");

    // Here one call uses an older token of GitHub, and the test gives the fake its answer.
    let github = FakeGithub::start();
    github.next_token(Misfortune::Answered(example(&paths.tokens, "post", "201")));
    github.next_token(Misfortune::Answered(example(&paths.tokens, "post", "201")));
    github.answers(example(&paths.runners, "get", "200"));
    assert_eq!(github.api().runners(&here(), 1).await.unwrap().len(), 2);
}

impl Description {
    /// The template of a request's path.
    fn template(&self, request: &Request) -> &'static str {
        let fits = |template: &str| {
            let (one, other) = (template.split('/'), request.path.split('/'));
            one.clone().count() == other.clone().count()
                && one.zip(other).all(|(part, sent)| part.starts_with('{') || part == sent)
        };
        let mut templates: Vec<_> =
            self.paths.all().into_iter().map(|(path, _)| path).filter(|path| fits(path)).collect();
        // A literal path takes precedence over one with parameters.
        templates.sort_by_key(|path| path.matches('{').count());
        templates.first().copied().unwrap_or_else(|| panic!("GitHub has no {}", request.path))
    }

    fn operation(&self, request: &Request) -> &Value {
        let template = self.template(request);
        let path = self.paths.all().into_iter().find(|(path, _)| *path == template).unwrap().1;
        path.get(request.method.to_ascii_lowercase())
            .unwrap_or_else(|| panic!("GitHub has no {}", request.line()))
    }
}

/// The problems of a request.
fn asked_wrongly(operation: &Value, request: &Request) -> Vec<String> {
    let known: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
    let known: Vec<_> = known.into_iter().filter(|parameter| parameter["in"] == "query").collect();
    let mut found = Vec::new();
    for (name, text) in &request.query {
        match known.iter().find(|parameter| parameter["name"] == name.as_str()) {
            None => found.push(format!("the query has {name}, which GitHub does not know")),
            Some(parameter) => {
                let schema = &parameter["schema"];
                let value = match schema["type"].as_str() {
                    Some("integer") => text.parse::<u64>().map_or(Value::Null, Value::from),
                    _ => Value::from(text.as_str()),
                };
                found.extend(problems(schema, &value));
            }
        }
    }
    let required = known.iter().filter(|parameter| parameter["required"] == true);
    for name in required.filter_map(|parameter| parameter["name"].as_str()) {
        if request.asked(name).is_none() {
            found.push(format!("the query lacks {name}"));
        }
    }
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    match (schema.is_null(), request.body.is_empty()) {
        (true, true) => {}
        (true, false) => found.push("GitHub expects no body".to_owned()),
        (false, true) => {
            if operation["requestBody"]["required"] == true {
                found.push("GitHub expects a body".to_owned());
            }
        }
        (false, false) => {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            found.extend(problems(schema, &body));
            let names = body.as_object().unwrap().keys();
            let unknown = names.filter(|name| schema["properties"].get(name.as_str()).is_none());
            found.extend(unknown.map(|name| format!("the body has {name}, which GitHub does not know")));
        }
    }
    found
}

/// The description, read once.
fn description() -> Option<&'static Description> {
    static DESCRIPTION: OnceLock<Option<Description>> = OnceLock::new();
    let look = || tools::require_npm(CHECK, "@octokit/openapi").unwrap().map(|archive| read(&archive));
    DESCRIPTION.get_or_init(look).as_ref()
}

fn read(archive: &Path) -> Description {
    let text = tools::read_npm(archive, "generated/api.github.com.deref.json").unwrap();
    assert!(
        !text.contains(NOT_DESCRIBED),
        "{NOT_DESCRIBED} is described now: hold it against the description"
    );
    serde_json::from_str(&text).unwrap()
}
