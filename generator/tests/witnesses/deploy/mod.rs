//! The real deployment: both dialects, by the commands and parameters that users type, on an emulator:
//! created, updated to another version of the functions, and removed with nothing left.

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

/// The project's name in one dialect, the stack's in the other.
const NAME: &str = "jit-runners";

/// The version that is deployed first, and the one that it is updated to.
const VERSIONS: [&str; 2] = ["v1.0.0", "v1.1.0"];

/// The emulator sometimes loses an answer under load. The client then asks again, for something that is there by now. A
/// deployment that is wrong is so on a second emulator, too.
const LOST_ANSWER: &str = "StatusCode: 409";

/// Runs a witness, and once more from the beginning where the emulator lost an answer.
fn patiently<T>(witness: fn() -> Result<T>) -> Result<T> {
    match witness() {
        Err(error) if format!("{error:#}").contains(LOST_ANSWER) => {
            eprintln!("the emulator lost an answer, so that all begins again: {error:#}");
            witness()
        }
        outcome => outcome,
    }
}

/// One test for both, side by side: Terraform mostly waits, and in the end the two are compared.
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
        // One of them was skipped, and has said so.
        _ => Ok(()),
    }
}
