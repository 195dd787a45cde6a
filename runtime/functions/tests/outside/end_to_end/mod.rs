//! End to end: real packages on the generated deployment, on an emulator that enforces the generated permissions. Tests
//! post signed webhooks to the deployed URL, and each case follows its jobs to their end.
//!
//! The stand-in in `ec2.rs` keeps those parts of EC2's contract that the emulator does not keep: client tokens, counts,
//! and policy conditions on EC2's own keys.

pub(crate) mod cases;
mod deploying;
pub(crate) mod doubles;
pub(crate) mod ec2;
mod events;
mod figures;
pub(crate) mod fixture;
mod guard;
pub(crate) mod job;
mod neighbours;
pub(crate) mod packages;
mod permissions;
mod policy;
mod recorder;
mod removal;
pub(crate) mod services;
mod source;
mod transcript;
mod wire;

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use jit_runners_model::contract::Handler;

use self::{
    cases::CASES,
    fixture::{Dialect, Fixture, WEBHOOK_SECRET},
    job::Payloads,
};
use crate::github::fake::APP;

/// A part of a long token.
const LONG_TOKEN: &str = "eyJ0eXAiOiJKV1Qi.Zm9v-YmFy_";

fn follow_jobs(dialect: Dialect) -> Result<()> {
    let check = format!("jobs from webhook to end, deployed with {dialect:?}");
    let Some(payloads) = Payloads::read(&check)? else { return Ok(()) };
    let start = Instant::now();
    let Some(fixture) = Fixture::set(&check, dialect)? else { return Ok(()) };
    // Tokens of installations become `ghs_APPID_` and a JSON Web Token, of about 520 characters.
    fixture.github.set(|world| world.token_end = format!("_{APP}_{}", LONG_TOKEN.repeat(20)));
    eprintln!("{check}: deployed after {:.0?}", start.elapsed());
    for (title, case) in CASES {
        let start = Instant::now();
        case(&fixture, &payloads).context(*title).map_err(|error| fixture.explain(&error))?;
        eprintln!("{check}: {title}: {:.1?}", start.elapsed());
    }
    no_secret_was_logged(&fixture)?;
    eprintln!("{check}: all after {:.0?}", start.elapsed());
    Ok(())
}

/// No line of any function quotes a token, a key or a configuration.
fn no_secret_was_logged(fixture: &Fixture) -> Result<()> {
    for handler in Handler::ALL {
        let log = fixture.log(handler)?;
        ensure!(!log.is_empty(), "{} said nothing", handler.name());
        for secret in [WEBHOOK_SECRET, "configuration-of", "PRIVATE KEY", "ghs_", LONG_TOKEN] {
            let quoted = log.iter().find(|line| line.contains(secret));
            ensure!(quoted.is_none(), "{} quotes {secret}: {quoted:?}", handler.name());
        }
    }
    Ok(())
}

#[test]
fn terraforms_deployment_follows_jobs_to_their_end() -> Result<()> {
    follow_jobs(Dialect::Terraform)
}

#[test]
fn cloudformations_deployment_follows_jobs_to_their_end() -> Result<()> {
    follow_jobs(Dialect::CloudFormation)
}

/// On a separate deployment, because this test changes permissions.
#[test]
fn each_permission_is_needed() -> Result<()> {
    let check = "each permission is needed";
    let Some(payloads) = Payloads::read(check)? else { return Ok(()) };
    let start = Instant::now();
    let Some(fixture) = Fixture::set(check, Dialect::CloudFormation)? else { return Ok(()) };
    let rows = permissions::table(&fixture, &payloads).map_err(|error| fixture.explain(&error))?;
    for row in &rows {
        eprintln!("| {} | {} | {} |", row.role, row.statement, row.failed);
    }
    eprintln!("{check}: {} permissions after {:.0?}", rows.len(), start.elapsed());
    Ok(())
}

/// A few of each, to test that the measurement works. `make figures` takes more of them, and runs nothing else.
#[test]
fn figures_of_the_deployed_functions() -> Result<()> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test asks how it is run; it is no function with settings"
    )]
    let many = std::env::var("JIT_RUNNERS_FIGURES").is_ok();
    let (webhooks, jobs) = if many { (600, 40) } else { (10, 2) };
    let check = "figures of the deployed functions";
    let Some(payloads) = Payloads::read(check)? else { return Ok(()) };
    let Some(fixture) = Fixture::set(check, Dialect::CloudFormation)? else { return Ok(()) };
    let figures =
        figures::take(&fixture, &payloads, webhooks, jobs).map_err(|error| fixture.explain(&error))?;
    for line in figures {
        eprintln!("{check}: {line}");
    }
    Ok(())
}
