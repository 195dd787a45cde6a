//! One job with GitHub's events for it: real payloads, signed, with the ids and times of this job.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::{Context as _, Result, ensure};
use jit_runners_functions::clock::now;
use jit_runners_model::{
    Label,
    contract::{
        message::{JobRef, Repository},
        table::Key,
    },
};
use jit_runners_runtime::{record::InstanceId, webhook::WebhookSecret};
use jit_runners_witnesses::tools;
use serde_json::{Value, json};

use super::{fixture::Fixture, services::Answer};
use crate::github::{
    bodies,
    fake::INSTALLATION,
    world::{self, Runner},
};

/// The repository of most jobs.
pub(crate) const REPOSITORY: &str = "octo-org/cat.food";

/// Where jobs are: a repository with its id, and the one run of its jobs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home {
    pub(crate) name: &'static str,
    pub(crate) id: u64,
    run: u64,
}

impl Home {
    /// The home of most jobs.
    const USUAL: Self = Self { name: REPOSITORY, id: world::REPOSITORY, run: 5 };

    /// Another repository.
    pub(crate) const fn new(name: &'static str, id: u64) -> Self {
        Self { name, id, run: id }
    }

    /// The repository as the ledger knows it.
    pub(crate) fn repository(&self) -> Result<Repository> {
        Ok(Repository::new(self.name)?.with_id(self.id))
    }
}

/// GitHub's published payloads of `workflow_job`, by action.
pub(crate) struct Payloads(BTreeMap<String, Value>);

impl Payloads {
    /// Reads the payloads. `None` if the check was skipped.
    pub(crate) fn read(check: &str) -> Result<Option<Self>> {
        let Some(archive) = tools::require_npm(check, "@octokit/webhooks-examples")? else { return Ok(None) };
        let events: Value = serde_json::from_str(&tools::read_npm(&archive, "api.github.com/index.json")?)?;
        let jobs = events.as_array().into_iter().flatten().find(|event| event["name"] == "workflow_job");
        let jobs = jobs.and_then(|event| event["examples"].as_array()).context("examples of workflow_job")?;
        let mut payloads = BTreeMap::new();
        for payload in jobs {
            let action = payload["action"].as_str().context("an action")?;
            payloads.entry(action.to_owned()).or_insert_with(|| payload.clone());
        }
        Ok(Some(Self(payloads)))
    }
}

/// One job.
pub(crate) struct Job<'a> {
    fixture: &'a Fixture,
    payloads: &'a Payloads,
    pub(crate) id: u64,
    home: Home,
    installation: u64,
    /// Its labels besides `self-hosted`. Only this job has the last one.
    labels: Vec<String>,
    queued_at: String,
}

