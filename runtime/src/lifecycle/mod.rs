//! Follows jobs and instances to their end.
//!
//! Events come late, twice and in any order. Each one adds facts and none removes any, so their order does not
//! matter. Normally, demand and supply of a label set change together, and nothing else is to be done. If only one of
//! them changed, missing runners are published, and surplus runners removed, at once.

mod decide;
mod ownership;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::contract::{
    environment::LifecycleEnvironment,
    message::{JobChange, JobEvent},
    table::{Key, label_set_key},
};

use self::{
    decide::{Decision, decide, would_hold},
    ownership::{Ownership, ownership, runner_id},
};
use crate::{
    gap::{Group, ask_again},
    ledger::{Ledger, publish},
    message::Message,
    message::{LifecycleEvent, decode_event},
    port::{
        Clock, EndInstances, Github, GithubJobStatus, LookAtInstances, Observation, Observe, PublishJobs,
        RegistrationTarget, Stored, Table,
    },
    record::{Caps, Configuration, InstanceId, Job, Runner, RunnerName},
    store::{self, StoreError, Transaction, change_fleet},
    teardown::{Deregistration, Presence, deregister, deregister_all, ended, explain, give_up, presence},
    time::Time,
};

/// A runner that does not listen this long after it got its configuration hangs.
const LISTENS_WITHIN: Duration = Duration::from_mins(3);
/// A registration is written within this time after GitHub has made it. An event that comes earlier waits in the queue.
const REGISTERED_WITHIN: Duration = Duration::from_mins(10);

/// An event that needs an answer of GitHub waits for it in the queue, at most for this long.
const ANSWERED_WITHIN: Duration = Duration::from_mins(10);

/// What is to be done after a batch of events.
#[derive(Debug, Default)]
struct FollowUp {
    /// Label sets that may have a gap or a surplus.
    label_sets: BTreeSet<String>,
    /// Jobs as they were just written; the index may not show them yet.
    jobs: Vec<Stored<Job>>,
    /// Runners as they were just written.
    runners: Vec<Stored<Runner>>,
    /// Runners whose instances ended for an unknown reason, as they were just written.
    unexplained: Vec<Stored<Runner>>,
    /// The fleet was full and now has free slots.
    freed: bool,
}

impl FollowUp {
    /// Notes that a runner will take no job any more.
    fn lost(&mut self, runner: Stored<Runner>) {
        self.label_sets.insert(label_set_key(&runner.item.repository, &runner.item.labels));
        self.runners.push(runner);
    }
}

