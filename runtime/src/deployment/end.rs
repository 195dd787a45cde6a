//! Removes what the deployment launched: stops launches, removes registrations, terminates every instance, busy or
//! not, and waits until none is left. Then everything that they use can be deleted.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::contract::{environment::ScaleDownEnvironment, table::OpenKind};

use super::{
    Ports, RETRIED_FOR, Unfinished,
    decide::{Left, View},
    retried,
};
use crate::{
    budget::{Bucket, BucketLevel},
    port::{ComputeError, Instance, Observation, RegistrationTarget, Stored},
    record::{Fleet, InstanceId, Intent, Runner},
    scaledown::{TERMINATED_AT_ONCE, remove_all_strays, terminate},
    store::{self, StoreError, change_fleet},
    teardown::{Deregistration, deregister_all},
    time::Time,
};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(5);
/// The pause between two log lines that say what is left.
const TOLD_EVERY: Duration = Duration::from_secs(30);
/// Registrations of idle runners are removed for this long before instances are terminated, so that GitHub gives no
/// job to a runner that is about to end.
const BEFORE: Duration = Duration::from_secs(45);
/// Between two requests to remove one registration that GitHub refused.
const REMOVED_AGAIN: Duration = Duration::from_secs(20);
/// When everything has ended, what is left is removed for this long, as far as GitHub's limits and a pause that it asked for allow.
const LAST: Duration = Duration::from_mins(3);
/// Then places that gave no clear answer are asked once more, for this long.
const ONCE_MORE: Duration = Duration::from_secs(30);
/// The longest that removing the registrations of one runner takes while GitHub answers.
const REMOVAL_TIME: Duration = Duration::from_secs(12);
/// `TerminateInstances`: 100 calls, then five a second; less, because scale-down may run meanwhile
/// (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>).
const CALLS: Bucket = Bucket { capacity: 80, refill: Duration::from_millis(220) };
/// Instances in `TerminateInstances`: 1,000, then 20 a second (same page).
const INSTANCES: Bucket = Bucket { capacity: 850, refill: Duration::from_millis(51) };

/// When registrations are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Before any instance has ended: those of idle runners with a configuration.
    Before,
    /// While instances end: those of runners whose instances are gone. Nothing waits for GitHub's limits.
    Meanwhile,
    /// When everything has ended: the same. There is nothing else to do than to wait for GitHub's limits.
    Last,
}

/// What one look found.
struct Look {
    instances: Vec<Instance>,
    runners: Vec<Stored<Runner>>,
    intents: Vec<Stored<Intent>>,
}

/// What was done so far.
#[derive(Default)]
struct Done {
    calls: BucketLevel,
    instances: BucketLevel,
    /// When EC2 was last asked to end an instance.
    ended: BTreeMap<InstanceId, Time>,
    /// When GitHub was last asked to remove a runner that it did not remove.
    refused: BTreeMap<InstanceId, Time>,
    /// Runners of which no registration is left.
    removed: BTreeSet<InstanceId>,
    /// Every instance that was there.
    seen: BTreeSet<InstanceId>,
    /// Launch times of instances whose end was not recorded when they were first seen.
    launched: BTreeMap<InstanceId, Time>,
    /// EC2's refusal of the last calls.
    not_ended: Option<ComputeError>,
    told_at: Time,
    /// Places where GitHub gave no clear answer. It is not asked about them again until then.
    silent_until: BTreeMap<RegistrationTarget, Time>,
}

