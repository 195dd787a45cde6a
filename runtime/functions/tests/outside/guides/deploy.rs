//! From the App to the first job, an update, a rollback and the removal, in both dialects.

use anyhow::{Context as _, Result, ensure};
use jit_runners_model::contract::Handler;
use jit_runners_witnesses::{
    emulator::{Aws, REGION},
    files,
    prerequisites::{GITHUB_APP, GITHUB_INSTALLATION, Network},
    terraform::Terraform,
};

use super::{guide::Guide, reader::Reader};
use crate::{
    end_to_end::{
        cases::{A_TICK, ends, is_idle},
        doubles::TestDoubles,
        fixture::{Deployed, Dialect, Fixture, NAME, function, within},
        job::{Job, Payloads},
    },
    github::fake::KEY as PRIVATE_KEY,
};

/// The name of a dialect in headings.
const fn called(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Terraform => "OpenTofu or Terraform",
        Dialect::CloudFormation => "CloudFormation",
    }
}

/// Follows the guides from a new account to the first job, and on to an account where nothing is left.
fn follow(dialect: Dialect) -> Result<()> {
    let check = format!("the guides, with {}", called(dialect));
    let Some(payloads) = Payloads::read(&check)? else { return Ok(()) };
    let Some(doubles) = TestDoubles::set(&check)? else { return Ok(()) };
    let Some(mut reader) = Reader::at(&check, &doubles)? else { return Ok(()) };
    let Some(aws) = Aws::new(&check, &doubles.emulator)? else { return Ok(()) };
    let module = reader.checkout.join("generated/terraform");
    if dialect == Dialect::Terraform && Terraform::prepare(&check, &module, None)?.is_none() {
        return Ok(());
    }
    let network = Network::make(&aws)?;
    let key = reader.checkout.join("downloaded.pem");
    files::write(&key, PRIVATE_KEY)?;
    for (name, value) in [
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("NAME", NAME.to_owned()),
        ("GITHUB_APP_ID", GITHUB_APP.to_string()),
        ("GITHUB_INSTALLATION_ID", GITHUB_INSTALLATION.to_string()),
        ("PRIVATE_KEY", key.display().to_string()),
        ("BUCKET", "packages-of-the-reader".to_owned()),
        ("VPC_ID", network.vpc.clone()),
        ("SUBNET_IDS", network.subnets.join(",")),
        ("VERSION", "v1.0.0".to_owned()),
    ] {
        reader.has(name, value);
    }

    let app = Guide::open("docs/github-app.md")?;
    for section in ["Your values", "Make a webhook secret", "Store the secrets"] {
        reader.follow(&app, section)?;
    }
    reader.has_followed(&app, &[])?;
    ensure!(!key.exists(), "the key is left on the reader's disk");

    let guide = Guide::open("docs/deploy.md")?;
    for section in ["Your values", "Who deploys", "Packages", &format!("With {}", called(dialect))] {
        reader.follow(&guide, section)?;
    }
    let (webhook_url, webhook_secret) = (reader.variable("WEBHOOK_URL")?, secret(&aws)?);
    let fixture = Fixture::on(doubles, Deployed { webhook_url, webhook_secret, vpc: network.vpc })?;
    let explained = |error: anyhow::Error| fixture.explain(&error);
    first_job(&mut reader, &guide, &fixture, &payloads).map_err(explained)?;
    reader.has_followed(&guide, &[&format!("With {}", called(other(dialect)))])?;
    release(&mut reader, dialect, &fixture, &payloads).map_err(explained)
}

/// The webhook secret that the guide generated.
pub(super) fn secret(aws: &Aws<'_>) -> Result<String> {
    let id = format!("{NAME}/webhook-secret");
    aws.word(&["secretsmanager", "get-secret-value", "--secret-id", &id], "SecretString")
}

fn first_job(reader: &mut Reader, guide: &Guide, fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let tick = fixture.services.invoke(&function(Handler::Rebalancer), &serde_json::Value::Null)?;
    ensure!(tick.is_clean(), "{}", tick.log);
    reader.follow(guide, "Tell GitHub")?;
    let job = Job::new(fixture, payloads, &["small"]);
    job.queue()?;
    job.served()?;
    reader.follow(guide, "Queued")?;
    ends(fixture, &job)?;
    reader.follow(guide, "Over")
}