/// Handles a batch; returns the ids of the messages that go back to the queue.
pub async fn lifecycle<P: Table + EndInstances + LookAtInstances + Github + PublishJobs + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    messages: &[Message],
    deadline: Time,
) -> Vec<String> {
    let mut back = Vec::new();
    let mut follow_up = FollowUp::default();
    let mut handled = Vec::new();
    for message in messages {
        let done = match decode_event(&message.body) {
            Ok(LifecycleEvent::Job(event)) => job(ports, settings, &event, &mut follow_up).await,
            Ok(LifecycleEvent::Ended { instance }) => gone(ports, settings, &instance, &mut follow_up).await,
            Ok(LifecycleEvent::Interrupted { instance }) => {
                interrupted(ports, settings, &instance, &mut follow_up).await
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
    let unexplained = std::mem::take(&mut follow_up.unexplained);
    if let Err(error) = carry_out(ports, settings, follow_up, deadline).await {
        tell(ports, "a gap was not published", &error);
        // The changes are stored. When the events come again, the same gap is found.
        back.extend(handled);
    }
    if let Err(error) = explain_all(ports, unexplained).await {
        tell(ports, "why instances ended was not written down", &error);
    }
    back
}

/// Handles the event of a job. What it says of the job counts in any case; what it says of a runner, only if it is about
/// one of ours.
async fn job<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    event: &JobEvent,
    follow_up: &mut FollowUp,
) -> Result<(), StoreError> {
    let name = match &event.change {
        JobChange::Waiting => None,
        JobChange::InProgress { runner_name, .. } => Some(runner_name),
        JobChange::Completed { runner_name, .. } => runner_name.as_ref(),
    };
    let name = name.and_then(|name| RunnerName::parse(name, &settings.deployment));
    let mut id = runner_id(event);
    let mut is_over = None;
    let (decision, is_early) = store::transact(ports, &event.job.job_id.to_string(), async |_| {
        let job = store::get::<Job>(ports, &Key::job(&event.job)).await?;
        if is_over.is_none() && would_hold(event, job.as_ref()) {
            is_over = Some(is_hold_over(ports, event).await?);
        }
        if is_over == Some(true) {
            return Ok(Transaction::Write(Vec::new(), (Decision::default(), false)));
        }
        let mut runner = match &name {
            Some(name) => store::get::<Runner>(ports, &Key::runner(name.instance.as_str())).await?,
            None => None,
        };
        let mut whose = runner.as_ref().map(|it| ownership(event, id, &it.item, settings.runner_scope));
        if let (Some(Ownership::Unproven), Some(found)) = (whose, &runner) {
            id = Some(ask_whose(ports, event).await?);
            whose = Some(ownership(event, id, &found.item, settings.runner_scope));
        }
        runner = runner.filter(|_| whose == Some(Ownership::Own));
        let decision = decide(event, job, runner);
        Ok(Transaction::Write(decision.writes.clone(), (decision, whose == Some(Ownership::Early))))
    })
    .await?;
    decision.observations.into_iter().for_each(|observation| ports.observe(observation));
    follow_up.label_sets.extend(decision.unbalanced);
    follow_up.jobs.extend(decision.job);
    follow_up.runners.extend(decision.runner);
    let now = ports.now();
    if is_early && now.since(Time::from_millis(event.at)) < REGISTERED_WITHIN {
        return Err(StoreError::Unavailable("the registration of the runner is not written yet".to_owned()));
    }
    Ok(())
}

/// Whether GitHub says that it does not hold the job of `event`, so that the event came late. What GitHub does not know, it
/// may hold.
async fn is_hold_over<P: Github + Clock>(ports: &P, event: &JobEvent) -> Result<bool, StoreError> {
    match ports.job(&event.job).await {
        Ok(found) => Ok(found.is_some_and(|found| found.status != GithubJobStatus::Held)),
        // A job that is held by mistake is asked about again by scale-down.
        Err(_) if ports.now().since(Time::from_millis(event.at)) >= ANSWERED_WITHIN => Ok(false),
        Err(error) => Err(StoreError::Unavailable(error.to_string())),
    }
}

/// GitHub's id of the runner that has the job of `event`; 0 if no runner has it.
async fn ask_whose<P: Github>(ports: &P, event: &JobEvent) -> Result<u64, StoreError> {
    match ports.job(&event.job).await {
        Ok(found) => Ok(found.and_then(|found| found.runner_id).unwrap_or_default()),
        Err(error) => Err(StoreError::Unavailable(error.to_string())),
    }
}

/// Handles the end of an instance. If its runner never had a job, some job may now lack a runner.
async fn gone<P: Table + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    instance: &InstanceId,
    follow_up: &mut FollowUp,
) -> Result<(), StoreError> {
    let caps = Caps::new(settings.max_runners, settings.max_runners_per_repository, settings.paused);
    let Some(ended) = ended(ports, instance, caps).await? else { return Ok(()) };
    follow_up.freed |= ended.was_full;
    if ended.runner.item.is_unexplained() {
        follow_up.unexplained.push(ended.runner.clone());
    }
    if ended.runner.item.job.is_none() {
        follow_up.lost(ended.runner);
    }
    Ok(())
}

/// Asks EC2, once for a batch, why instances ended that nobody terminated. What EC2 does not show yet is asked again
/// at the next event of that instance, or by scale-down.
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

/// Handles the warning that EC2 takes an instance back in two minutes. A runner without a job is replaced now. One
/// with a job may still finish it.
async fn interrupted<P: Table + EndInstances + Github + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    instance: &InstanceId,
    follow_up: &mut FollowUp,
) -> Result<(), StoreError> {
    let found = store::get::<Runner>(ports, &Key::runner(instance.as_str())).await?;
    let Some(runner) = found.filter(|runner| runner.item.is_pending()) else { return Ok(()) };
    ports.observe(Observation::Interrupted(instance.clone()));
    let target = RegistrationTarget::of(settings.runner_scope, &runner.item.repository);
    if runner.item.configured_at.is_some() {
        match deregister_all(ports, &settings.deployment, &target, &runner.item).await {
            Deregistration::Gone => {}
            Deregistration::Busy => {
                ports.observe(Observation::Busy(instance.clone()));
                return Ok(());
            }
            // The instance ends in any case, and that is another event.
            Deregistration::Unclear => return Ok(()),
        }
    }
    // EC2 ends the instance.
    if let Some(runner) = give_up(ports, runner, true).await? {
        follow_up.lost(runner);
    }
    Ok(())
}

fn tell(ports: &impl Observe, what: &'static str, error: &StoreError) {
    ports.observe(Observation::Failed { what, error: error.to_string() });
}

