//! Looks for registrations that no record knows, a few repositories in each run.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::contract::{
    environment::ScaleDownEnvironment,
    schedule::SCALE_DOWN_RATE,
    table::{Key, OpenKind},
};

use super::Survey;
use crate::{
    place::place,
    port::{Clock, Github, Observation, Observe, Place, Table},
    record::{Runner, RunnerName, Visit},
    removal::{Removal, remove},
    store::{self, StoreError},
    time::duration,
};

/// Places that are looked at in one run. Registrations are kept track of by their runners' records, so this finds only what
/// no record can know.
const PLACES: usize = 2;
/// Runners of a page.
const PAGE: usize = 100;
/// The share of the rate limit below which nothing is looked for.
const LEFT: u32 = 5;

pub(super) async fn tour<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    survey: &Survey,
) -> Result<(), StoreError> {
    if ports.rate_limit().is_some_and(|limit| limit.remaining < limit.limit / LEFT) {
        return Ok(());
    }
    let visits = store::open_of_kind::<Visit>(ports, OpenKind::Repository).await?;
    let places: BTreeSet<Place> =
        visits.iter().map(|visit| place(settings.runner_scope, &visit.item.repository)).collect();
    let places: Vec<_> = places.into_iter().collect();
    if places.is_empty() {
        return Ok(());
    }
    let run = survey.now.as_millis() / u64::try_from(duration(SCALE_DOWN_RATE).as_millis()).unwrap_or(1);
    let first = usize::try_from(run).unwrap_or(0) * PLACES % places.len();
    for place in places.iter().cycle().skip(first).take(PLACES.min(places.len())) {
        if ports.now() + Duration::from_secs(10) > survey.deadline {
            return Ok(());
        }
        visit(ports, settings, place).await?;
    }
    Ok(())
}

async fn visit<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    place: &Place,
) -> Result<(), StoreError> {
    for page in 1.. {
        let Ok(found) = ports.runners(place, page).await else { return Ok(()) };
        let last = found.len() < PAGE;
        for registered in found.into_iter().filter(|runner| !runner.online && !runner.busy) {
            let Some(name) = RunnerName::parse(&registered.name, &settings.deployment) else { continue };
            let record = store::get::<Runner>(ports, &Key::runner(name.instance.as_str())).await?;
            // While a record is open, its owner looks after the registration.
            if record.is_some_and(|record| record.item.is_open()) {
                continue;
            }
            if remove(ports, place, registered.id).await == Removal::Gone {
                ports.observe(Observation::Zombie { name: registered.name });
            }
        }
        if last {
            break;
        }
    }
    Ok(())
}
