//! Cases: what happens to jobs, from a signed webhook at the deployed URL to their end.

use std::{collections::BTreeSet, process::Command, thread, time::Duration};

use anyhow::{Context as _, Result, ensure};
use jit_runners_functions::clock::now;
use jit_runners_model::{
    RunnerVersion,
    contract::{
        Handler,
        runner_release::{RunnerChecksums, RunnerRelease},
        table::Key,
        tag,
    },
};
use jit_runners_runtime::{record::InstanceId, webhook::WebhookSecret};
use jit_runners_witnesses::process;
use serde_json::{Value, json};

use super::{
    fixture::{Fixture, NAME, WEBHOOK_SECRET, function, within},
    job::{Job, Payloads},
    neighbours::{a_foreign_installation, a_refused_repository, a_renamed_repository, a_strangers_event},
    transcript::Transcript,
    wire::{release, tags, user_data},
};
use crate::github::bodies;

/// The longest time until a schedule of one minute has run, including what it starts.
pub(crate) const A_TICK: Duration = Duration::from_secs(100);

/// One case: what it shows, and its function.
pub(crate) type Case = (&'static str, fn(&Fixture, &Payloads) -> Result<()>);

/// All cases. The order matters: the last one changes the queues.
pub(crate) const CASES: &[Case] = &[
    ("one job, from its webhook to the end of its instance", a_job_to_its_end),
    ("the same webhook twice launches once", the_same_webhook_twice),
    ("events in the wrong order end in the same state", events_in_the_wrong_order),
    ("nobody without the secret has an effect", nobody_without_the_secret),
    ("a job that is cancelled takes its runner with it", a_cancelled_job),
    ("a repository that GitHub admits no runners to delays no other", a_refused_repository),
    ("a repository that is renamed under its jobs", a_renamed_repository),
    ("jobs of another installation are not ours", a_foreign_installation),
    ("a stranger's event under the name of our runner moves nothing", a_strangers_event),
    ("a runner that gets stuck is replaced, up to the budget", a_stuck_runner),
    ("an instance that spot takes back is replaced at once", a_spot_warning),
    ("a release of the runner that GitHub offers is the next launch's", a_new_release),
    ("a job whose webhook was lost is found by the rebalancer", a_lost_webhook),
    ("a function that is killed in the middle of a launch launches nothing twice", a_killed_function),
    ("a poisoned message ends in the dead-letter queue", a_poisoned_message),
];

fn a_job_to_its_end(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    // The release of the runner is already known, as always except in the first hour.
    knows_its_release(fixture, &RunnerRelease::newest_shipped())?;
    fixture.restart(Handler::Rebalancer)?;
    let job = Job::new(fixture, payloads, &["large"]);
    let mut transcript = Transcript::begin(fixture);
    transcript.tell("GitHub queues the job and posts its webhook");
    job.queue()?;
    let (instance, runner) = job.served()?;
    transcript
        .tell(format!("{instance} boots, takes its configuration, and its runner {} listens", runner.name));

    let (_, call) = fixture.ec2.launch_for(job.label()).context("no launch for the job")?;
    for (name, value) in [
        ("InstanceType", "c5.xlarge"),
        ("MaxCount", "1"),
        ("InstanceMarketOptions.MarketType", "spot"),
        ("InstanceInitiatedShutdownBehavior", "terminate"),
        ("MetadataOptions.HttpTokens", "required"),
        ("MetadataOptions.HttpPutResponseHopLimit", "1"),
    ] {
        ensure!(call.get(name).is_some_and(|found| found == value), "{name} is {:?}", call.get(name));
    }
    let found = tags(&call);
    for (name, value) in
        [(tag::DEPLOYMENT, NAME), (tag::REPOSITORY, "octo-org/cat.food"), (tag::NAME, "jit-runners-runner")]
    {
        ensure!(
            found.get(name).is_some_and(|found| found == value),
            "the tag {name} is {:?}",
            found.get(name)
        );
    }
    let user_data = user_data(&call)?;
    ensure!(release(&user_data)? == RunnerRelease::newest_shipped(), "{user_data}");
    ensure!(
        user_data.starts_with("#!/bin/bash")
            && user_data.contains(&format!("table_name='{}'", fixture.table))
    );
    ensure!(
        !user_data.contains(WEBHOOK_SECRET) && !user_data.contains("configuration-of"),
        "a secret in user data"
    );
    let labels: BTreeSet<_> = runner.labels.iter().map(String::as_str).collect();
    ensure!(labels == BTreeSet::from(["large", "self-hosted", job.label()]), "{labels:?}");

    let configuration = fixture.take_configuration(&instance)?;
    ensure!(
        configuration.as_deref() == Some(format!("configuration-of-{}", runner.name).as_str()),
        "{configuration:?}"
    );
    ensure!(fixture.take_configuration(&instance)?.is_none(), "a configuration was there twice");

    transcript.tell("GitHub gives the job to the runner");
    job.start(&runner)?;
    job.becomes("running")?;
    let record = fixture.item(&Key::runner(instance.as_str()))?.context("no runner")?;
    ensure!(record["job"]["job_id"] == job.id, "{record}");
    transcript.tell("the job is over");
    job.complete(Some(&runner), "success")?;
    job.becomes("completed")?;
    transcript.tell("the instance shuts itself down");
    fixture.ec2.shut_down(&instance);
    is_closed(fixture, &instance)?;
    transcript.tell("the schedules come round");
    for handler in [Handler::Rebalancer, Handler::ScaleDown] {
        let done = fixture.services.invoke(&function(handler), &Value::Null)?;
        ensure!(done.is_clean(), "{} says {}", handler.name(), done.log);
    }
    nothing_is_left(fixture, &job)?;
    let (text, counts) = transcript.end();
    eprintln!("{text}");
    for (call, count) in &counts {
        eprintln!("{count:>4}  {call}");
    }
    // A job needs one registration, and no other call of GitHub. Tokens and schedules are shared by all jobs.
    let registrations =
        counts.iter().filter(|(call, _)| call.contains("generate-jitconfig")).map(|(_, count)| *count);
    ensure!(
        registrations.sum::<usize>() == 1 && counts.get("scaleup: EC2 RunInstances") == Some(&1),
        "{counts:#?}"
    );
    for secret in [WEBHOOK_SECRET, "configuration-of", "PRIVATE KEY", "ghs_"] {
        ensure!(!text.contains(secret), "a secret in a log: {secret}");
    }
    Ok(())
}

fn the_same_webhook_twice(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["small"]);
    job.is_queued_at_github();
    let twice = thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| job.say("queued", None, None)));
        both.map(|one| one.join().map_err(|_| anyhow::anyhow!("a webhook panicked")))
    });
    for one in twice {
        one??;
    }
    let (instance, _) = job.served()?;
    job.say("queued", None, None)?;
    is_idle(fixture, "scaleup")?;
    ensure!(fixture.ec2.live(job.label()) == [instance], "{:?}", fixture.ec2.live(job.label()));
    ends(fixture, &job)
}