/// Ends everything; the error says what is left if `deadline` comes first.
pub(super) async fn end<P: Ports>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    deadline: Time,
) -> Result<(), Unfinished> {
    let stop = || change_fleet(ports, "end", |fleet| fleet.stop(ports.now()));
    let stopped_at = retried(ports, deadline.min(ports.now() + RETRIED_FOR), stop)
        .await
        .map_err(|error| Unfinished::NotEnded(format!("launches could not be stopped: {error}")))?;
    let mut done = Done::default();
    let mut first = true;
    loop {
        let why = match look(ports).await {
            Ok(look) => {
                done.learn(&look.runners);
                if first {
                    let before = BEFORE.min(deadline.since(ports.now()) / 3);
                    done.remove_registrations(ports, settings, &look, ports.now() + before, Phase::Before)
                        .await;
                    first = false;
                }
                // An invocation that is about to register one of them sees that it was given up, and removes the
                // registration again.
                give_up_unconfigured(ports, &look.runners).await;
                let to_terminate =
                    look.view(&done.launched, stopped_at, ports.now()).to_terminate(&done.ended);
                done.end_instances(ports, &to_terminate, deadline).await;
                let left = look.view(&done.launched, stopped_at, ports.now()).left();
                if left.is_nothing() {
                    // Once more for those that GitHub refused a moment ago.
                    done.refused.clear();
                    let until = deadline.min(ports.now() + LAST);
                    done.remove_registrations(ports, settings, &look, until, Phase::Last).await;
                    // And for a short time at places that gave no clear answer. GitHub may refuse a token that is a few
                    // seconds old, and a whole removal may take no longer than that.
                    if !done.silent_until.is_empty() {
                        ports.sleep_until(deadline.min(ports.now() + PAUSE)).await;
                        done.silent_until.clear();
                        let until = deadline.min(ports.now() + ONCE_MORE);
                        done.remove_registrations(ports, settings, &look, until, Phase::Last).await;
                    }
                    drop(remove_all_strays(ports, settings, deadline).await);
                    done.tell_end(ports, &look);
                    return Ok(());
                }
                let until = ports.now() + REMOVAL_TIME * 2;
                done.remove_registrations(ports, settings, &look, until, Phase::Meanwhile).await;
                done.tell(ports, &left);
                done.missing(left, ports.now())
            }
            Err(error) => Unfinished::NotEnded(error),
        };
        if ports.now() + PAUSE >= deadline {
            return Err(why);
        }
        ports.sleep_until(ports.now() + PAUSE).await;
    }
}

async fn look<P: Ports>(ports: &P) -> Result<Look, String> {
    let table = |error: crate::port::ReadError| error.to_string();
    // Records first, so that what is launched in the meantime is seen in EC2's answer.
    let runners = store::open_of_kind(ports, OpenKind::Runner).await.map_err(table)?;
    let intents = store::open_of_kind(ports, OpenKind::Intent).await.map_err(table)?;
    let instances =
        ports.instances().await.map_err(|error| format!("instances could not be listed: {error}"))?;
    Ok(Look { instances, runners, intents })
}

impl Look {
    fn view<'a>(&'a self, launched: &'a BTreeMap<InstanceId, Time>, stopped_at: Time, now: Time) -> View<'a> {
        View {
            instances: &self.instances,
            launched,
            intents: self.intents.iter().map(|intent| &intent.item).collect(),
            stopped_at,
            now,
        }
    }
}

async fn give_up_unconfigured<P: Ports>(ports: &P, runners: &[Stored<Runner>]) {
    let is_unconfigured = |runner: &Runner| runner.is_pending() && runner.configured_at.is_none();
    for runner in runners.iter().filter(|runner| is_unconfigured(&runner.item)) {
        let mut runner = runner.clone();
        runner.item.given_up = true;
        // What changed in the meantime, or was not written, is tried again in a moment.
        let _ = store::commit(ports, vec![runner.write()]).await;
    }
}

impl Done {
    /// Remembers which instances there are: a record may be closed before EC2 shows its instance at all.
    fn learn(&mut self, runners: &[Stored<Runner>]) {
        let running = runners.iter().map(|runner| &runner.item).filter(|runner| !runner.instance_gone);
        self.launched.extend(running.map(|runner| (runner.instance.clone(), runner.launched_at)));
    }

    /// Ends instances within EC2's limits, as many as there is time for.
    async fn end_instances<P: Ports>(&mut self, ports: &P, to_terminate: &[InstanceId], deadline: Time) {
        if !to_terminate.is_empty() {
            // Refused calls are made again.
            self.not_ended = None;
        }
        for some in to_terminate.chunks(TERMINATED_AT_ONCE) {
            let count = u32::try_from(some.len()).unwrap_or(u32::MAX);
            let at = CALLS.reserve(&mut self.calls, 1, ports.now());
            let at = INSTANCES.reserve(&mut self.instances, count, ports.now()).max(at);
            if at + PAUSE > deadline {
                return;
            }
            ports.sleep_until(at).await;
            if let Err(error) = terminate(ports, &some.iter().cloned().collect()).await {
                self.not_ended = Some(error);
            }
            let now = ports.now();
            self.ended.extend(some.iter().map(|instance| (instance.clone(), now)));
        }
        self.seen.extend(to_terminate.iter().cloned());
    }

