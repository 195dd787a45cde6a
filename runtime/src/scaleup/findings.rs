//! What is known about EC2 before a launch, and what a launch adds to it.
//!
//! This saves calls and makes messages clear. No launch depends on it: what cannot be asked or stored now, the next
//! launch finds out.

use std::collections::BTreeSet;

use jit_runners_model::{
    Label,
    contract::{environment::ScaleUpEnvironment, table::Key},
};

use super::pool::{image, misfit, types};
use crate::{
    port::{Clock, LookAtImages, Observation, Observe, Read, Stored, Table},
    record::{Findings, Market, Pool, Refused},
    retry::is_image_missing,
    store,
};

/// What is known about EC2 for jobs with `labels`. Asks EC2 about their image, unless it has answered that before.
pub(super) async fn known<P: Table + LookAtImages + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    labels: &BTreeSet<Label>,
) -> Read<Findings> {
    let found = store::get::<Findings>(ports, &Key::findings()).await?;
    let mut findings = found.map(|found| found.item).unwrap_or_default();
    let image = image(settings, labels);
    let missing = Refused::Image { image: image.to_owned() };
    let unanswered = Refused::Question { image: image.to_owned() };
    let now = ports.now();
    if findings.image(image).is_some() || findings.holds(&missing, now) || findings.holds(&unanswered, now) {
        return Ok(findings);
    }
    // Many launches wait for an image that was missing; one of them asks.
    if findings.last_heard_at(&missing).is_some()
        && let Err(found) = claim(ports, &missing, &findings).await
    {
        return Ok(found);
    }
    let answer = ports.image(image).await;
    let now = ports.now();
    let change = |findings: &mut Findings| match &answer {
        Ok(found) => findings.learn(image, found.clone()),
        Err(error) if is_image_missing(error) => findings.note(missing.clone(), now),
        Err(_) => findings.note(unanswered.clone(), now),
    };
    change(&mut findings);
    if let Err(error) = answer.as_ref()
        && !is_image_missing(error)
    {
        ports.observe(Observation::Failed { what: "an image was not looked at", error: error.to_string() });
    }
    write(ports, image, change).await;
    Ok(findings)
}

/// Whether this invocation may ask again for what was refused according to `known`. The first invocation that wants
/// to ask stores the refusal with a new time, which stops all others. `Err` holds what is known by now. If the table
/// does not answer, every invocation may ask.
pub(super) async fn claim(
    ports: &(impl Table + Clock),
    refused: &Refused,
    known: &Findings,
) -> Result<(), Findings> {
    for _ in 0..store::CONFLICTS {
        let Ok(found) = store::get::<Findings>(ports, &Key::findings()).await else { break };
        let mut found = found.unwrap_or_else(Stored::absent);
        if found.item.last_heard_at(refused) > known.last_heard_at(refused) {
            return Err(found.item);
        }
        found.item.note(refused.clone(), ports.now());
        match store::commit_if_unchanged(ports, vec![found.write()]).await {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(_) => break,
        }
    }
    Ok(())
}

/// Notes that EC2 refused.
pub(super) async fn note<P: Table + Clock>(ports: &P, refused: Refused) {
    let now = ports.now();
    write(ports, "refused", |findings| findings.note(refused.clone(), now)).await;
}

/// Notes that EC2 has a pool that it had refused before and that was tried again as a last resort: it launched instances
/// there, or lacks only capacity.
pub(super) async fn note_offered<P: Table + Clock>(ports: &P, findings: &Findings, pool: &Pool) {
    let mut refused = vec![Refused::Pool(pool.clone())];
    if pool.market == Market::Spot {
        refused.push(Refused::Spot);
    }
    let now = ports.now();
    if refused.iter().any(|one| findings.holds(one, now)) {
        write(ports, "granted", |findings| refused.iter().for_each(|one| findings.forget(one))).await;
    }
}

/// Reports instance types for `labels` that are skipped because the image is for another architecture; each at most
/// once an hour.
pub(super) async fn tell_misfits<P: Table + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    labels: &BTreeSet<Label>,
    findings: &Findings,
) {
    let image = image(settings, labels);
    for instance_type in types(settings, labels) {
        let Some(reason) = misfit(findings, image, instance_type) else { continue };
        let refused = Refused::Misfit { image: image.to_owned(), instance_type: instance_type.clone() };
        if !findings.holds(&refused, ports.now()) {
            ports.observe(Observation::Misfit { image: image.to_owned(), reason });
            note(ports, refused).await;
        }
    }
}

async fn write(ports: &(impl Table + Clock), salt: &str, change: impl FnMut(&mut Findings)) {
    // Whatever is not stored is found out again.
    drop(store::change_findings(ports, salt, change).await);
}
