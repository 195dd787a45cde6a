//! Cases about repositories besides ours: one that admits no runners, one that is renamed, those of another installation,
//! and one whose administrators post about our runners.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use jit_runners_functions::clock::now;
use jit_runners_model::contract::{Handler, table::Key};
use jit_runners_runtime::{port::RegistrationTarget, record::InstanceId};
use serde_json::Value;

use super::{
    cases::{A_TICK, ends, is_closed, is_idle, is_registered, nothing_is_left},
    fixture::{Fixture, function, within},
    job::{Home, Job, Payloads},
};
use crate::github::{
    fake::{Exchange, INSTALLATION},
    world::Runner,
};

/// The organization forbids runners of this repository.
const CLOSED: Home = Home::new("octo-org/bird.food", 1_296_270);
/// A repository before it is renamed.
const OLD: Home = Home::new("octo-org/fish.food", 1_296_271);
/// The same afterwards.
const NEW: Home = Home::new("octo-org/fish.and.chips", OLD.id);
/// A repository of the same installation, whose administrators are not ours.
const STRANGE: Home = Home::new("octo-org/horse.food", 1_296_272);

/// GitHub's words (<https://github.com/runs-on/runs-on/issues/417>).
const FORBIDDEN: &str = "Repository level self-hosted runners are disabled on this repository.";

pub(super) fn a_refused_repository(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    fixture.github.set(|world| {
        world.closed.insert(CLOSED.id, (403, FORBIDDEN));
    });
    let job = Job::new(fixture, payloads, &["small"]).at(CLOSED);
    job.queue()?;
    let first = fixture.eventually("the instance whose runner GitHub refuses ends", || {
        let launched = fixture.ec2.launched(job.label());
        Ok(launched.into_iter().find(|instance| !fixture.ec2.is_live(instance)))
    })?;
    fixture.eventually("its end is known", || {
        Ok((record(fixture, &first)?["instance_gone"] == true).then_some(()))
    })?;
    let place = Key::place(&RegistrationTarget::Repository(CLOSED.repository()?).identity());
    let refusal = fixture.item(&place)?.context("the refusal was not remembered")?["everything"].clone();
    ensure!(refusal["status"] == 403 && refusal["reason"] == FORBIDDEN && refusal["times"] == 1, "{refusal}");
    // More than one if GitHub's token was only some seconds old: then a 403 may mean that.
    let refused = registrations(fixture, CLOSED);
    ensure!(refused.iter().all(|status| *status == 403), "{refused:?}");

    // Jobs elsewhere are served as ever, and the refused one waits, however often it is published.
    let elsewhere = Job::new(fixture, payloads, &["small"]);
    elsewhere.queue()?;
    ends(fixture, &elsewhere)?;
    job.say("queued", None, None)?;
    is_idle(fixture, "scaleup")?;
    let record = job.record()?.context("no record of the job")?;
    ensure!(record["state"] == "queued" && record["not_before"] == refusal["again_at"], "{record} {refusal}");
    ensure!(fixture.ec2.launched(job.label()) == [first.clone()], "launched while the refusal stands");
    ensure!(registrations(fixture, CLOSED) == refused, "{:?}", registrations(fixture, CLOSED));

    // Somebody allows it, and a minute is over.
    fixture.github.set(|world| world.closed.clear());
    fixture.set_numbers(&place, &[("everything.again_at", 0)])?;
    fixture.set_numbers(&Key::job(&job.reference()?), &[("not_before", 0)])?;
    within(A_TICK, "the rebalancer publishes the job, and it is launched for", || {
        let done = fixture.services.invoke(&function(Handler::Rebalancer), &Value::Null)?;
        ensure!(done.is_clean(), "the rebalancer says {}", done.log);
        Ok((!fixture.ec2.live(job.label()).is_empty()).then_some(()))
    })?;
    ends(fixture, &job)?;
    // One registration was tried before the instance was launched.
    let all = registrations(fixture, CLOSED);
    ensure!(all.strip_prefix(refused.as_slice()) == Some(&[201, 201]), "{all:?}");
    // After some minutes, scale-down makes sure that the first runner has no registration.
    let minutes_ago = (now() - Duration::from_mins(4)).as_millis();
    fixture.set_numbers(&Key::runner(first.as_str()), &[("launched_at", minutes_ago)])?;
    let done = fixture.services.invoke(&function(Handler::ScaleDown), &Value::Null)?;
    ensure!(done.is_clean(), "scale-down says {}", done.log);
    is_closed(fixture, &first)?;
    let place = fixture.item(&place)?.context("the place was forgotten")?;
    ensure!(place["everything"]["status"].is_null() && place["registered_at"].is_u64(), "{place}");
    Ok(())
}

/// The statuses of GitHub's answers to registrations in a repository.
fn registrations(fixture: &Fixture, home: Home) -> Vec<u16> {
    let path = format!("/repos/{}/actions/runners/generate-jitconfig", home.name);
    let exchanges = fixture.github.exchanges().into_iter().filter(|exchange| exchange.request.path == path);
    exchanges.filter_map(|exchange| exchange.reply).map(|reply| reply.status).collect()
}