impl<'a> Job<'a> {
    /// A new job with a label that no other job has.
    pub(crate) fn new(fixture: &'a Fixture, payloads: &'a Payloads, labels: &[&str]) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(30_000_000_001);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut labels: Vec<_> = labels.iter().map(|&label| label.to_owned()).collect();
        labels.push(format!("job-{id}"));
        let (home, installation) = (Home::USUAL, INSTALLATION);
        Self { fixture, payloads, id, home, installation, labels, queued_at: time(0) }
    }

    /// The same in a repository, by the name that it has now.
    pub(crate) fn at(mut self, home: Home) -> Self {
        self.home = home;
        self
    }

    /// The same, but of another installation of the App.
    pub(crate) fn of_installation(mut self, installation: u64) -> Self {
        self.installation = installation;
        self
    }

    /// The same, but queued some seconds ago, in a run of its own.
    pub(crate) fn ago(mut self, seconds: u64) -> Self {
        self.home.run = self.id;
        self.queued_at = time(seconds);
        self
    }

    /// The label that only this job has.
    pub(crate) fn label(&self) -> &str {
        self.labels.last().map_or("", String::as_str)
    }

    /// The job's identity at GitHub.
    pub(crate) fn reference(&self) -> Result<JobRef> {
        Ok(JobRef { repository: self.home.repository()?, job_id: self.id, run_attempt: 1 })
    }

    /// The job's record in the ledger.
    pub(crate) fn record(&self) -> Result<Option<Value>> {
        self.fixture.item(&Key::job(&self.reference()?))
    }

    /// GitHub queues the job, and sends no webhook.
    pub(crate) fn is_queued_at_github(&self) {
        let labels = self.all_labels();
        let Home { name, id, run } = self.home;
        let own = json!({ "labels": labels, "run_id": run, "created_at": self.queued_at, "started_at": self.queued_at });
        self.fixture.github.set(|world| {
            if !world.runs.contains(&run) {
                world.runs.push(run);
            }
            world.homes.insert(run, id);
            world.changed.insert(run, self.queued_at.clone());
            world.repositories.insert(id, name.to_owned());
            world.jobs.push(bodies::job(self.id, &own));
            world.etag = format!("W/\"{}\"", world.jobs.len());
        });
    }

    /// GitHub queues the job and sends the webhook.
    pub(crate) fn queue(&self) -> Result<()> {
        self.is_queued_at_github();
        self.say("queued", None, None)
    }

    /// A runner takes the job.
    pub(crate) fn start(&self, runner: &Runner) -> Result<()> {
        self.at_github("in_progress", Some(&runner.name));
        self.say("in_progress", Some(runner), None)
    }

    /// The job ends.
    pub(crate) fn complete(&self, runner: Option<&Runner>, conclusion: &str) -> Result<()> {
        self.at_github("completed", None);
        // GitHub removes an ephemeral runner after its job.
        let name = runner.map(|runner| runner.name.clone());
        self.fixture.github.set(|world| world.runners.retain(|it| Some(&it.name) != name.as_ref()));
        self.say("completed", runner, Some(conclusion))
    }

    fn at_github(&self, status: &str, busy: Option<&str>) {
        self.fixture.github.set(|world| {
            for job in world.jobs.iter_mut().filter(|job| job["id"] == self.id) {
                job["status"] = status.into();
            }
            for runner in world.runners.iter_mut().filter(|runner| Some(runner.name.as_str()) == busy) {
                (runner.online, runner.busy) = (true, true);
            }
            world.changed.insert(self.home.run, time(0));
            world.etag = format!("{}-{}", world.etag, self.id);
        });
    }

    /// Posts the webhook of an action.
    pub(crate) fn say(&self, action: &str, runner: Option<&Runner>, conclusion: Option<&str>) -> Result<()> {
        let answer = self.post(action, runner, conclusion)?;
        ensure!(answer.status == 200, "{action} was answered with {} {}", answer.status, answer.body);
        Ok(())
    }

    /// Posts the webhook of an action; returns the answer, whatever it is.
    pub(crate) fn post(
        &self,
        action: &str,
        runner: Option<&Runner>,
        conclusion: Option<&str>,
    ) -> Result<Answer> {
        let body = self.payload(action, runner, conclusion)?;
        let signature = WebhookSecret::new(&self.fixture.webhook_secret)?.sign(&body);
        let delivery = format!("{:08x}-0000-4000-8000-{action:_>12}", self.id & 0xffff_ffff);
        self.fixture.post("workflow_job", &delivery, &body, Some(&signature))
    }

    /// The body of a webhook.
    pub(crate) fn payload(
        &self,
        action: &str,
        runner: Option<&Runner>,
        conclusion: Option<&str>,
    ) -> Result<Vec<u8>> {
        let mut payload =
            self.payloads.0.get(action).with_context(|| format!("no example of {action}"))?.clone();
        let (owner, name) = self.home.name.split_once('/').context("a repository")?;
        payload["installation"] = json!({ "id": self.installation, "node_id": "MDIz" });
        payload["repository"]["id"] = self.home.id.into();
        payload["repository"]["full_name"] = self.home.name.into();
        payload["repository"]["name"] = name.into();
        payload["repository"]["owner"]["login"] = owner.into();
        let job = &mut payload["workflow_job"];
        let own = json!({
            "id": self.id, "run_id": self.home.run, "run_attempt": 1, "labels": self.all_labels(), "status": action,
            "conclusion": conclusion, "created_at": self.queued_at,
            "started_at": if action == "queued" { self.queued_at.clone() } else { time(0) },
            "completed_at": conclusion.map(|_| time(0)),
            "runner_id": runner.map(|runner| runner.id), "runner_name": runner.map(|runner| runner.name.clone()),
            "runner_group_id": runner.map(|_| 1), "runner_group_name": runner.map(|_| "Default"),
        });
        for (field, value) in own.as_object().into_iter().flatten() {
            job[field] = value.clone();
        }
        Ok(serde_json::to_vec(&payload)?)
    }

    /// Its labels in the form of messages.
    pub(crate) fn label_set(&self) -> Result<BTreeSet<Label>> {
        self.all_labels().into_iter().map(|label| Ok(Label::new(label)?)).collect()
    }

    fn all_labels(&self) -> Vec<String> {
        std::iter::once("self-hosted".to_owned()).chain(self.labels.iter().cloned()).collect()
    }

    /// Waits for a live instance for the job that is not one of `known`.
    pub(crate) fn instance_besides(&self, known: &[InstanceId]) -> Result<InstanceId> {
        self.fixture.eventually(&format!("a new instance for {}", self.label()), || {
            Ok(self.fixture.ec2.live(self.label()).into_iter().find(|instance| !known.contains(instance)))
        })
    }

    /// Waits until an instance is registered and its configuration is stored. Returns the runner.
    pub(crate) fn registered(&self, instance: &InstanceId) -> Result<Runner> {
        self.fixture.eventually(&format!("a registration of {instance}"), || {
            let record = self.fixture.item(&Key::runner(instance.as_str()))?;
            let configured = record.is_some_and(|record| record["configured_at"].is_u64());
            let mut found = None;
            self.fixture.github.set(|world| {
                let of_it = |runner: &&Runner| runner.name.contains(&format!("-{instance}-"));
                found = world.runners.iter().find(of_it).cloned();
            });
            Ok(found.filter(|_| configured))
        })
    }

    /// Waits until the job has an instance and a registration.
    pub(crate) fn served(&self) -> Result<(InstanceId, Runner)> {
        let instance = self.instance_besides(&[])?;
        let runner = self.registered(&instance)?;
        Ok((instance, runner))
    }

    /// Waits until the job's record has this state.
    pub(crate) fn becomes(&self, state: &str) -> Result<()> {
        self.fixture.eventually(&format!("job {} is {state}", self.id), || {
            Ok(self.record()?.filter(|record| record["state"] == state).map(drop))
        })
    }
}

/// A time some seconds ago, in GitHub's format.
fn time(seconds_ago: u64) -> String {
    let at = now().as_millis() / 1_000 - seconds_ago;
    jiff::Timestamp::from_second(i64::try_from(at).unwrap_or_default()).unwrap_or_default().to_string()
}
