//! Follows jobs and instances to their end.
//!
//! Events come late, twice and in any order. Each one makes facts known that never become unknown again, so their order does
//! not matter. On the normal path the demand and the supply of a label set change together and nothing else is to be done;
//! where only one of them changed, the gap is published, or what is too much is let go, at once.

mod decide;
mod settle;

use std::collections::BTreeMap;

use jit_runners_model::contract::{
    environment::LifecycleEnvironment,
    message::{JobChange, JobEvent},
    table::{Key, label_set_key},
};

use self::{
    decide::job_event,
    settle::{Unsettled, settle},
};
use crate::{
    batch::Message,
    ending::{caps, ended, explain},
    message::{LifecycleEvent, decode_event},
    place::place,
    port::{Clock, EndInstances, Github, LookAtInstances, Observation, Observe, PublishJobs, Stored, Table},
    record::{InstanceId, Job, Runner, RunnerName},
    removal::{Removal, remove_all},
    store::{self, Decision, StoreError},
    time::Time,
};

/// Handles a batch; says which messages go back to the queue.
pub async fn lifecycle<P: Table + EndInstances + LookAtInstances + Github + PublishJobs + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    messages: &[Message],
    deadline: Time,
) -> Vec<String> {
    let mut back = Vec::new();
    let mut unsettled = Unsettled::default();
    let mut handled = Vec::new();
    for message in messages {
        let done = match decode_event(&message.body) {
            Ok(LifecycleEvent::Job(event)) => job(ports, settings, &event, &mut unsettled).await,
            Ok(LifecycleEvent::Ended { instance }) => gone(ports, settings, &instance, &mut unsettled).await,
            Ok(LifecycleEvent::Interrupted { instance }) => {
                interrupted(ports, settings, &instance, &mut unsettled).await
            }
            Ok(LifecycleEvent::Irrelevant) => Ok(()),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        };
        match done {
            Ok(()) => handled.push(message.id.clone()),
            Err(error) => {
                tell(ports, "an event was not recorded", &error);
                back.push(message.id.clone());
            }
        }
    }
    let unexplained = std::mem::take(&mut unsettled.unexplained);
    if let Err(error) = settle(ports, settings, unsettled, deadline).await {
        tell(ports, "a gap was not published", &error);
        // What the events change is written; handling them again finds the same gap.
        back.extend(handled);
    }
    if let Err(error) = explain_all(ports, unexplained).await {
        tell(ports, "why instances ended was not written down", &error);
    }
    back
}

async fn job<P: Table + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    event: &JobEvent,
    unsettled: &mut Unsettled,
) -> Result<(), StoreError> {
    let name = match &event.change {
        JobChange::InProgress { runner_name, .. } => Some(runner_name),
        JobChange::Completed { runner_name, .. } => runner_name.as_ref(),
    };
    let name = name.and_then(|name| RunnerName::parse(name, &settings.deployment));
    let outcome = store::transact(ports, &event.job.job_id.to_string(), async |_| {
        let job = store::get::<Job>(ports, &Key::job(&event.job)).await?;
        let runner = match &name {
            Some(name) => store::get::<Runner>(ports, &Key::runner(name.instance.as_str())).await?,
            None => None,
        };
        let outcome = job_event(event, job, runner);
        Ok(Decision::Write(outcome.writes.clone(), outcome))
    })
    .await?;
    outcome.observations.into_iter().for_each(|observation| ports.observe(observation));
    unsettled.label_sets.extend(outcome.unbalanced);
    unsettled.jobs.extend(outcome.job);
    unsettled.runners.extend(outcome.runner);
    Ok(())
}

/// An instance ended. If its runner never had a job, a job may be without one now.
async fn gone<P: Table + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    instance: &InstanceId,
    unsettled: &mut Unsettled,
) -> Result<(), StoreError> {
    let caps = caps(settings.max_runners, settings.max_runners_per_repository);
    let Some(ended) = ended(ports, instance, caps).await? else { return Ok(()) };
    unsettled.freed |= ended.was_full;
    if ended.runner.item.is_unexplained() {
        unsettled.unexplained.push(ended.runner.clone());
    }
    if ended.runner.item.job.is_none() {
        unsettled.lost(ended.runner);
    }
    Ok(())
}

/// Asks EC2, once for a batch, why instances ended that nobody ended. What it does not show yet, it shows to the next event of that
/// instance, or to scale-down.
async fn explain_all<P: Table + LookAtInstances + Clock + Observe>(
    ports: &P,
    unexplained: Vec<Stored<Runner>>,
) -> Result<(), StoreError> {
    let mut runners: BTreeMap<_, _> =
        unexplained.into_iter().map(|runner| (runner.item.instance.clone(), runner)).collect();
    if runners.is_empty() {
        return Ok(());
    }
    let instances: Vec<_> = runners.keys().cloned().collect();
    let shown = match ports.look_at(&instances).await {
        Ok(shown) => shown,
        Err(error) => {
            ports.observe(Observation::Failed {
                what: "why instances ended was not learned",
                error: error.to_string(),
            });
            return Ok(());
        }
    };
    for instance in shown {
        if let (Some(reason), Some(runner)) = (&instance.ended, runners.remove(&instance.id)) {
            explain(ports, runner, reason).await?;
        }
    }
    Ok(())
}

/// EC2 will take an instance back in two minutes. A runner without a job is replaced now; one with a job may yet finish.
async fn interrupted<P: Table + EndInstances + Github + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    instance: &InstanceId,
    unsettled: &mut Unsettled,
) -> Result<(), StoreError> {
    let found = store::get::<Runner>(ports, &Key::runner(instance.as_str())).await?;
    let Some(runner) = found.filter(|runner| runner.item.is_pending()) else { return Ok(()) };
    ports.observe(Observation::Interrupted(instance.clone()));
    let place = place(settings.runner_scope, &runner.item.repository);
    if runner.item.configured_at.is_some() {
        match remove_all(ports, &settings.deployment, &place, &runner.item).await {
            Removal::Gone => {}
            Removal::Busy => {
                ports.observe(Observation::Busy(instance.clone()));
                return Ok(());
            }
            // The instance ends in any case, and its end is an event as well.
            Removal::Unclear => return Ok(()),
        }
    }
    if let Some(runner) = give_up(ports, runner).await? {
        unsettled.lost(runner);
    }
    Ok(())
}

/// Writes down that no job is meant to reach `runner`; `None` when it has changed meanwhile.
pub(crate) async fn give_up<P: Table + Clock>(
    ports: &P,
    mut runner: Stored<Runner>,
) -> Result<Option<Stored<Runner>>, StoreError> {
    runner.item.given_up = true;
    // Under one name only, and that was removed; whether there are others, scale-down looks.
    runner.item.registration_gone |= runner.item.registration.is_some() && runner.item.attempt <= 1;
    let written = store::commit_if_unchanged(ports, vec![runner.write()]).await?;
    Ok(written.then(|| runner.committed()))
}

fn tell(ports: &impl Observe, what: &'static str, error: &StoreError) {
    ports.observe(Observation::Failed { what, error: error.to_string() });
}

impl Unsettled {
    /// A runner will take no job any more.
    fn lost(&mut self, runner: Stored<Runner>) {
        self.label_sets.insert(label_set_key(&runner.item.repository, &runner.item.labels));
        self.runners.push(runner);
    }
}