pub(super) fn a_renamed_repository(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let starts = Job::new(fixture, payloads, &["small"]).at(OLD);
    let cancelled = Job::new(fixture, payloads, &["medium"]).at(OLD);
    starts.queue()?;
    cancelled.queue()?;
    let (_, runner) = starts.served()?;
    let (surplus, idle) = cancelled.served()?;
    fixture.github.set(|world| {
        world.repositories.insert(NEW.id, NEW.name.to_owned());
        world.former.insert(OLD.name, OLD.id);
    });

    let (starts, cancelled) = (starts.at(NEW), cancelled.at(NEW));
    ends(fixture, &starts)?;
    ensure!(!is_registered(fixture, &runner.name), "a runner is left after its job");
    cancelled.complete(None, "cancelled")?;
    fixture.eventually("the runner of a cancelled job ends", || {
        Ok((!fixture.ec2.is_live(&surplus)).then_some(()))
    })?;
    ensure!(!is_registered(fixture, &idle.name), "a runner that was registered under the old name is left");
    is_closed(fixture, &surplus)?;
    nothing_is_left(fixture, &cancelled)?;

    let next = Job::new(fixture, payloads, &["small"]).at(NEW);
    next.queue()?;
    next.served()?;
    let known = Key::repository(&NEW.repository()?);
    let name = format!("{}@{}", NEW.name, NEW.id);
    within(A_TICK, "the rebalancer knows the new name", || {
        let done = fixture.services.invoke(&function(Handler::Rebalancer), &Value::Null)?;
        ensure!(done.is_clean(), "the rebalancer says {}", done.log);
        Ok(fixture.item(&known)?.filter(|item| item["repository"] == name.as_str()).map(drop))
    })?;
    ends(fixture, &next)?;

    let old = format!("/repos/{}/", OLD.name);
    let is_redirect = |exchange: &Exchange| {
        let status = exchange.reply.as_ref().map_or(0, |reply| reply.status);
        exchange.request.path.starts_with(&old) && matches!(status, 301 | 307)
    };
    ensure!(fixture.github.exchanges().iter().any(is_redirect), "nobody asked under the old name");
    Ok(())
}

pub(super) fn a_foreign_installation(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let ours = Job::new(fixture, payloads, &["small"]);
    ours.queue()?;
    let (instance, runner) = ours.served()?;
    let before = record(fixture, &instance)?;
    let foreign = Job::new(fixture, payloads, &["small"]).at(STRANGE).of_installation(INSTALLATION + 1);
    for (action, runner, conclusion) in [
        ("queued", None, None),
        ("in_progress", Some(&runner), None),
        ("completed", Some(&runner), Some("success")),
    ] {
        let answer = foreign.post(action, runner, conclusion)?;
        let is_ignored = answer.status == 200 && answer.body.contains("another installation");
        ensure!(is_ignored, "{action} was answered with {} {}", answer.status, answer.body);
    }
    is_idle(fixture, "scaleup")?;
    is_idle(fixture, "lifecycle")?;
    ensure!(foreign.record()?.is_none(), "a foreign job was recorded");
    ensure!(fixture.ec2.launched(foreign.label()).is_empty(), "launched for a foreign job");
    ensure!(record(fixture, &instance)? == before, "{before} {}", record(fixture, &instance)?);
    ends(fixture, &ours)
}

/// Whoever administers a repository chooses the names of its runners, and GitHub signs what it tells of them.
pub(super) fn a_strangers_event(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    fixture.github.set(|world| {
        world.repositories.insert(STRANGE.id, STRANGE.name.to_owned());
    });
    let ours = Job::new(fixture, payloads, &["large"]);
    ours.queue()?;
    let (instance, runner) = ours.served()?;
    tell_lies(fixture, payloads, &instance, &runner).context("while the runner is idle")?;
    ours.start(&runner)?;
    ours.becomes("running")?;
    tell_lies(fixture, payloads, &instance, &runner).context("while the runner is busy")?;
    ours.complete(Some(&runner), "success")?;
    ours.becomes("completed")?;
    fixture.ec2.shut_down(&instance);
    is_closed(fixture, &instance)?;
    nothing_is_left(fixture, &ours)
}

/// Says that a runner of this name has other jobs, and has done them. No id is that of the runner.
fn tell_lies(fixture: &Fixture, payloads: &Payloads, instance: &InstanceId, runner: &Runner) -> Result<()> {
    let before = record(fixture, instance)?;
    for id in [runner.id + 1_000, 0] {
        let namesake = Runner { id, at: STRANGE.id, ..runner.clone() };
        let jobs =
            [Job::new(fixture, payloads, &["large"]).at(STRANGE), Job::new(fixture, payloads, &["large"])];
        for job in &jobs {
            job.say("in_progress", Some(&namesake), None)?;
            job.becomes("running")?;
            job.say("completed", Some(&namesake), Some("success"))?;
            job.becomes("completed")?;
        }
    }
    is_idle(fixture, "lifecycle")?;
    let done = fixture.services.invoke(&function(Handler::ScaleDown), &Value::Null)?;
    ensure!(done.is_clean(), "scale-down says {}", done.log);
    let after = record(fixture, instance)?;
    ensure!(before == after, "the runner was {before} and is {after}");
    ensure!(fixture.ec2.is_live(instance), "{instance} was ended");
    ensure!(is_registered(fixture, &runner.name), "{} was removed", runner.name);
    Ok(())
}

fn record(fixture: &Fixture, instance: &InstanceId) -> Result<Value> {
    fixture.item(&Key::runner(instance.as_str()))?.context("no record of the runner")
}
