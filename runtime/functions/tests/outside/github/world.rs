//! The state of the fake, and its answers (<https://docs.github.com/en/rest/actions/self-hosted-runners> and the pages
//! beside it).

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jit_runners_model::contract::runner_release::RunnerRelease;
use octocrab::jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    bodies,
    fake::{APP, INSTALLATION},
};
use crate::connection::{Reply, Request};

/// A registered runner.
#[derive(Debug, Clone)]
pub(crate) struct Runner {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) online: bool,
    pub(crate) busy: bool,
    pub(crate) labels: Vec<String>,
}

/// The state of GitHub.
pub(crate) struct World {
    pub(crate) runners: Vec<Runner>,
    pub(crate) runs: Vec<u64>,
    /// Jobs of any run.
    pub(crate) jobs: Vec<Value>,
    pub(crate) repositories: Vec<String>,
    pub(crate) etag: String,
    /// The lifetime of new tokens.
    pub(crate) token_life: Duration,
    /// The valid tokens.
    pub(crate) tokens: BTreeMap<String, SystemTime>,
    pub(crate) tokens_given: usize,
    /// The text after the number of a token.
    pub(crate) token_end: String,
    pub(crate) remaining: u32,
    /// The archives of the runner that it offers.
    pub(crate) downloads: Vec<Value>,
    /// The end of support for releases, by version.
    pub(crate) ends_of_life: BTreeMap<String, Value>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            runners: Vec::new(),
            runs: Vec::new(),
            jobs: Vec::new(),
            repositories: Vec::new(),
            etag: "W/\"first\"".to_owned(),
            token_life: Duration::from_hours(1),
            tokens: BTreeMap::new(),
            tokens_given: 0,
            token_end: "abcdefghijklmnopqrstuvwxyz0123456789".to_owned(),
            remaining: 5_000,
            downloads: bodies::downloads(&RunnerRelease::newest_shipped()),
            ends_of_life: BTreeMap::new(),
        }
    }
}

/// The end of the hour for the rate limit, in every answer.
pub(crate) const RESET: u64 = 1_800_000_000;

#[derive(Debug, Deserialize)]
struct Claims {
    iss: Value,
    iat: u64,
    exp: u64,
}