fn events_in_the_wrong_order(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["medium"]);
    job.complete(None, "skipped")?;
    job.becomes("completed")?;
    job.say("queued", None, None)?;
    is_idle(fixture, "scaleup")?;
    ensure!(fixture.ec2.live(job.label()).is_empty(), "a job that was over was launched for");

    let job = Job::new(fixture, payloads, &["medium"]);
    job.queue()?;
    let (instance, runner) = job.served()?;
    job.complete(Some(&runner), "failure")?;
    job.becomes("completed")?;
    job.say("in_progress", Some(&runner), None)?;
    is_idle(fixture, "lifecycle")?;
    job.becomes("completed")?;
    fixture.ec2.shut_down(&instance);
    is_closed(fixture, &instance)
}

fn nobody_without_the_secret(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["nano"]);
    let body = job.payload("queued", None, None)?;
    let wrong = WebhookSecret::new("another")?.sign(&body);
    let sha1 = "sha1=0123456789012345678901234567890123456789";
    for signature in [None, Some(""), Some("sha256="), Some(sha1), Some(wrong.as_str()), Some("sha256=zz")] {
        let answer = fixture.post("workflow_job", "d", &body, signature)?;
        ensure!(answer.status == 401, "{signature:?} was answered with {} {}", answer.status, answer.body);
        ensure!(!answer.body.contains(WEBHOOK_SECRET), "{}", answer.body);
    }
    let secret = WebhookSecret::new(WEBHOOK_SECRET)?;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let other = serde_json::to_vec(&json!({ "issue": {} }))?;
    let unknown = job.payload("queued", None, None)?;
    let unknown = String::from_utf8(unknown)?.replacen("queued", "postponed", 1);
    for (event, body, status) in [
        ("workflow_job", &b""[..], 400),
        ("workflow_job", b"no JSON", 400),
        ("workflow_job", b"\xff\xfe\x00", 400),
        ("workflow_job", deep.as_bytes(), 400),
        ("workflow_job", &other, 400),
        ("workflow_job", unknown.as_bytes(), 200),
        ("issues", &other, 200),
        ("ping", b"{}", 200),
    ] {
        let answer = fixture.post(event, "d", body, Some(&secret.sign(body)))?;
        ensure!(answer.status == status, "{event} was answered with {} {}", answer.status, answer.body);
    }
    is_idle(fixture, "scaleup")?;
    ensure!(
        job.record()?.is_none() && fixture.ec2.live(job.label()).is_empty(),
        "a webhook without its secret had an effect"
    );
    Ok(())
}

