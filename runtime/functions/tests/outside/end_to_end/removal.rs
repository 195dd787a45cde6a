//! Both deployments are created, changed, rolled back and removed while a runner has a job. The tests check what ends
//! and what does not, in which order, and how long it takes. They also remove deployments without the App's key, or
//! deployments that were never complete.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use jit_runners_model::contract::{Handler, table::Key};
use jit_runners_runtime::record::InstanceId;
use jit_runners_witnesses::{
    emulator::Aws,
    files,
    prerequisites::{Prerequisites, deploy_stack},
};
use tempfile::TempDir;

use super::{
    deploying,
    doubles::TestDoubles,
    ec2::StandIn,
    fixture::{Dialect, Fixture, NAME, SECRETS, VERSION},
    job::{Job, Payloads},
    packages,
    source::{Source, TEMPLATE, status},
    transcript::Transcript,
};
use crate::github::world::Runner;

#[test]
fn terraforms_deployment_is_changed_and_removed_under_a_busy_runner() -> Result<()> {
    remove_under_a_busy_runner(Dialect::Terraform)
}

#[test]
fn cloudformations_deployment_is_changed_and_removed_under_a_busy_runner() -> Result<()> {
    remove_under_a_busy_runner(Dialect::CloudFormation)
}

fn remove_under_a_busy_runner(dialect: Dialect) -> Result<()> {
    let check = format!("removal of what was deployed with {dialect:?}");
    let Some(payloads) = Payloads::read(&check)? else { return Ok(()) };
    let start = Instant::now();
    let Some(mut fixture) = Fixture::set(&check, dialect)? else { return Ok(()) };
    eprintln!("{check}: created after {:.0?}", start.elapsed());
    let mut source = std::mem::take(&mut fixture.source);
    play(&check, &fixture, &mut source, &payloads).map_err(|error| fixture.explain(&error))
}

/// A runner that has a job.
struct Busy {
    instance: InstanceId,
    runner: Runner,
}

impl Busy {
    fn on(fixture: &Fixture, payloads: &Payloads) -> Result<Self> {
        let job = Job::new(fixture, payloads, &["large"]);
        job.queue()?;
        let (instance, runner) = job.served()?;
        job.start(&runner)?;
        job.becomes("running")?;
        Ok(Self { instance, runner })
    }

    /// The instance was not ended.
    fn goes_on(&self, fixture: &Fixture, after: &str) -> Result<()> {
        ensure!(fixture.ec2.is_live(&self.instance), "{} was ended by {after}", self.instance);
        let record =
            fixture.item(&Key::runner(self.instance.as_str()))?.context("no record of the runner")?;
        let is_untouched = ["given_up", "instance_gone"].iter().all(|fact| record[fact] != true);
        ensure!(is_untouched, "after {after}: {record}");
        ensure!(is_registered(fixture, &self.runner), "{} was removed by {after}", self.runner.name);
        Ok(())
    }
}

fn is_registered(fixture: &Fixture, runner: &Runner) -> bool {
    let mut found = false;
    fixture.github.set(|world| found = world.runners.iter().any(|it| it.name == runner.name));
    found
}

fn play(check: &str, fixture: &Fixture, source: &mut Source, payloads: &Payloads) -> Result<()> {
    let aws = Aws::new(check, &fixture.emulator)?.context("no command line of AWS")?;
    ensure!(fixture.recorder.has_spot_role(), "nobody made sure of EC2 Spot's own role");

    let busy = Busy::on(fixture, payloads)?;
    let clock = Instant::now();
    source.change(check, fixture, &aws)?;
    busy.goes_on(fixture, "an update")?;
    eprintln!("{check}: updated in {:.1?}; {} goes on", clock.elapsed(), busy.instance);

    let clock = Instant::now();
    source.fail(check, fixture, &aws)?;
    busy.goes_on(fixture, "an update that failed")?;
    eprintln!(
        "{check}: an update failed, and was taken back, in {:.1?}; {} goes on",
        clock.elapsed(),
        busy.instance
    );
    if let Source::CloudFormation { .. } = source {
        deploying::clean_up(fixture, &aws)?;
        busy.goes_on(fixture, "the cleaning up after an update")?;
        eprintln!("{check}: a deletion of the resource alone, as after an update, ended nothing");
    }
    deploying::ask_as_a_stranger(fixture)?;
    busy.goes_on(fixture, "a request of a stranger")?;

    let idle = Job::new(fixture, payloads, &["small"]);
    idle.queue()?;
    let (idles, registered) = idle.served()?;
    let mut transcript = Transcript::begin(fixture);
    transcript
        .tell(format!("{} has a job, {idles} has none; somebody removes the deployment", busy.instance));
    let clock = Instant::now();
    let order = source.remove(check, fixture, &aws)?;
    let took = clock.elapsed();
    transcript.tell("the deployment is gone");
    let (text, _) = transcript.end();
    eprintln!("{text}\n{order}");
    eprintln!("{check}: removed in {took:.1?}, {} with a job and {idles} without", busy.instance);
    ensure!(fixture.ec2.has_terminated_all(), "an instance has not terminated: {:?}", fixture.ec2.all_live());
    ensure!(!is_registered(fixture, &registered), "an idle runner is still registered");
    let took_role = |name: &str| name.contains("DeleteServiceLinkedRole");
    ensure!(!fixture.recorder.calls().iter().any(|call| took_role(&call.name)), "the account's role is gone");
    Ok(())
}