    /// Removes registrations until `until`, and passes over places where GitHub does not answer: nothing depends on this.
    async fn remove_registrations<P: Ports>(
        &mut self,
        ports: &P,
        settings: &ScaleDownEnvironment,
        look: &Look,
        until: Time,
        phase: Phase,
    ) {
        let live: BTreeSet<_> =
            look.instances.iter().filter(|it| it.state.is_live()).map(|it| &it.id).collect();
        let is_launching = look.intents.iter().any(|intent| intent.item.is_held(ports.now()));
        for runner in &look.runners {
            let (id, now) = (&runner.item.instance, ports.now());
            if now + REMOVAL_TIME > until {
                return;
            }
            let target = RegistrationTarget::of(settings.runner_scope, &runner.item.repository);
            if self.silent_until.get(&target).is_some_and(|until| now < *until) {
                continue;
            }
            let is_due = self.refused.get(id).is_none_or(|at| *at + REMOVED_AGAIN <= now);
            let is_wanted = if phase == Phase::Before {
                runner.item.registration.is_some() && runner.item.is_pending()
            } else {
                // A runner that is being registered may have any number of registrations.
                !live.contains(id) && (runner.item.registration.is_some() || !is_launching)
            };
            if runner.item.registration_gone || self.removed.contains(id) || !is_due || !is_wanted {
                continue;
            }
            let latest = if phase == Phase::Last { until - REMOVAL_TIME } else { now };
            let reserve = |fleet: &mut Fleet| fleet.reserve_removals(1, now, latest);
            let Ok(Some(at)) = change_fleet(ports, id.as_str(), reserve).await else { return };
            ports.sleep_until(at).await;
            match deregister_all(ports, &settings.deployment, &target, &runner.item).await {
                Deregistration::Gone => {
                    self.removed.insert(id.clone());
                    let mut runner = runner.clone();
                    runner.item.given_up = true;
                    runner.item.registration_gone = true;
                    // If this is not written, GitHub is asked once more when somebody deletes again.
                    let _: Result<(), StoreError> = store::commit(ports, vec![runner.write()]).await;
                }
                Deregistration::Busy => drop(self.refused.insert(id.clone(), ports.now())),
                Deregistration::Unclear => {
                    self.silent_until.insert(target, ports.now() + REMOVED_AGAIN);
                }
            }
        }
    }

    fn missing(&self, left: Left, now: Time) -> Unfinished {
        match (left.launching_until, &self.not_ended) {
            (Some(until), _) if left.instances.is_empty() => Unfinished::Launching(until.since(now)),
            (_, Some(error)) => Unfinished::Refused { instances: left.instances, error: error.clone() },
            _ => Unfinished::StillEnding(left.instances),
        }
    }

    fn tell<P: Ports>(&mut self, ports: &P, left: &Left) {
        if ports.now().since(self.told_at) < TOLD_EVERY {
            return;
        }
        self.told_at = ports.now();
        ports.observe(Observation::Ending { instances: left.instances.len() });
    }

    fn tell_end<P: Ports>(&self, ports: &P, look: &Look) {
        let may_be_taken_over = |runner: &&Stored<Runner>| {
            !runner.item.registration_gone && !self.removed.contains(&runner.item.instance)
        };
        let registrations = look.runners.iter().filter(may_be_taken_over).count();
        ports.observe(Observation::Ended { instances: self.seen.len(), registrations });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{NOW, minutes};

    #[test]
    fn what_stands_in_the_way_is_told_with_what_to_do() {
        let denied = ComputeError::Refused {
            code: "UnauthorizedOperation".to_owned(),
            message: "an explicit deny".to_owned(),
        };
        let told = |instances: &[&str], launching_until, not_ended| {
            let instances = instances.iter().map(|id| InstanceId::new(*id)).collect();
            let done = Done { not_ended, ..Done::default() };
            done.missing(Left { instances, launching_until }, NOW).to_string()
        };
        assert_eq!(told(&["i-1", "i-2"], None, None), "i-1, i-2 still shut down; delete again");
        let launching = told(&[], Some(NOW + minutes(1)), Some(denied.clone()));
        assert!(launching.starts_with("a launch from before the removal"), "{launching}");
        let refused = told(&["i-1"], None, Some(denied));
        assert!(refused.starts_with("i-1 cannot be ended: EC2 refused: UnauthorizedOperation"), "{refused}");
        assert!(refused.ends_with("mend that, and delete again"), "{refused}");
    }
}
