//! Real deployments of both dialects, with the commands and parameters that users type, on an emulator: created,
//! updated to another version of the functions, and removed with nothing left.

mod account;
mod cloudformation;
mod deployer;
mod fleet;
mod plans;
mod policies;
mod prerequisites;
mod terraform;
mod twins;

use std::thread;

use anyhow::{Context as _, Result, anyhow};

/// The name of the project in one dialect, and of the stack in the other.
const NAME: &str = "jit-runners";

/// The version of the first deployment, and the version of the update.
const VERSIONS: [&str; 2] = ["v1.0.0", "v1.1.0"];

/// The emulator sometimes loses an answer under load. Then the client repeats the request for something that already
/// exists. A wrong deployment also fails on a second emulator.
const LOST_ANSWER: &str = "StatusCode: 409";

/// Runs a witness, and repeats it from the beginning if the emulator lost an answer.
fn patiently<T>(witness: fn() -> Result<T>) -> Result<T> {
    match witness() {
        Err(error) if format!("{error:#}").contains(LOST_ANSWER) => {
            eprintln!("the emulator lost an answer, so that all begins again: {error:#}");
            witness()
        }
        outcome => outcome,
    }
}

/// One test for both dialects at the same time: Terraform mostly waits, and at the end the two deployments are
/// compared.
#[test]
fn both_dialects_deploy_the_same_and_leave_nothing() -> Result<()> {
    let (terraform, cloudformation) = thread::scope(|scope| {
        let [terraform, cloudformation] =
            [terraform::witness, cloudformation::witness].map(|run| scope.spawn(move || patiently(run)));
        (terraform.join(), cloudformation.join())
    });
    let panicked = |_| anyhow!("the witness panicked");
    let terraform = terraform.map_err(panicked)?.context("Terraform");
    let cloudformation = cloudformation.map_err(panicked)?.context("CloudFormation");
    match (terraform, cloudformation) {
        (Ok(Some(terraform)), Ok(Some(cloudformation))) => twins::ensure_same(&terraform, &cloudformation),
        (Err(terraform), Err(cloudformation)) => Err(anyhow!("{terraform:#}\n\n{cloudformation:#}")),
        (Err(error), _) | (_, Err(error)) => Err(error),
        // One of them was skipped, and has already reported it.
        _ => Ok(()),
    }
}