fn a_cancelled_job(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["micro"]);
    job.queue()?;
    let (instance, runner) = job.served()?;
    job.complete(None, "cancelled")?;
    fixture.eventually("the runner of a cancelled job ends", || {
        Ok((!fixture.ec2.is_live(&instance)).then_some(()))
    })?;
    ensure!(!is_registered(fixture, &runner.name), "a runner that was let go is still registered");
    is_closed(fixture, &instance)?;
    nothing_is_left(fixture, &job)
}

fn a_stuck_runner(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["small"]);
    job.queue()?;
    let (first, _) = job.served()?;
    get_stuck(fixture, &first)?;
    let second = job.instance_besides(std::slice::from_ref(&first))?;
    ensure!(!fixture.ec2.is_live(&first), "a stuck runner lives on beside its successor");
    job.registered(&second)?;
    get_stuck(fixture, &second)?;
    fixture.eventually("the second runner ends", || Ok((!fixture.ec2.is_live(&second)).then_some(())))?;
    is_idle(fixture, "scaleup")?;
    ensure!(fixture.ec2.live(job.label()).is_empty(), "launched beyond the budget");
    let record = job.record()?.context("the job is gone")?;
    ensure!(record["state"] == "queued" && record["not_before"].is_u64(), "{record}");
    let log = fixture.log(Handler::ScaleUp)?;
    ensure!(
        log.iter().any(|line| line.contains("used up its budget") && line.contains(&job.id.to_string())),
        "{log:#?}"
    );
    job.complete(None, "cancelled")?;
    job.becomes("completed")
}

fn a_spot_warning(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["small"]);
    job.queue()?;
    let (first, runner) = job.served()?;
    fixture.ec2.warn(&first);
    let second = job.instance_besides(std::slice::from_ref(&first))?;
    ensure!(!is_registered(fixture, &runner.name), "a runner that will be interrupted can still get a job");
    fixture.ec2.shut_down(&first);
    is_closed(fixture, &first)?;
    job.registered(&second)?;
    ends(fixture, &job)
}

/// GitHub offers a newer release, and the last request for it is more than an hour old.
fn a_new_release(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let checksums = RunnerChecksums::parse(&format!("x64={},arm64={}", "1a".repeat(32), "2b".repeat(32)))?;
    let newer = RunnerRelease::new(RunnerVersion::new("2.999.0")?, checksums);
    fixture.github.set(|world| {
        world.downloads = bodies::downloads(&newer);
        let end = json!({ "runner_version": "2.999.0", "runtime_deprecates_at": "2099-01-01T00:00:00Z" });
        world.ends_of_life.insert("2.999.0".to_owned(), end);
    });
    let long_ago = (now() - Duration::from_mins(61)).as_millis();
    fixture.set_numbers(&Key::releases(), &[("asked_at", long_ago)])?;
    knows_its_release(fixture, &newer)?;
    // Sometimes the emulator keeps the output of an invocation until the next one.
    for words in ["GitHub offers another release of the runner", "\"ReleaseDaysLeft\":"] {
        fixture.eventually(&format!("the rebalancer says `{words}`"), || {
            let log = fixture.log(Handler::Rebalancer)?;
            if log.iter().any(|line| line.contains(words)) {
                return Ok(Some(()));
            }
            fixture.services.invoke(&function(Handler::Rebalancer), &Value::Null)?;
            Ok(None)
        })?;
    }
    let job = Job::new(fixture, payloads, &["small"]);
    job.queue()?;
    job.served()?;
    let (_, call) = fixture.ec2.launch_for(job.label()).context("no launch for the job")?;
    ensure!(release(&user_data(&call)?)? == newer, "{}", user_data(&call)?);
    ends(fixture, &job)
}

/// Runs the rebalancer until it knows this release.
fn knows_its_release(fixture: &Fixture, expected: &RunnerRelease) -> Result<()> {
    within(A_TICK, &format!("runner {} is known", expected.version), || {
        let done = fixture.services.invoke(&function(Handler::Rebalancer), &Value::Null)?;
        ensure!(done.is_clean(), "the rebalancer says {}", done.log);
        let known = fixture.item(&Key::releases())?;
        let is_known = |item: &Value| {
            item["offered"]["version"] == expected.version.as_str()
                && item["life"]["version"] == expected.version.as_str()
        };
        Ok(known.filter(is_known).map(drop))
    })
}

fn a_lost_webhook(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["large"]).ago(300);
    job.is_queued_at_github();
    within(A_TICK, "the rebalancer finds a job", || Ok(job.record()?.map(drop)))?;
    job.served()?;
    let log = fixture.log(Handler::Rebalancer)?;
    for words in ["cycle complete repo=octo-org/cat.food demand=", "tick complete repos="] {
        ensure!(log.iter().any(|line| line.contains(words)), "no line `{words}` in {log:#?}");
    }
    ends(fixture, &job)
}