/// Publishes jobs that lack a runner, removes surplus runners, and fills slots that became free.
async fn carry_out<P: Table + EndInstances + Github + PublishJobs + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    follow_up: FollowUp,
    deadline: Time,
) -> Result<(), StoreError> {
    let mut surplus = Vec::new();
    let mut missing = Vec::new();
    for label_set in &follow_up.label_sets {
        let mut group = Group::new(store::open_of_label_set(ports, label_set).await?);
        for job in follow_up.jobs.iter().filter(|job| is_job_of(job, label_set)) {
            group.learn(job.clone());
        }
        for runner in follow_up.runners.iter().filter(|runner| is_runner_of(runner, label_set)) {
            group.learn(runner.clone());
        }
        let now = ports.now();
        missing.extend(group.unserved(now).into_iter().take(group.gap(now)).map(|job| ask_again(&job.item)));
        surplus.extend(group.idle(now).into_iter().take(group.surplus(now)).cloned());
    }
    publish(ports, missing).await?;
    if follow_up.freed {
        let ledger = Ledger::read(ports).await?;
        let fleet = store::fleet(ports).await?;
        let caps = Caps::new(settings.max_runners, settings.max_runners_per_repository, settings.paused);
        publish(ports, ledger.to_publish(&fleet.item, caps, ports.now())).await?;
    }
    retire(ports, settings, surplus, deadline).await
}

/// Removes runners that no job needs: first the registration, and the instance only when GitHub has agreed.
async fn retire<P: Table + EndInstances + Github + Clock + Observe>(
    ports: &P,
    settings: &LifecycleEnvironment,
    surplus: Vec<Stored<Runner>>,
    deadline: Time,
) -> Result<(), StoreError> {
    let Some(first) = surplus.first() else { return Ok(()) };
    let count = u32::try_from(surplus.len()).unwrap_or(u32::MAX);
    let salt = first.item.instance.to_string();
    let promised =
        change_fleet(ports, &salt, |fleet| fleet.reserve_removals(count, ports.now(), ports.now())).await?;
    // GitHub's limit is reached. A runner that finds no job ends itself.
    if promised.is_none() {
        return Ok(());
    }
    let mut retired = Vec::new();
    for runner in surplus {
        if ports.now() >= deadline {
            break;
        }
        let target = RegistrationTarget::of(settings.runner_scope, &runner.item.repository);
        let is_starting = is_starting(&runner.item, ports.now());
        let hangs = if is_starting {
            false
        } else {
            let found = presence(ports, &settings.deployment, &target, &runner.item).await;
            let Some(presence) = found else { continue };
            presence == Presence::Offline
        };
        let removal = match runner.item.registration {
            Some(id) => {
                let name =
                    RunnerName { instance: runner.item.instance.clone(), attempt: runner.item.attempt };
                deregister(ports, &target, &name.text(&settings.deployment), id).await
            }
            None => Deregistration::Gone,
        };
        match removal {
            // One that was about to listen may have begun before its registration was removed. Without a registration
            // it ends itself, too. It may have its job until then.
            Deregistration::Gone => {
                let ends_itself = !hangs && !never_listened(ports, &runner.item).await;
                retired.push((runner, ends_itself));
            }
            Deregistration::Busy => ports.observe(Observation::Busy(runner.item.instance)),
            Deregistration::Unclear => {}
        }
    }
    // Another invocation may be about to configure one of them. It must see first that the runner was given up.
    let mut to_end = Vec::new();
    for (runner, ends_itself) in retired {
        if let Some(runner) = give_up(ports, runner, ends_itself).await? {
            ports.observe(Observation::Retired(runner.item.instance.clone()));
            to_end.extend((!ends_itself).then_some(runner.item.instance));
        }
    }
    if to_end.is_empty() {
        return Ok(());
    }
    if let Err(error) = ports.terminate(&to_end).await {
        ports.observe(Observation::Failed { what: "runners were not ended", error: error.to_string() });
    }
    Ok(())
}

/// Whether the runner may still begin to listen: its instance boots, or its program starts.
fn is_starting(runner: &Runner, now: Time) -> bool {
    runner.configured_at.is_none_or(|at| now < at + LISTENS_WITHIN)
}

/// Whether the runner has never listened as far as its registration, which is removed, is concerned: it has no
/// configuration yet, or its instance has not taken it.
async fn never_listened<P: Table + Clock>(ports: &P, runner: &Runner) -> bool {
    if runner.configured_at.is_none() {
        return true;
    }
    let Some(role) = &runner.role_id else { return false };
    let key = Key::configuration(role, runner.instance.as_str());
    store::get::<Configuration>(ports, &key).await.is_ok_and(|found| found.is_some())
}

fn is_job_of(job: &Stored<Job>, label_set: &str) -> bool {
    label_set_key(&job.item.job.repository, &job.item.labels) == label_set
}

fn is_runner_of(runner: &Stored<Runner>, label_set: &str) -> bool {
    label_set_key(&runner.item.repository, &runner.item.labels) == label_set
}