/// People often delete the secrets or the App before the deployment. Then nothing can be removed at GitHub, but
/// everything at AWS.
#[test]
fn without_the_apps_key_a_deployment_is_removed_all_the_same() -> Result<()> {
    let check = "removal without the App's key";
    let Some(payloads) = Payloads::read(check)? else { return Ok(()) };
    let Some(mut fixture) = Fixture::set(check, Dialect::Terraform)? else { return Ok(()) };
    let source = std::mem::take(&mut fixture.source);
    let remove = || -> Result<()> {
        let aws = Aws::new(check, &fixture.emulator)?.context("no command line of AWS")?;
        let busy = Busy::on(&fixture, &payloads)?;
        let key = [
            "secretsmanager",
            "delete-secret",
            "--force-delete-without-recovery",
            "--secret-id",
            "private-key",
        ];
        aws.text(&key)?;
        fixture.restart(Handler::ScaleDown)?;
        source.remove(check, &fixture, &aws)?;
        ensure!(
            fixture.ec2.has_terminated_all(),
            "an instance has not terminated: {:?}",
            fixture.ec2.all_live()
        );
        ensure!(is_registered(&fixture, &busy.runner), "{} was removed without a key", busy.runner.name);
        Ok(())
    };
    remove().map_err(|error| fixture.explain(&error))
}

/// A resource after the fleet fails, here because its function does not exist. CloudFormation rolls the creation back,
/// and does not wait for an answer that never comes.
#[test]
fn a_creation_that_fails_leaves_no_instance() -> Result<()> {
    let check = "a creation that fails";
    let Some(doubles) = TestDoubles::around(check, StandIn::unguarded()?)? else { return Ok(()) };
    let packages = packages::uploaded(VERSION)?;
    let Some(aws) = Aws::new(check, &doubles.emulator)? else { return Ok(()) };
    let prerequisites = Prerequisites::prepare(&aws, packages.path(), &SECRETS)?;
    let folder = TempDir::with_prefix("jit-runners-generated-")?;
    doubles.generate(folder.path())?;
    let template = folder.path().join(TEMPLATE);
    let late = "\nResources:\n Late:\n  Type: Custom::Late\n  DependsOn: RunnerFleet\n  Properties:\n   \
                ServiceToken: !Sub arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:nobody\n";
    let text = std::fs::read_to_string(&template)?;
    ensure!(text.matches("\nResources:\n").count() == 1, "the template has no resources");
    files::write(&template, text.replacen("\nResources:\n", late, 1))?;

    let orphan = doubles.ec2.launch_orphan()?;
    let clock = Instant::now();
    let failed = deploy_stack(&aws, &template, NAME, &prerequisites.parameters(VERSION));
    let reasons = format!("{:#}", failed.err().context("a function answered that is not there")?);
    let emulator = || format!("{reasons}\n{}", doubles.emulator.log());
    ensure!(reasons.contains("Late"), "{}", emulator());
    ensure!(status(&aws, NAME)? == "ROLLBACK_COMPLETE", "{}", emulator());
    ensure!(doubles.ec2.has_terminated_all(), "{orphan} has not terminated\n{}", emulator());
    eprintln!("{check}: taken back after {:.0?}", clock.elapsed());
    Ok(())
}
