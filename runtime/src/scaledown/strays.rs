//! Removes registrations that no record knows: of runners whose record is closed or was never written, and those that were
//! only tried.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::contract::{
    environment::ScaleDownEnvironment,
    table::{Key, OpenKind},
};

use super::{
    Survey,
    decide::{Answers, run_number},
};
use crate::{
    port::{Clock, Github, Observation, Observe, RegistrationTarget, Table},
    record::{Place, Runner, RunnerName, Visit, longest_open},
    store::{self, StoreError},
    teardown::{Deregistration, deregister},
    time::Time,
};

/// Targets that are checked in one run. Runners' records keep track of registrations, so this finds only those that
/// no record can know.
const TARGETS: usize = 2;
/// No invocation still tries a registration after this time.
const TRIED_WITHIN: Duration = Duration::from_mins(3);
/// The longest that one target takes while GitHub answers, and no more than a few are to be removed.
const CHECK_TIME: Duration = Duration::from_secs(10);
/// How long a removal looks everywhere.
const EVERYWHERE: Duration = Duration::from_secs(30);
/// Runners of a page.
const PAGE: usize = 100;
/// If less than this share of the rate limit is left, nothing is looked for.
const LEFT: u32 = 5;

/// Removes registrations that no record knows, at a few targets in each run.
pub(super) async fn remove_strays<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    survey: &Survey,
    answers: &mut Answers,
) -> Result<(), StoreError> {
    if ports.rate_limit().is_some_and(|limit| limit.remaining < limit.limit / LEFT) {
        return Ok(());
    }
    remove_tried(ports, settings, survey.now - TRIED_WITHIN, survey.deadline, answers).await?;
    let targets: Vec<_> = targets(ports, settings).await?.into_iter().collect();
    if targets.is_empty() {
        return Ok(());
    }
    let first = run_number(survey.now) * TARGETS % targets.len();
    for target in targets.iter().cycle().skip(first).take(TARGETS.min(targets.len())) {
        if ports.now() + CHECK_TIME > survey.deadline {
            return Ok(());
        }
        remove_strays_of(ports, settings, target, answers).await?;
    }
    Ok(())
}

/// Removes those that were only tried, until `deadline`, and for a short time whatever no record knows, everywhere: nobody comes back
/// later. What is left then, GitHub removes by itself.
pub(crate) async fn remove_all_strays<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    deadline: Time,
) -> Result<(), StoreError> {
    let answers = &mut Answers::default();
    remove_tried(ports, settings, ports.now(), deadline, answers).await?;
    let until = deadline.min(ports.now() + EVERYWHERE);
    for target in targets(ports, settings).await? {
        if ports.now() + CHECK_TIME > until {
            break;
        }
        remove_strays_of(ports, settings, &target, answers).await?;
    }
    Ok(())
}

/// Where runners may be registered.
async fn targets<P: Table + Clock>(
    ports: &P,
    settings: &ScaleDownEnvironment,
) -> Result<BTreeSet<RegistrationTarget>, StoreError> {
    let visits = store::open_of_kind::<Visit>(ports, OpenKind::Repository).await?;
    Ok(visits
        .iter()
        .map(|visit| RegistrationTarget::of(settings.runner_scope, &visit.item.repository))
        .collect())
}

/// Removes registrations that were only tried, at places where one may be left since `before`, until `deadline`.
async fn remove_tried<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    before: Time,
    deadline: Time,
    answers: &mut Answers,
) -> Result<(), StoreError> {
    for mut place in store::open_of_kind::<Place>(ports, OpenKind::Place).await? {
        let Some(target) = place.item.target() else { continue };
        if place.item.tried_at.is_none_or(|at| at > before) {
            continue;
        }
        if ports.now() + CHECK_TIME > deadline {
            return Ok(());
        }
        // GitHub removes by itself what nobody has used for a day.
        let is_old = place.item.tried_at.is_some_and(|at| ports.now().since(at) > longest_open::TRIED);
        if is_old || remove_strays_of(ports, settings, &target, answers).await? {
            place.item.tried_at = None;
            // If it has changed since it was read, another registration was tried.
            store::commit_if_unchanged(ports, vec![place.write()]).await?;
        }
    }
    Ok(())
}

/// Returns whether none is left.
async fn remove_strays_of<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    target: &RegistrationTarget,
    answers: &mut Answers,
) -> Result<bool, StoreError> {
    let mut is_clean = true;
    for page in 1.. {
        let Ok(found) = ports.runners(target, page).await else { return Ok(false) };
        let last = found.len() < PAGE;
        // Each run begins with another one, so that those whose removal fails are not always the first.
        let first = run_number(ports.now()) % found.len().max(1);
        let in_turn = found.iter().cycle().skip(first).take(found.len());
        for registered in in_turn.filter(|runner| !runner.online && !runner.busy) {
            let Some(name) = RunnerName::parse(&registered.name, &settings.deployment) else { continue };
            let record = store::get::<Runner>(ports, &Key::runner(name.instance.as_str())).await?;
            // While a record is open, others take care of the registration.
            if record.is_some_and(|record| record.item.is_open()) {
                continue;
            }
            if !answers.may_ask(target) {
                return Ok(false);
            }
            let removal = deregister(ports, target, &registered.name, registered.id).await;
            answers.note(target, removal != Deregistration::Unclear);
            if removal == Deregistration::Gone {
                ports.observe(Observation::Zombie { name: registered.name.clone() });
            } else {
                is_clean = false;
            }
        }
        if last {
            break;
        }
    }
    Ok(is_clean)
}
