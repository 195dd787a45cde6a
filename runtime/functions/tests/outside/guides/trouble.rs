//! From the symptom to the cause: this test produces the problems of the guide, one after the other.

use std::time::Duration;

use anyhow::{Result, ensure};
use jit_runners_model::contract::{Handler, table::Key};
use jit_runners_witnesses::emulator::REGION;
use serde_json::Value;

use super::{guide::Guide, reader::Reader};
use crate::{
    end_to_end::{
        doubles::TestDoubles,
        fixture::{Dialect, Fixture, NAME, function, within},
        job::{Job, Payloads, REPOSITORY},
    },
    github::{
        fake::Misfortune,
        world::{REPOSITORY as AT, Runner, refusal},
    },
};

/// The longest time until a dead letter, with a visibility timeout of one second.
const A_DEAD_LETTER: Duration = Duration::from_mins(1);

#[test]
fn a_reader_finds_out_what_is_wrong() -> Result<()> {
    let check = "the guide for trouble";
    let Some(payloads) = Payloads::read(check)? else { return Ok(()) };
    let Some(doubles) = TestDoubles::set(check)? else { return Ok(()) };
    let Some(mut reader) = Reader::at(check, &doubles)? else { return Ok(()) };
    let Some(fixture) = Fixture::in_place(check, Dialect::CloudFormation, doubles)? else { return Ok(()) };
    let guide = Guide::open("docs/troubleshooting.md")?;
    look(&mut reader, &guide, &fixture, &payloads).map_err(|error| fixture.explain(&error))?;
    let commands = reader.has_followed(&guide, &[])?;
    eprintln!("{check}: {commands} commands were typed");
    Ok(())
}

fn look(reader: &mut Reader, guide: &Guide, fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["small"]);
    job.queue()?;
    let (instance, _) = job.served()?;
    for (name, value) in [
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("NAME", NAME.to_owned()),
        ("REPOSITORY", REPOSITORY.to_owned()),
        ("JOB_ID", job.id.to_string()),
        ("RUNNER_ID", "7".to_owned()),
        ("INSTANCE", instance.to_string()),
    ] {
        reader.has(name, value);
    }
    reader.follow_own(guide, "Troubleshooting")?;
    for section in ["Where things stand", "A job stays queued", "Webhooks do not arrive"] {
        reader.follow(guide, section)?;
    }

    fixture.ec2.refuse_next("MaxSpotInstanceCountExceeded");
    let expensive = Job::new(fixture, payloads, &["large"]);
    expensive.queue()?;
    expensive.served()?;
    reader.follow(guide, "Capacity and quotas")?;

    fixture.github.answers(refusal(409, "Already exists - A runner with the name … already exists."));
    let renamed = Job::new(fixture, payloads, &["small"]);
    renamed.queue()?;
    let (_, runner) = renamed.served()?;
    ensure!(runner.name.ends_with("-2"), "{runner:?}");
    fixture.github.answers(refusal(403, "Resource not accessible by integration"));
    Job::new(fixture, payloads, &["small"]).queue()?;
    says(fixture, Handler::ScaleUp, "GitHub refuses to register runners")?;
    reader.follow(guide, "GitHub refuses")?;

    for instance in fixture.ec2.all_live() {
        fixture.ec2.says(
            &instance,
            "[  OK  ] Started cloud-final\njit-runners: RUNNER VERSION DEPRECATED: deploy another one\n",
        );
    }
    reader.follow(guide, "Instances start, and no job")?;

    fixture.shorten_visibility("scaleup", 1)?;
    fixture.send("scaleup", "{\"version\":1}")?;
    within(A_DEAD_LETTER, "a dead letter", || Ok((fixture.messages("scaleup-dlq")? > 0).then_some(())))?;
    reader.follow(guide, "A dead-letter queue is not empty")?;

    fixture.github.set(|world| {
        let name = format!("{NAME}-i-00000000000000007-1");
        let runner = Runner { id: 7, at: AT, name, online: false, busy: false, labels: Vec::new() };
        world.runners.push(runner);
    });
    reader.follow(guide, "Leftovers")?;
    ensure!(!fixture.ec2.is_live(&instance), "the reader could not end {instance}");
    let mut left = true;
    fixture.github.set(|world| left = world.runners.iter().any(|runner| runner.id == 7));
    ensure!(!left, "the reader could not remove a registration");

    let tick = |clean: bool| {
        let tick = fixture.services.invoke(&function(Handler::Rebalancer), &Value::Null)?;
        ensure!(tick.is_clean() == clean, "{}", tick.log);
        Ok(())
    };
    tick(true)?;
    fixture.restart(Handler::Rebalancer)?;
    // As if the repository had never been looked at. Otherwise, a tick soon after another asks GitHub for nothing.
    fixture.forget(&Key::repository(&job.reference()?.repository))?;
    for _ in 0..20 {
        let wrong_key = refusal(401, "A JSON web token could not be decoded");
        fixture.github.next_token(Misfortune::Answered(wrong_key));
    }
    tick(false)?;
    reader.follow(guide, "The rebalancer")?;
    reader.follow(guide, "The runner's release")?;
    // When launches are on again, new instances start at once, because jobs wait.
    let before = fixture.ec2.all_live();
    reader.follow(guide, "Stop it")?;
    let left: Vec<_> = before.iter().filter(|instance| fixture.ec2.is_live(instance)).collect();
    ensure!(left.is_empty(), "the reader could not end {left:?}");
    reader.follow(guide, "Launches are stopped")?;
    says(fixture, Handler::ScaleDown, "the deployment is prepared")?;
    Ok(())
}

fn says(fixture: &Fixture, handler: Handler, words: &str) -> Result<()> {
    fixture
        .eventually(words, || Ok(fixture.log(handler)?.iter().any(|line| line.contains(words)).then_some(())))
}
