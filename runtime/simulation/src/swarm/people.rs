//! What people do.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_runtime::{time::Time, webhook::Request};

use super::{Act, FORGED_JOB, faults::some};
use crate::{
    fault::{CallFaults, Faults},
    github::NewJob,
    random::Random,
    stack::{Deploying, Tool},
    world::{Means, WorldSettings},
};

pub(super) fn acts(random: &mut Random, began: Time, busy: Duration) -> Vec<(Time, Act)> {
    let names = ["octo/one", "octo/two", "octo/three", "other/four"];
    let count = 1 + random.index(names.len());
    let repositories: Vec<_> =
        names.iter().take(count).filter_map(|name| Repository::new(*name).ok()).collect();
    let pushes = *random.pick(&[1, 1, 2, 3, 5, 8]).unwrap_or(&1);
    let most = *random.pick(&[1, 1, 2, 4, 12]).unwrap_or(&1);
    let together = random.chance(0.3);
    let mut acts = Vec::new();
    for number in 0..pushes {
        let at = if together {
            began + Duration::from_secs(1)
        } else {
            began + random.between(Duration::ZERO, busy)
        };
        let Some(repository) = random.pick(&repositories).cloned() else { continue };
        let jobs = (0..=random.below(most)).map(|_| job(random)).collect();
        acts.push((at, Act::Push(repository, jobs)));
        if random.chance(0.25) {
            acts.push((at + random.between(Duration::ZERO, Duration::from_mins(4)), Act::Cancel(number)));
        }
        if random.chance(0.2) {
            acts.push((
                at + random.between(Duration::from_mins(1), Duration::from_mins(12)),
                Act::Rerun(number),
            ));
        }
    }
    if random.chance(0.1) {
        acts.push((began + random.between(Duration::ZERO, busy), Act::Forge));
    }
    acts
}

/// Changes and removals of the deployment, in some runs. They are drawn from a separate generator, so that the other
/// runs stay as they are.
pub(super) fn deploying(
    random: &mut Random,
    settings: &mut WorldSettings,
    faults_stop_at: Time,
) -> Vec<(Time, Act)> {
    settings.tool = random.pick(&[Tool::CloudFormation, Tool::Terraform]).copied().unwrap_or_default();
    let began = settings.began;
    let mut acts = Vec::new();
    for (what, share) in [(Deploying::Create, 0.1), (Deploying::Update, 0.15), (Deploying::RollBack, 0.15)] {
        if random.chance(share) {
            acts.push((
                began + random.between(Duration::ZERO, faults_stop_at.since(began)),
                Act::Deploy(what),
            ));
        }
    }
    if random.chance(0.15) {
        let from = if random.chance(0.4) { faults_stop_at } else { began };
        let at = from + random.between(Duration::ZERO, Duration::from_mins(15));
        acts.push((at, Act::Deploy(Deploying::Remove)));
    }
    if !acts.is_empty() && settings.faults != Faults::default() {
        settings.faults.account = CallFaults {
            request_lost: some(random, 0.3),
            answer_lost: some(random, 0.3),
            late: some(random, 0.2),
            slow: some(random, 0.3),
            crash_before_sending: some(random, 0.1),
            crash_before_applying: some(random, 0.1),
            crash_after_applying: some(random, 0.1),
            partial: 0.0,
        };
    }
    acts
}

/// Pauses of the deployment and how long they last, in some runs.
pub(super) fn pauses(random: &mut Random, began: Time, faults_stop_at: Time) -> Vec<((Time, Act), Duration)> {
    let mut pauses = Vec::new();
    for means in [Means::Input, Means::Table] {
        if random.chance(0.08) {
            let at = began + random.between(Duration::ZERO, faults_stop_at.since(began));
            let lasting = random.between(Duration::from_secs(20), Duration::from_mins(40));
            pauses.push(((at, Act::Pause(means, lasting)), lasting));
        }
    }
    pauses
}

pub(super) fn job(random: &mut Random) -> NewJob {
    let more: &[&str] = match random.below(6) {
        0..3 => &[],
        3 => &["small"],
        4 => &["large"],
        _ => &["small", "large"],
    };
    let labels: BTreeSet<_> =
        std::iter::once(&"self-hosted").chain(more).filter_map(|label| Label::new(*label).ok()).collect();
    let held = Duration::from_secs(random.below(300));
    NewJob {
        labels,
        duration: random.between(Duration::from_secs(5), Duration::from_mins(6)),
        held_for: random.chance(0.05).then_some(held),
        ..NewJob::default()
    }
}

/// A webhook of somebody who does not know the secret.
pub(super) fn forged() -> Request {
    let body = format!(
        r#"{{"action":"queued","repository":{{"full_name":"octo/one"}},"workflow_job":{{"id":{FORGED_JOB},"run_attempt":1,"labels":["self-hosted"],"created_at":"2026-01-01T00:00:00Z"}}}}"#
    );
    let signature = format!("sha256={}", "0".repeat(64));
    let headers = [("x-github-event", "workflow_job"), ("x-hub-signature-256", &signature)];
    Request::new(headers.map(|(name, value)| (name.to_owned(), value.to_owned())), body.into_bytes())
}
