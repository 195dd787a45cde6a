//! What is known of EC2 before a launch, and what a launch adds to it.
//!
//! It spares calls and makes messages clear, and no launch waits for it: what cannot be asked or written down is found out by
//! the next launch.

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

/// What is known of EC2 for jobs with `labels`. Asks about their image, unless that was answered once.
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
    // Everybody waits for an image that was missing.
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

/// Whether this invocation may ask again for what was refused, as `known` has it: the first one that wants to notes the refusal
/// anew, for all others. Otherwise gives what is known by now. Where the table does not answer, nobody is kept from asking.
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

/// Notes that EC2 gave instances of a pool, where it had refused that and was asked again as a last resort.
pub(super) async fn note_success<P: Table + Clock>(ports: &P, findings: &Findings, pool: &Pool) {
    let mut refused = vec![Refused::Pool(pool.clone())];
    if pool.market == Market::Spot {
        refused.push(Refused::Spot);
    }
    let now = ports.now();
    if refused.iter().any(|one| findings.holds(one, now)) {
        write(ports, "granted", |findings| refused.iter().for_each(|one| findings.forget(one))).await;
    }
}

/// Tells of types for `labels` that are passed over because of their image, each once in a while.
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
    // Whatever is not written down is found out again.
    drop(store::change_findings(ports, salt, change).await);
}
