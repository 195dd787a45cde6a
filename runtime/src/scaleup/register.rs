//! Registers the runners of a launch one after the other, and gives each instance its configuration.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::contract::{environment::ScaleUpEnvironment, table::Key};

use super::{
    decide::Proof,
    launch::Stopped,
    place::{self, Refused, Site},
};
use crate::{
    port::{
        Clock, EndInstances, Github, GithubError, JitConfiguration, Observation, Observe, Registration,
        RegistrationTarget, Stored, Table, Write,
    },
    record::{Configuration, Intent, IntentState, LATE_REQUEST, Runner, RunnerName},
    retry::{GithubClass, github_class},
    scaledown,
    store::{self, StoreError, Transaction, change_fleet},
    teardown,
    time::Time,
};

/// The longest that one registration takes while GitHub answers.
const REGISTRATION_TIME: Duration = Duration::from_secs(5);
/// How often a request without an answer is made.
const TRIES: u32 = 4;
/// Registers each runner and closes the launch. If GitHub refuses one for a reason that does not pass by itself, it would
/// refuse the others as well: they are all given up, their instances are ended, and the refusal is remembered. The first
/// one that succeeds is noted, where `proof` says that this is not known.
pub(super) async fn register<P: Table + EndInstances + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    mut intent: Stored<Intent>,
    runners: Vec<Stored<Runner>>,
    register_at: Option<Time>,
    mut proof: Proof,
    deadline: Time,
) -> Result<(), Stopped> {
    let site = Site::new(settings, &intent.item.repository, &intent.item.labels);
    let count = runners.len();
    let mut at = match register_at {
        None if count > 0 => promise(ports, &intent.item, count).await?,
        promised => promised.unwrap_or_else(|| ports.now()),
    };
    let mut closing = None;
    let mut left = runners.into_iter().enumerate();
    while let Some((index, mut runner)) = left.next() {
        if at.max(ports.now()) + REGISTRATION_TIME > deadline {
            return Err(Stopped::OutOfTime);
        }
        ports.sleep_until(at).await;
        if ports.now() > at + LATE_REQUEST {
            at = promise(ports, &intent.item, count - index).await?;
            if at + REGISTRATION_TIME > deadline {
                return Err(Stopped::OutOfTime);
            }
            ports.sleep_until(at).await;
        }
        let (name, configuration) = match obtain(ports, settings, &site, &mut runner, deadline).await? {
            Obtained::Configuration(name, configuration) => (name, configuration),
            Obtained::Refused(refused) => {
                let given_up = std::iter::once(runner).chain(left.map(|(_, runner)| runner));
                let ended = give_up(ports, given_up).await?;
                place::note_refusal(ports, &site, &refused, ended, None).await?;
                break;
            }
            Obtained::GivenUp => continue,
        };
        if index + 1 == count && intent.item.state == IntentState::Open {
            intent.item.state = IntentState::Closed;
            intent.item.since = ports.now();
            closing = Some(intent.write());
        }
        let proving = match &proof {
            Proof::Missing(place) => {
                let mut place = place.clone();
                place.item.registered(&site.label_set, ports.now());
                Some(place.write())
            }
            Proof::Known | Proof::Unclear => None,
        };
        let was_noted =
            hand_over(ports, settings, runner, &name, configuration, closing.take().as_slice(), proving)
                .await?;
        if !was_noted && !matches!(proof, Proof::Known) {
            place::note_success(ports, &site, None).await?;
        }
        proof = Proof::Known;
    }
    if intent.item.state == IntentState::Open {
        intent.item.state = IntentState::Closed;
        intent.item.since = ports.now();
        closing = Some(intent.write());
    }
    if let Some(write) = closing {
        store::commit(ports, vec![write]).await?;
    }
    Ok(())
}

/// Gives runners up that GitHub will not register, and ends their instances; returns how many.
async fn give_up<P: Table + EndInstances + Clock + Observe>(
    ports: &P,
    runners: impl Iterator<Item = Stored<Runner>>,
) -> Result<usize, Stopped> {
    let mut ended = BTreeSet::new();
    for runner in runners {
        // What has changed in the meantime is somebody else's.
        if let Some(runner) = teardown::give_up(ports, runner, false).await? {
            ended.insert(runner.item.instance);
        }
    }
    // What EC2 does not end now, scale-down ends.
    drop(scaledown::terminate(ports, &ended).await);
    Ok(ended.len())
}

/// What came of the attempts to register a runner.
enum Obtained {
    /// Its configuration, under this name.
    Configuration(RunnerName, JitConfiguration),
    /// GitHub refuses.
    Refused(Refused),
    /// None, because somebody gave the runner up in the meantime or configured it.
    GivenUp,
}

/// Reserves registrations; returns when they may be made.
async fn promise<P: Table + Clock>(ports: &P, intent: &Intent, count: usize) -> Result<Time, Stopped> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let salt = intent.id.as_str();
    Ok(change_fleet(ports, salt, |fleet| fleet.reserve_registrations(count, ports.now())).await?)
}