impl World {
    /// Answers a request, and executes it.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        if request.header("user-agent").is_none() {
            return Reply::new(403, "Request forbidden by administrative rules.");
        }
        let path: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
        let method = request.method.as_str();
        if let ("POST", ["app", "installations", id, "access_tokens"]) = (method, path.as_slice()) {
            return self.token(request, id);
        }
        let bearer = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        if bearer.and_then(|token| self.tokens.get(token)).is_none_or(|end| *end <= now()) {
            return refusal(401, "Bad credentials");
        }
        let (resource, reply) = match (method, path.as_slice()) {
            ("GET", ["installation", "repositories"]) => ("core", self.list_repositories(request)),
            (
                _,
                ["orgs", "octo-org", "actions", rest @ ..]
                | ["repos", "octo-org", "cat.food", "actions", rest @ ..],
            ) => self.actions(method, rest, request),
            _ => ("core", refusal(404, "Not Found")),
        };
        if reply.status != 304 {
            self.remaining -= 1;
        }
        reply
            .with("x-ratelimit-resource", resource)
            .with("x-ratelimit-limit", if resource == "core" { 5_000 } else { 10_000 })
            .with("x-ratelimit-remaining", if resource == "core" { self.remaining } else { 9_999 })
            .with("x-ratelimit-reset", RESET)
    }

    /// Issues a token if the App's key has signed the request.
    fn token(&mut self, request: &Request, id: &str) -> Reply {
        let refused = |why: &str| refusal(401, why);
        let Some(jwt) = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "))
        else {
            return refused("A JSON web token could not be decoded");
        };
        let key = DecodingKey::from_rsa_pem(include_bytes!("keys/app.public.pem")).unwrap();
        let Ok(jwt) = decode::<Claims>(jwt, &key, &Validation::new(Algorithm::RS256)) else {
            return refused("A JSON web token could not be decoded");
        };
        let Claims { iss, iat, exp } = jwt.claims;
        let seconds = now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        if iss != json!(APP) && iss != json!(APP.to_string()) {
            return refused("Integration not found");
        }
        if iat + 55 > seconds {
            return refused("'Issued at' claim ('iat') leaves clocks no room");
        }
        if exp <= seconds || exp > seconds + 600 {
            return refused("'Expiration time' claim ('exp') is too far in the future");
        }
        if id != INSTALLATION.to_string() {
            return refusal(404, "Not Found");
        }
        self.tokens_given += 1;
        let token = format!("ghs_{}{}", self.tokens_given, self.token_end);
        let end = now() + self.token_life;
        self.tokens.insert(token.clone(), end);
        Reply::new(201, bodies::token(&token, end))
    }

    fn actions(&mut self, method: &str, path: &[&str], request: &Request) -> (&'static str, Reply) {
        let reply = match (method, path) {
            ("POST", ["runners", "generate-jitconfig"]) => {
                return ("actions_runner_registration", self.register(request));
            }
            ("GET", ["runners"]) => self.list_runners(request),
            ("DELETE", ["runners", id]) => self.remove(id),
            ("GET", ["runners", "downloads"]) => Reply::new(200, json!(self.downloads)),
            ("GET", ["runners", "deprecations", version]) => self
                .ends_of_life
                .get(*version)
                .map_or_else(|| refusal(404, "Not Found"), |support| Reply::new(200, support)),
            ("GET", ["jobs", id]) => {
                let job = self.jobs.iter().find(|job| id.parse().is_ok_and(|id: u64| job["id"] == id));
                job.map_or_else(|| refusal(404, "Not Found"), |job| Reply::new(200, job))
            }
            ("GET", ["runs"]) => self.list_runs(request),
            ("GET", ["runs", id, "jobs"]) if self.runs.iter().any(|run| run.to_string() == *id) => {
                let (count, jobs) = page(&self.jobs, request);
                Reply::new(200, json!({ "total_count": count, "jobs": jobs }))
            }
            _ => refusal(404, "Not Found"),
        };
        ("core", reply)
    }

    fn register(&mut self, request: &Request) -> Reply {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let name = body["name"].as_str().unwrap().to_owned();
        if self.runners.iter().any(|runner| runner.name == name) {
            return refusal(409, &format!("Already exists - A runner with the name {name} already exists."));
        }
        let labels = body["labels"].as_array().unwrap();
        let runner = Runner {
            id: self.runners.iter().map(|runner| runner.id).max().unwrap_or(22) + 1,
            online: false,
            busy: false,
            labels: labels.iter().map(|label| label.as_str().unwrap().to_owned()).collect(),
            name,
        };
        let configuration = format!("configuration-of-{}", runner.name);
        let reply = json!({ "runner": bodies::runner(&runner), "encoded_jit_config": configuration });
        self.runners.push(runner);
        Reply::new(201, reply)
    }

    fn remove(&mut self, id: &str) -> Reply {
        let Some(index) = self.runners.iter().position(|runner| runner.id.to_string() == id) else {
            return refusal(404, "Not Found");
        };
        let runner = &self.runners[index];
        if runner.busy {
            let message = format!("Bad request - Runner \"{}\" is still running a job\"", runner.name);
            return refusal(422, &message);
        }
        self.runners.remove(index);
        Reply::new(204, "")
    }

    fn list_runners(&self, request: &Request) -> Reply {
        let named = |runner: &&Runner| request.asked("name").is_none_or(|name| name == runner.name);
        let runners: Vec<_> = self.runners.iter().filter(named).map(bodies::runner).collect();
        let (count, runners) = page(&runners, request);
        Reply::new(200, json!({ "total_count": count, "runners": runners }))
    }

    fn list_runs(&self, request: &Request) -> Reply {
        if request.header("if-none-match") == Some(self.etag.as_str()) {
            return Reply::new(304, "").with("etag", &self.etag);
        }
        let status = request.asked("status").unwrap();
        let runs: Vec<_> = self.runs.iter().map(|run| bodies::run(*run, status)).collect();
        let (count, runs) = page(&runs, request);
        Reply::new(200, json!({ "total_count": count, "workflow_runs": runs })).with("etag", &self.etag)
    }

    fn list_repositories(&self, request: &Request) -> Reply {
        let (count, shown) = page(&self.repositories, request);
        let shown: Vec<_> = shown.iter().map(|name| bodies::repository(name)).collect();
        Reply::new(200, json!({ "total_count": count, "repositories": shown }))
    }
}

/// A refusal in GitHub's format.
pub(crate) fn refusal(status: u16, message: &str) -> Reply {
    let link = "https://docs.github.com/rest";
    Reply::new(status, json!({ "message": message, "documentation_url": link, "status": status.to_string() }))
}

/// The total number of items, and those on the requested page.
fn page<'a, T>(all: &'a [T], request: &Request) -> (usize, Vec<&'a T>) {
    let number = |name, default| request.asked(name).map_or(default, |text| text.parse().unwrap());
    let (size, page) = (number("per_page", 30).min(100), number("page", 1));
    (all.len(), all.iter().skip(size * (page - 1)).take(size).collect())
}

#[expect(clippy::disallowed_methods, reason = "tokens end by the clock of the machine")]
fn now() -> SystemTime {
    SystemTime::now()
}