fn a_poisoned_message(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    // In production a message comes back after nine minutes, and an event after three.
    fixture.shorten_visibility("scaleup", 1)?;
    fixture.shorten_visibility("lifecycle", 1)?;
    for (queue, body) in [("scaleup", "{\"version\":1}"), ("lifecycle", "no JSON")] {
        fixture.send(queue, body)?;
    }
    let job = Job::new(fixture, payloads, &["small"]);
    job.queue()?;
    job.served()?;
    for queue in ["scaleup", "lifecycle"] {
        let dead = format!("{queue}-dlq");
        within(A_TICK, &dead, || Ok((fixture.messages(&dead)? == 1).then_some(())))?;
        is_idle(fixture, queue)?;
    }
    ends(fixture, &job)
}

/// EC2 launches, and the function is killed before it gets the answer. Its message comes back.
fn a_killed_function(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    // In production the message comes back after nine minutes, when the rebalancer has already published the job.
    fixture.shorten_visibility("scaleup", 95)?;
    let job = Job::new(fixture, payloads, &["medium"]);
    fixture.ec2.lose_next_answer();
    job.queue()?;
    fixture.eventually("a launch whose answer is lost", || {
        Ok((!fixture.ec2.will_lose_answer()).then_some(()))
    })?;
    let instance = job.instance_besides(&[])?;
    let victims = fixture.emulator.processes(&function(Handler::ScaleUp))?;
    ensure!(!victims.is_empty(), "no process of scale-up");
    for victim in victims {
        process::stdout_of(Command::new("kill").args(["-s", "KILL", &victim.to_string()]))?;
    }
    within(Duration::from_mins(4), "the launch is taken over", || {
        let record = fixture.item(&Key::runner(instance.as_str()))?;
        Ok(record.filter(|record| record["configured_at"].is_u64()).map(drop))
    })?;
    ensure!(fixture.ec2.live(job.label()) == [instance.clone()], "{:?}", fixture.ec2.live(job.label()));
    ends(fixture, &job)
}

/// Makes a runner look as if it had been pending for an hour, and runs scale-down.
pub(crate) fn get_stuck(fixture: &Fixture, instance: &InstanceId) -> Result<()> {
    let long_ago = (now() - Duration::from_mins(50)).as_millis();
    let key = Key::runner(instance.as_str());
    fixture
        .set_numbers(&key, &[("launched_at", long_ago), ("configured_at", long_ago), ("since", long_ago)])?;
    let done = fixture.services.invoke(&function(Handler::ScaleDown), &Value::Null)?;
    ensure!(done.is_clean(), "scale-down says {}", done.log);
    Ok(())
}

/// Runs a job that has its runner, and waits until nothing is left of it.
pub(crate) fn ends(fixture: &Fixture, job: &Job<'_>) -> Result<()> {
    let (instance, runner) = job.served()?;
    job.start(&runner)?;
    job.becomes("running")?;
    job.complete(Some(&runner), "success")?;
    job.becomes("completed")?;
    fixture.ec2.shut_down(&instance);
    is_closed(fixture, &instance)?;
    nothing_is_left(fixture, job)
}

/// Waits until the ledger knows that an instance has ended.
pub(super) fn is_closed(fixture: &Fixture, instance: &InstanceId) -> Result<()> {
    fixture.eventually(&format!("{instance} is closed"), || {
        let record = fixture.item(&Key::runner(instance.as_str()))?;
        Ok(record.filter(|record| record["instance_gone"] == true && record["open_kind"].is_null()).map(drop))
    })
}

/// Waits until a queue is empty.
pub(crate) fn is_idle(fixture: &Fixture, queue: &str) -> Result<()> {
    fixture.eventually(&format!("{queue} is empty"), || Ok((fixture.messages(queue)? == 0).then_some(())))
}

pub(crate) fn is_registered(fixture: &Fixture, name: &str) -> bool {
    let mut found = false;
    fixture.github.set(|world| found = world.runners.iter().any(|runner| runner.name == name));
    found
}

pub(super) fn nothing_is_left(fixture: &Fixture, job: &Job<'_>) -> Result<()> {
    ensure!(
        fixture.ec2.live(job.label()).is_empty(),
        "instances are left: {:?}",
        fixture.ec2.live(job.label())
    );
    let record = job.record()?.context("the job's record is gone")?;
    ensure!(record["open_kind"].is_null() && record["ttl"].is_u64(), "the job is still open: {record}");
    let mut registered = Vec::new();
    fixture.github.set(|world| {
        let its =
            world.runners.iter().filter(|runner| runner.labels.iter().any(|label| label == job.label()));
        registered = its.map(|runner| runner.name.clone()).collect();
    });
    ensure!(registered.is_empty(), "registrations are left: {registered:?}");
    Ok(())
}
