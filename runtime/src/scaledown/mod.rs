//! Replaces stuck runners, and removes instances and registrations that nobody owns.
//!
//! GitHub is always asked first. While it says that a runner has a job, its instance is not terminated, unless it is
//! over the maximum age.

mod decide;
mod records;
mod runners;
mod strays;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::contract::{
    environment::ScaleDownEnvironment,
    table::{Key, OpenKind},
};

use self::decide::{Answers, Limits, suspects};
pub(crate) use self::{
    decide::{APPEARS_WITHIN, LAUNCH_ENDS_WITHIN},
    strays::remove_all_strays,
};
use crate::{
    gap::{Group, ask_again},
    ledger::publish,
    port::{
        Clock, ComputeError, EndInstances, Github, Instance, ListInstances, Observation, Observe,
        PublishJobs, Stored, Table,
    },
    record::{InstanceId, Intent, IntentState, Runner},
    retry::{InstanceClass, instance_class},
    store::{self, StoreError},
    time::{Time, duration},
};

/// The most instances that are terminated in one call. An id that EC2 does not know makes the whole call fail, so
/// calls are small.
pub(crate) const TERMINATED_AT_ONCE: usize = 50;
/// A run stops after this time and leaves the rest to the next one. The function itself may run for longer, because
/// it also removes the deployment. Two runs at the same time are harmless: each write is conditional, and terminating
/// or removing something twice changes nothing.
const LONGEST_RUN: Duration = Duration::from_mins(2);

/// What one run knows.
struct Survey {
    /// What EC2 shows; `None` when it did not answer.
    instances: Option<Vec<Instance>>,
    runners: Vec<Stored<Runner>>,
    intents: Vec<Stored<Intent>>,
    limits: Limits,
    now: Time,
    deadline: Time,
}

/// What is to be done at the end of a run.
#[derive(Default)]
struct FollowUp {
    /// Instances to terminate.
    to_terminate: BTreeSet<InstanceId>,
    /// Label sets that lost a runner, and those runners as they were written.
    label_sets: BTreeSet<String>,
    changed: Vec<Stored<Runner>>,
    /// How clearly GitHub answered about registrations.
    answers: Answers,
}

/// Handles one tick.
pub async fn scaledown<P: Table + ListInstances + EndInstances + Github + PublishJobs + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    deadline: Time,
) {
    let deadline = deadline.min(ports.now() + LONGEST_RUN);
    if let Err(error) = tick(ports, settings, deadline).await {
        ports.observe(Observation::Failed { what: "scale-down stopped", error: error.to_string() });
    }
}

async fn tick<P: Table + ListInstances + EndInstances + Github + PublishJobs + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    deadline: Time,
) -> Result<(), StoreError> {
    let instances = match ports.instances().await {
        Ok(instances) => Some(instances),
        Err(error) => {
            tell(ports, "instances could not be listed", &error);
            None
        }
    };
    let survey = Survey {
        instances,
        runners: store::open_of_kind(ports, OpenKind::Runner).await?,
        intents: store::open_of_kind(ports, OpenKind::Intent).await?,
        limits: Limits {
            stale: duration(settings.stale_threshold.0),
            age: duration(settings.max_runner_age.0),
        },
        now: ports.now(),
        deadline,
    };
    let mut follow_up = FollowUp::default();
    runners::look_after(ports, settings, &survey, &mut follow_up).await?;
    let orphans = orphans(ports, &survey).await?;
    for instance in &orphans {
        ports.observe(Observation::Orphan(instance.id.clone()));
    }
    follow_up.to_terminate.extend(orphans.iter().map(|instance| instance.id.clone()));
    // Refusals are reported, and the next tick tries again.
    drop(terminate(ports, &follow_up.to_terminate).await);
    records::correct_launches(ports, &survey).await?;
    records::correct_jobs(ports, &survey, &mut follow_up).await?;
    close_gaps(ports, &follow_up).await?;
    strays::remove_strays(ports, settings, &survey, &mut follow_up.answers).await
}

/// Instances that nobody owns. The index may be late and a launch in progress, so each one is looked up by key.
async fn orphans<P: Table + Clock>(ports: &P, survey: &Survey) -> Result<Vec<Instance>, StoreError> {
    let known: BTreeMap<_, _> =
        survey.runners.iter().map(|runner| (runner.item.instance.clone(), &runner.item)).collect();
    let mut orphans = Vec::new();
    for instance in suspects(survey.instances.as_deref().unwrap_or_default(), &known, survey.now) {
        let runner = store::get::<Runner>(ports, &Key::runner(instance.id.as_str())).await?;
        if runner.is_some_and(|runner| !runner.item.instance_gone) {
            continue;
        }
        let intent = match &instance.intent {
            Some(id) => store::get::<Intent>(ports, &Key::intent(id.as_str())).await?,
            None => None,
        };
        if intent.is_none_or(|intent| intent.item.state != IntentState::Open) {
            orphans.push(instance.clone());
        }
    }
    Ok(orphans)
}

/// Terminates instances and reports those that it could not terminate; returns EC2's last refusal.
pub(crate) async fn terminate<P: EndInstances + Observe>(
    ports: &P,
    to_terminate: &BTreeSet<InstanceId>,
) -> Result<(), ComputeError> {
    let all: Vec<_> = to_terminate.iter().cloned().collect();
    let mut refused = Ok(());
    for some in all.chunks(TERMINATED_AT_ONCE) {
        let Err(error) = ports.terminate(some).await else { continue };
        tell(ports, "instances were not ended", &error);
        if instance_class(&error) != InstanceClass::NotFound {
            refused = Err(error);
            continue;
        }
        // One unknown id made the call fail for all. Each is tried alone.
        for one in some {
            if let Err(error) = ports.terminate(std::slice::from_ref(one)).await {
                tell(ports, "an instance was not ended", &error);
                if instance_class(&error) != InstanceClass::NotFound {
                    refused = Err(error);
                }
            }
        }
    }
    refused
}

/// Publishes jobs of label sets that lost a runner.
async fn close_gaps<P: Table + PublishJobs + Clock + Observe>(
    ports: &P,
    follow_up: &FollowUp,
) -> Result<(), StoreError> {
    let mut missing = Vec::new();
    for label_set in &follow_up.label_sets {
        let mut group = Group::new(store::open_of_label_set(ports, label_set).await?);
        // Runners of other label sets are not pending any more, so they do not count here.
        follow_up.changed.iter().for_each(|runner| group.learn(runner.clone()));
        let now = ports.now();
        missing.extend(group.unserved(now).into_iter().take(group.gap(now)).map(|job| ask_again(&job.item)));
    }
    publish(ports, missing).await.map(drop)
}

fn tell(ports: &impl Observe, what: &'static str, error: &ComputeError) {
    ports.observe(Observation::Failed { what, error: error.to_string() });
}