/// Gets a configuration for `runner` from GitHub, and notes which names were taken.
async fn obtain<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    site: &Site,
    runner: &mut Stored<Runner>,
    deadline: Time,
) -> Result<Obtained, Stopped> {
    let mut name = RunnerName { instance: runner.item.instance.clone(), attempt: runner.item.attempt + 1 };
    let mut tries = 0;
    loop {
        let registration = Registration {
            target: site.target.clone(),
            name: name.text(&settings.deployment),
            labels: site.labels.clone(),
        };
        let error = match ports.register(&registration).await {
            Ok(configuration) => return Ok(Obtained::Configuration(name, configuration)),
            Err(error) => error,
        };
        let mut pause_until = None;
        let not_before = match github_class(&error, ports.now()) {
            // The answer to an earlier request was lost, and its configuration with it. Another name is needed.
            GithubClass::NameTaken if name.attempt < RunnerName::MOST_ATTEMPTS => {
                ports.observe(Observation::NameTaken {
                    instance: name.instance.clone(),
                    attempt: name.attempt,
                });
                // Whoever removes this runner's registrations must know of the next name before GitHub does.
                match note_taken(ports, &name).await? {
                    Some(noted) => *runner = noted,
                    None => return Ok(Obtained::GivenUp),
                }
                name.attempt += 1;
                ports.now()
            }
            GithubClass::Wait(wait) => {
                ports.observe(Observation::RateLimited { wait });
                pause_until = Some(ports.now() + wait);
                ports.now() + wait
            }
            GithubClass::Again if tries < TRIES => {
                tries += 1;
                ports.now() + Duration::from_millis(250 << tries)
            }
            GithubClass::Again => return Err(Stopped::Unavailable(error.to_string())),
            GithubClass::NameTaken | GithubClass::Busy | GithubClass::Gone | GithubClass::Fatal => {
                return Ok(Obtained::Refused(Refused::new(&error)));
            }
        };
        // Many registrations may fail at the same time, so each further request is reserved, too.
        let at = change_fleet(ports, name.instance.as_str(), |fleet| {
            if let Some(until) = pause_until {
                fleet.pause(until);
            }
            fleet.reserve_registrations(1, ports.now())
        })
        .await?
        .max(not_before);
        if at + REGISTRATION_TIME > deadline {
            return Err(Stopped::OutOfTime);
        }
        ports.sleep_until(at).await;
    }
}

/// Stores that the name of an attempt is taken. `None` if the runner needs no configuration any more.
async fn note_taken<P: Table + Clock>(
    ports: &P,
    name: &RunnerName,
) -> Result<Option<Stored<Runner>>, StoreError> {
    store::transact(ports, name.instance.as_str(), async |_| {
        let found = store::get::<Runner>(ports, &Key::runner(name.instance.as_str())).await?;
        let Some(mut runner) = found.filter(|found| may_be_configured(&found.item)) else {
            return Ok(Transaction::Done(None));
        };
        runner.item.names_taken = runner.item.names_taken.max(name.attempt);
        Ok(Transaction::Write(vec![runner.write()], Some(runner.committed())))
    })
    .await
}

/// Writes the configuration where only the runner's instance can read it. If the runner was given up in the meantime,
/// its new registration is removed. `proving` notes that a registration succeeded; returns whether it was written.
async fn hand_over<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    mut runner: Stored<Runner>,
    name: &RunnerName,
    configuration: JitConfiguration,
    with: &[Write],
    mut proving: Option<Write>,
) -> Result<bool, Stopped> {
    let id = configuration.runner_id;
    let item = Configuration {
        role_id: settings.runner_role_id.as_str().to_owned(),
        instance: name.instance.clone(),
        encoded: configuration.encoded,
        at: ports.now(),
    };
    loop {
        runner.item.attempt = name.attempt;
        runner.item.registration = Some(id);
        runner.item.configured_at = Some(ports.now());
        runner.item.role_id = Some(item.role_id.clone());
        let mut writes = vec![runner.write(), Write::create(item.clone())];
        writes.extend_from_slice(with);
        writes.extend(proving.clone());
        if store::commit_if_unchanged(ports, writes).await? {
            ports.observe(Observation::Configured(name.instance.clone()));
            return Ok(proving.is_some());
        }
        // Somebody else may have noted something there, which must not keep the runner from its configuration.
        if proving.take().is_some() {
            continue;
        }
        match store::get::<Runner>(ports, &Key::runner(name.instance.as_str())).await? {
            Some(found) if found.revision != runner.revision && may_be_configured(&found.item) => {
                runner = found;
            }
            // The launch was taken over, or the runner was given up. Nobody will use the new registration.
            found => {
                let target = RegistrationTarget::of(settings.runner_scope, &runner.item.repository);
                if let Err(error) = ports.remove(&target, id).await {
                    failed(ports, &error);
                }
                return if found.is_some_and(|found| found.revision == runner.revision) {
                    Err(Stopped::Lost)
                } else {
                    Ok(false)
                };
            }
        }
    }
}

pub(super) fn may_be_configured(runner: &Runner) -> bool {
    runner.is_pending() && runner.configured_at.is_none()
}

fn failed(ports: &impl Observe, error: &GithubError) {
    ports.observe(Observation::Failed {
        what: "a registration that nobody needs was not removed",
        error: error.to_string(),
    });
}
