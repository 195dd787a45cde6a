//! Sample values for tests, with defaults for what a test does not mention: everything belongs to `o/r` and its one
//! set of labels, happened a moment ago, and succeeded.

use std::{
    collections::BTreeSet,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use jit_runners_model::{
    DeploymentName, InstanceType, Label, RunnerVersion,
    contract::{
        environment::{Environment, ScaleUpEnvironment},
        message::{JobMessage, JobRef, Repository},
        runner_release::{RunnerChecksums, RunnerRelease},
    },
};

use crate::{
    gap::{Group, ask_again},
    port::{Instance, InstanceState, Stored},
    record::{Call, InstanceId, Intent, IntentId, IntentState, Item, Job, Market, Pool, Runner},
    time::Time,
};

/// The time in every test.
pub(crate) const NOW: Time = Time::from_millis(1_000_000_000);
/// When the invocation ends.
pub(crate) const DEADLINE: Time = Time::from_millis(1_000_060_000);

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

pub(crate) fn repository() -> Repository {
    Repository::new("o/r").unwrap()
}

pub(crate) fn deployment() -> DeploymentName {
    DeploymentName::new("jit-runners").unwrap()
}

/// The result of a future whose ports answer at once.
pub(crate) fn outcome<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("these ports answer at once"),
    }
}

/// A release that is newer than those that are shipped.
pub(crate) fn newer() -> RunnerRelease {
    let checksums = RunnerChecksums::parse(&format!("x64={},arm64={}", "0a".repeat(32), "0b".repeat(32)));
    RunnerRelease::new(RunnerVersion::new("2.340.0").unwrap(), checksums.unwrap())
}

/// Labels, separated by blanks.
pub(crate) fn labels(text: &str) -> BTreeSet<Label> {
    text.split_whitespace().map(|label| Label::new(label).unwrap()).collect()
}

pub(crate) fn usual_labels() -> BTreeSet<Label> {
    labels("self-hosted linux")
}

pub(crate) fn job_ref(id: u64) -> JobRef {
    JobRef { repository: repository(), job_id: id, run_attempt: 1 }
}

/// A job that was queued moments ago, the smaller `id` first.
pub(crate) fn job(id: u64) -> Job {
    Job::queued(job_ref(id), usual_labels(), NOW - seconds(20) + Duration::from_millis(id))
}

/// A job that was launched for once, moments ago.
pub(crate) fn served(id: u64) -> Job {
    Job { intent: Some(intent_id(id)), launches: 1, launched_at: Some(NOW - seconds(10)), ..job(id) }
}

/// What the webhook asks for such a job.
pub(crate) fn asked(id: u64) -> JobMessage {
    JobMessage { re_enqueued: 0, ..ask_again(&job(id)) }
}

/// The first launch for job `id`.
pub(crate) fn intent_id(id: u64) -> IntentId {
    IntentId::new(&job_ref(id), 1)
}

/// The first launch for job `id`: held, about to call EC2 for `unfilled` instances.
pub(crate) fn intent(id: u64, unfilled: u32) -> Intent {
    let call = Call { pool: pool(0, Market::Spot), image: "ami-1".to_owned(), count: unfilled, attempt: 1 };
    Intent {
        id: intent_id(id),
        repository: repository(),
        labels: usual_labels(),
        jobs: vec![(id, 1)],
        release: RunnerRelease::newest_shipped(),
        state: IntentState::Open,
        since: NOW - seconds(10),
        called_at: NOW - seconds(10),
        held_until: DEADLINE,
        unfilled,
        call: (unfilled > 0).then_some(call),
        tried: 0,
        in_vain: 0,
        launched: Vec::new(),
        is_doubtful: false,
    }
}

/// The same, but no invocation holds it any more.
pub(crate) fn left(id: u64, unfilled: u32) -> Intent {
    Intent { held_until: NOW - seconds(1), ..intent(id, unfilled) }
}

/// The same, carried out.
pub(crate) fn closed(id: u64) -> Intent {
    Intent { state: IntentState::Closed, ..intent(id, 0) }
}

pub(crate) fn instance_id(id: u64) -> InstanceId {
    InstanceId::new(format!("i-{id:017}"))
}

/// A runner that was launched for job `id` moments ago and waits for its configuration.
pub(crate) fn launched(id: u64) -> Runner {
    Runner::launched(instance_id(id), intent_id(id), repository(), usual_labels(), NOW - seconds(10))
}

/// A runner that got its configuration and has no job yet.
pub(crate) fn listening(id: u64) -> Runner {
    Runner { configured_at: Some(NOW - seconds(8)), attempt: 1, registration: Some(id), ..launched(id) }
}

/// A runner that has job `id`.
pub(crate) fn busy(id: u64) -> Runner {
    Runner { job: Some(job_ref(id)), ..listening(id) }
}

/// What EC2 shows of that runner's instance.
pub(crate) fn instance(id: u64) -> Instance {
    Instance {
        id: instance_id(id),
        state: InstanceState::Running,
        launched_at: NOW - seconds(10),
        intent: Some(intent_id(id)),
        ended: None,
    }
}

pub(crate) fn pool(subnet: u32, market: Market) -> Pool {
    Pool { instance_type: InstanceType::new("c5.large").unwrap(), subnet: format!("subnet-{subnet}"), market }
}

/// An item at its first revision.
pub(crate) fn first<T>(item: T) -> Stored<T> {
    at_revision(1, item)
}

pub(crate) fn at_revision<T>(revision: u64, item: T) -> Stored<T> {
    Stored { revision: Some(crate::port::Revision(revision)), item }
}

/// What is known: each item at its first revision.
pub(crate) fn group<const N: usize>(items: [Item; N]) -> Group {
    Group::new(items.into_iter().map(first))
}

/// Two types for the label `large`, one for all others, in three subnets.
pub(crate) fn scale_up() -> ScaleUpEnvironment {
    let large = r#"[{"label":"large","instance_type":"c5.xlarge","instance_types":["c5.xlarge","c6i.xlarge"],
        "ami":"ami-0123456789abcdef1"}]"#;
    let value = |name: &str| match name {
        "GITHUB_API_URL" => "https://api.github.com",
        "WEBHOOK_SECRET_ARN" | "PRIVATE_KEY_SECRET_ARN" => {
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf"
        }
        "LABEL_MAPPINGS" => large,
        "DEFAULT_INSTANCE_TYPE" => "c5.large",
        "DEFAULT_AMI" => "ami-0123456789abcdef0",
        "SUBNET_IDS" => "subnet-0123456789abcdef0,subnet-0123456789abcdef1,subnet-0123456789abcdef2",
        "RUNNER_VERSION" => "auto",
        "RUNNER_CHECKSUMS" => "",
        "PAUSED" => "false",
        "RUNNER_SCOPE" => "repository",
        "RUNNER_SECURITY_GROUP_ID" => "sg-0123456789abcdef0",
        "RUNNER_INSTANCE_PROFILE_ARN" => "arn:aws:iam::123456789012:instance-profile/runner",
        "RUNNER_ROLE_ID" => "AROAEXAMPLE",
        "DEPLOYMENT_NAME" | "TABLE_NAME" | "METRICS_NAMESPACE" => "jit-runners",
        _ => "10",
    };
    ScaleUpEnvironment::read(|name| Some(value(name).to_owned())).unwrap()
}