fn release(reader: &mut Reader, dialect: Dialect, fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let guide = Guide::open("docs/update.md")?;
    let with = called(dialect);
    for (name, value) in [
        ("RUNNER_VERSION", "2.335.0"),
        ("RUNNER_X64_SHA256", &"1".repeat(64)),
        ("RUNNER_ARM64_SHA256", &"2".repeat(64)),
        ("VERSION", "v1.1.0"),
    ] {
        reader.has(name, value);
    }
    // Its instance needs some time to end, and the guide waits for that before the removal.
    pause(reader, &guide, with, fixture, payloads)?;
    reader.follow_own(&guide, "A new release of the functions")?;
    reader.follow(&guide, &format!("Deploy it with {with}"))?;
    reader.follow(&guide, "See that it is there")?;
    reader.has("VERSION", "v1.0.0");
    reader.follow_own(&guide, "Go back")?;
    for section in [&format!("Go back with {with}"), "A new release of the infrastructure, or another choice"]
    {
        reader.follow(&guide, section)?;
    }
    reader.follow_own(&guide, "A new release of the Actions runner")?;
    reader.follow(&guide, &format!("A runner with {with}"))?;
    reader.follow_own(&guide, "Remove")?;
    reader.follow(&guide, &format!("Remove with {with}"))?;
    reader.follow_own(&guide, "When it fails")?;
    reader.follow(&guide, "What stays")?;
    let other = called(other(dialect));
    let left =
        ["Deploy it", "Go back", "A runner", "Pause", "Remove"].map(|begin| format!("{begin} with {other}"));
    // The test of the README covers these sections.
    let without = [with, other].map(|with| format!("Without the function, with {with}"));
    let left: Vec<_> = left.iter().chain(&without).map(String::as_str).collect();
    let commands = reader.has_followed(&guide, &left).context(with)?;
    eprintln!("the guides, with {with}: {commands} commands were typed");
    Ok(())
}

/// A job comes while the deployment is paused, and starts once it is resumed.
fn pause(
    reader: &mut Reader,
    guide: &Guide,
    with: &str,
    fixture: &Fixture,
    payloads: &Payloads,
) -> Result<()> {
    let section = format!("Pause with {with}");
    reader.has("PAUSED", "true");
    reader.follow_own(guide, "Pause")?;
    reader.follow(guide, &section)?;
    let job = Job::new(fixture, payloads, &["small"]);
    job.queue()?;
    job.becomes("queued")?;
    let is_told = |line: &String| line.contains("launches are paused");
    fixture.eventually("scale-up says that launches are paused", || {
        Ok(fixture.log(Handler::ScaleUp)?.iter().any(is_told).then_some(()))
    })?;
    is_idle(fixture, "scaleup")?;
    ensure!(fixture.ec2.live(job.label()).is_empty(), "launched although the deployment is paused");
    reader.has("PAUSED", "false");
    reader.follow_own(guide, "Pause")?;
    reader.follow(guide, &section)?;
    // A run of the schedule that began during the pause may still have the lease.
    within(A_TICK, "the rebalancer publishes the job, and it is launched for", || {
        let tick = fixture.services.invoke(&function(Handler::Rebalancer), &serde_json::Value::Null)?;
        ensure!(tick.is_clean(), "{}", tick.log);
        Ok((!fixture.ec2.live(job.label()).is_empty()).then_some(()))
    })?;
    job.served()?;
    ends(fixture, &job)
}

const fn other(dialect: Dialect) -> Dialect {
    match dialect {
        Dialect::Terraform => Dialect::CloudFormation,
        Dialect::CloudFormation => Dialect::Terraform,
    }
}

#[test]
fn a_reader_deploys_updates_and_removes_with_terraform() -> Result<()> {
    follow(Dialect::Terraform)
}

#[test]
fn a_reader_deploys_updates_and_removes_with_cloudformation() -> Result<()> {
    follow(Dialect::CloudFormation)
}
