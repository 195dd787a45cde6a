//! Registers the runners of a launch one after the other, and gives each instance its configuration.

use std::time::Duration;

use jit_runners_model::contract::{environment::ScaleUpEnvironment, table::Key};

use super::launch::Stopped;
use crate::{
    port::{
        Clock, Github, GithubError, JitConfiguration, Observation, Observe, Registration, RegistrationTarget,
        Stored, Table, Write,
    },
    record::{Configuration, Intent, IntentState, LATE_REQUEST, Runner, RunnerName},
    retry::{GithubClass, github_class},
    store::{self, change_fleet},
    time::Time,
};

/// The longest that one registration takes while GitHub answers.
const REGISTRATION_TIME: Duration = Duration::from_secs(5);
/// How often a request without an answer is made.
const TRIES: u32 = 4;

/// Registers each runner and closes the launch. Returns how many runners GitHub refused for good.
pub(super) async fn register<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    mut intent: Stored<Intent>,
    runners: Vec<Stored<Runner>>,
    register_at: Option<Time>,
    deadline: Time,
) -> Result<u32, Stopped> {
    let mut refused = 0;
    let count = runners.len();
    let mut at = match register_at {
        None if count > 0 => promise(ports, &intent.item, count).await?,
        promised => promised.unwrap_or_else(|| ports.now()),
    };
    let mut closing = None;
    for (index, runner) in runners.into_iter().enumerate() {
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
        let Some((name, configuration)) = obtain(ports, settings, &runner.item, deadline).await? else {
            refused += 1;
            continue;
        };
        if index + 1 == count && intent.item.state == IntentState::Open {
            intent.item.state = IntentState::Closed;
            intent.item.since = ports.now();
            closing = Some(intent.write());
        }
        hand_over(ports, settings, runner, &name, configuration, closing.take().as_slice()).await?;
    }
    if intent.item.state == IntentState::Open {
        intent.item.state = IntentState::Closed;
        intent.item.since = ports.now();
        closing = Some(intent.write());
    }
    if let Some(write) = closing {
        store::commit(ports, vec![write]).await?;
    }
    Ok(refused)
}

/// Reserves registrations; returns when they may be made.
async fn promise<P: Table + Clock>(ports: &P, intent: &Intent, count: usize) -> Result<Time, Stopped> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let salt = intent.id.as_str();
    Ok(change_fleet(ports, salt, |fleet| fleet.reserve_registrations(count, ports.now())).await?)
}

/// Gets a configuration for `runner` from GitHub; `None` if GitHub refuses for good.
async fn obtain<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    runner: &Runner,
    deadline: Time,
) -> Result<Option<(RunnerName, JitConfiguration)>, Stopped> {
    let mut name = RunnerName { instance: runner.instance.clone(), attempt: runner.attempt + 1 };
    let mut tries = 0;
    loop {
        let registration = Registration {
            target: RegistrationTarget::of(settings.runner_scope, &runner.repository),
            name: name.text(&settings.deployment),
            labels: runner.labels.clone(),
        };
        let error = match ports.register(&registration).await {
            Ok(configuration) => return Ok(Some((name, configuration))),
            Err(error) => error,
        };
        let wait = match github_class(&error, ports.now()) {
            // The answer to an earlier request was lost, and its configuration with it. Another name is needed.
            GithubClass::NameTaken => {
                ports.observe(Observation::NameTaken {
                    instance: runner.instance.clone(),
                    attempt: name.attempt,
                });
                name.attempt += 1;
                continue;
            }
            GithubClass::Wait(wait) => {
                ports.observe(Observation::RateLimited { wait });
                let until = ports.now() + wait;
                change_fleet(ports, runner.instance.as_str(), |fleet| fleet.pause(until)).await?;
                wait
            }
            GithubClass::Again if tries < TRIES => {
                tries += 1;
                Duration::from_millis(250 << tries)
            }
            GithubClass::Again => return Err(Stopped::Unavailable(error.to_string())),
            GithubClass::Busy | GithubClass::Gone | GithubClass::Fatal => {
                failed(ports, &error);
                return Ok(None);
            }
        };
        if ports.now() + wait + REGISTRATION_TIME > deadline {
            return Err(Stopped::OutOfTime);
        }
        ports.sleep_until(ports.now() + wait).await;
    }
}

/// Writes the configuration where only the runner's instance can read it. If the runner was given up in the meantime,
/// its new registration is removed.
async fn hand_over<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    mut runner: Stored<Runner>,
    name: &RunnerName,
    configuration: JitConfiguration,
    with: &[Write],
) -> Result<(), Stopped> {
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
        let mut writes = vec![runner.write(), Write::create(item.clone())];
        writes.extend_from_slice(with);
        if store::commit_if_unchanged(ports, writes).await? {
            ports.observe(Observation::Configured(name.instance.clone()));
            return Ok(());
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
                    Ok(())
                };
            }
        }
    }
}

pub(super) fn may_be_configured(runner: &Runner) -> bool {
    runner.is_pending() && runner.configured_at.is_none()
}

fn failed(ports: &impl Observe, error: &GithubError) {
    ports.observe(Observation::Failed { what: "a runner was not registered", error: error.to_string() });
}
