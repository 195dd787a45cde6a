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
    /// The id of the repository where it is registered; [`ORGANIZATION`] for the organization.
    pub(crate) at: u64,
    pub(crate) name: String,
    pub(crate) online: bool,
    pub(crate) busy: bool,
    pub(crate) labels: Vec<String>,
}

/// The state of GitHub.
pub(crate) struct World {
    pub(crate) runners: Vec<Runner>,
    pub(crate) runs: Vec<u64>,
    /// The ids of the repositories of runs, unless that is [`REPOSITORY`].
    pub(crate) homes: BTreeMap<u64, u64>,
    /// When runs changed last, if that is not long ago.
    pub(crate) changed: BTreeMap<u64, String>,
    /// Jobs of any run.
    pub(crate) jobs: Vec<Value>,
    /// The names of the installation's repositories, by id.
    pub(crate) repositories: BTreeMap<u64, String>,
    /// The names that repositories had before they were renamed, each with the id. Requests for them are redirected.
    pub(crate) former: BTreeMap<&'static str, u64>,
    /// Its own address, for redirects.
    pub(crate) address: String,
    /// Places that do not admit runners, by the ids of their repositories: the status and GitHub's words.
    pub(crate) closed: BTreeMap<u64, (u16, &'static str)>,
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
            homes: BTreeMap::new(),
            changed: BTreeMap::new(),
            jobs: Vec::new(),
            repositories: BTreeMap::from([(REPOSITORY, "octo-org/cat.food".to_owned())]),
            former: BTreeMap::new(),
            address: String::new(),
            closed: BTreeMap::new(),
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

/// The id of `octo-org/cat.food`.
pub(crate) const REPOSITORY: u64 = 1_296_269;
/// Stands for the organization where a repository's id would be.
pub(crate) const ORGANIZATION: u64 = 0;

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
            (_, ["orgs", "octo-org", "actions", rest @ ..]) => {
                self.actions(ORGANIZATION, method, rest, request)
            }
            (_, ["repos", owner, name, rest @ ..]) => {
                let name = format!("{owner}/{name}");
                let now = self.repositories.iter().find(|(_, now)| **now == name);
                match (now.map(|(id, _)| *id), self.former.get(name.as_str()).copied(), rest) {
                    (Some(id), _, []) if method == "GET" => {
                        ("core", Reply::new(200, bodies::repository(id, &name)))
                    }
                    (Some(id), _, ["actions", rest @ ..]) => self.actions(id, method, rest, request),
                    (None, Some(id), rest) => ("core", self.redirect(id, rest, request)),
                    _ => ("core", refusal(404, "Not Found")),
                }
            }
            (_, ["repositories", id, rest @ ..]) => {
                let known = id.parse().ok().and_then(|id| self.repositories.get_key_value(&id));
                match (known.map(|(id, name)| (*id, name)), method, rest) {
                    (Some((id, name)), "GET", []) => ("core", Reply::new(200, bodies::repository(id, name))),
                    (Some((id, _)), _, ["actions", rest @ ..]) => self.actions(id, method, rest, request),
                    _ => ("core", refusal(404, "Not Found")),
                }
            }
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

    /// Sends a request for the old name of a repository to its id
    /// (<https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects>).
    fn redirect(&self, id: u64, rest: &[&str], request: &Request) -> Reply {
        let path =
            ["repositories", &id.to_string()].iter().chain(rest).copied().collect::<Vec<_>>().join("/");
        let query =
            if request.raw_query.is_empty() { String::new() } else { format!("?{}", request.raw_query) };
        let status = if request.method == "GET" { 301 } else { 307 };
        let location = format!("{}/{path}{query}", self.address);
        Reply::new(status, json!({ "message": "Moved Permanently", "url": location }))
            .with("location", location)
    }

    /// Answers at one place: a repository by its id, or the organization.
    fn actions(&mut self, at: u64, method: &str, path: &[&str], request: &Request) -> (&'static str, Reply) {
        let reply = match (method, path) {
            ("POST", ["runners", "generate-jitconfig"]) => {
                return ("actions_runner_registration", self.register(at, request));
            }
            ("GET", ["runners"]) => self.list_runners(at, request),
            ("DELETE", ["runners", id]) => self.remove(at, id),
            ("GET", ["runners", "downloads"]) => Reply::new(200, json!(self.downloads)),
            ("GET", ["runners", "deprecations", version]) => self
                .ends_of_life
                .get(*version)
                .map_or_else(|| refusal(404, "Not Found"), |support| Reply::new(200, support)),
            ("GET", ["jobs", id]) => {
                let is_it = |job: &&Value| id.parse().is_ok_and(|id: u64| job["id"] == id);
                let job = self.jobs.iter().find(is_it).filter(|job| self.home(job["run_id"].as_u64()) == at);
                job.map_or_else(|| refusal(404, "Not Found"), |job| Reply::new(200, job))
            }
            ("GET", ["runs"]) => self.list_runs(at, request),
            ("GET", ["runs", id, "jobs"]) => {
                let run = id.parse().ok().filter(|run| self.runs.contains(run));
                if run.is_none() || self.home(run) != at {
                    return ("core", refusal(404, "Not Found"));
                }
                let jobs: Vec<_> = self.jobs.iter().filter(|job| job["run_id"].as_u64() == run).collect();
                let (count, jobs) = page(&jobs, request);
                Reply::new(200, json!({ "total_count": count, "jobs": jobs }))
            }
            _ => refusal(404, "Not Found"),
        };
        ("core", reply)
    }

    /// The repository of a run.
    fn home(&self, run: Option<u64>) -> u64 {
        run.and_then(|run| self.homes.get(&run)).copied().unwrap_or(REPOSITORY)
    }

    fn register(&mut self, at: u64, request: &Request) -> Reply {
        if let Some((status, words)) = self.closed.get(&at) {
            return refusal(*status, words);
        }
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let name = body["name"].as_str().unwrap().to_owned();
        if self.runners.iter().any(|runner| runner.at == at && runner.name == name) {
            return refusal(409, &format!("Already exists - A runner with the name {name} already exists."));
        }
        let labels = body["labels"].as_array().unwrap();
        let runner = Runner {
            id: self.runners.iter().map(|runner| runner.id).max().unwrap_or(22) + 1,
            at,
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

    fn remove(&mut self, at: u64, id: &str) -> Reply {
        let is_it = |runner: &Runner| runner.at == at && runner.id.to_string() == id;
        let Some(index) = self.runners.iter().position(is_it) else {
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

    fn list_runners(&self, at: u64, request: &Request) -> Reply {
        let named = |runner: &&Runner| {
            runner.at == at && request.asked("name").is_none_or(|name| name == runner.name)
        };
        let runners: Vec<_> = self.runners.iter().filter(named).map(bodies::runner).collect();
        let (count, runners) = page(&runners, request);
        Reply::new(200, json!({ "total_count": count, "runners": runners }))
    }

    fn list_runs(&self, at: u64, request: &Request) -> Reply {
        if request.header("if-none-match") == Some(self.etag.as_str()) {
            return Reply::new(304, "").with("etag", &self.etag);
        }
        let status = request.asked("status").unwrap();
        let runs = self.runs.iter().filter(|run| self.home(Some(**run)) == at);
        let changed = |run| self.changed.get(run).map_or(bodies::LONG_AGO, String::as_str);
        let runs: Vec<_> = runs.map(|run| bodies::run(*run, status, changed(run))).collect();
        let (count, runs) = page(&runs, request);
        Reply::new(200, json!({ "total_count": count, "workflow_runs": runs })).with("etag", &self.etag)
    }

    fn list_repositories(&self, request: &Request) -> Reply {
        let all: Vec<_> = self.repositories.iter().collect();
        let (count, shown) = page(&all, request);
        let shown: Vec<_> = shown.iter().map(|(id, name)| bodies::repository(**id, name)).collect();
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
