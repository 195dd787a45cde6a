//! Test doubles around a deployment: an AWS emulator that enforces permissions, a GitHub, a stand-in for EC2, and a
//! recorder of the functions' calls to AWS. All of them run on loopback, and stop when the value is dropped.

use std::{path::Path, process::Command, sync::Arc};

use anyhow::Result;
use jit_runners_witnesses::{emulator::Emulator, files, process};

use super::{ec2::StandIn, recorder::Recorder};
use crate::github::fake::FakeGithub;

/// All services that a deployment calls.
pub(crate) struct TestDoubles {
    pub(crate) github: FakeGithub,
    pub(crate) ec2: Arc<StandIn>,
    pub(crate) emulator: Emulator,
    pub(crate) recorder: Recorder,
}

impl TestDoubles {
    /// Starts the doubles. `None` if the check was skipped.
    pub(crate) fn set(check: &str) -> Result<Option<Self>> {
        Self::around(check, StandIn::start()?)
    }

    /// Starts the doubles with this EC2. `None` if the check was skipped.
    pub(crate) fn around(check: &str, ec2: StandIn) -> Result<Option<Self>> {
        let github = FakeGithub::start();
        let ec2 = Arc::new(ec2);
        let recorder = Recorder::start()?;
        let endpoints = [("AWS_ENDPOINT_URL", recorder.endpoint()), ("AWS_ENDPOINT_URL_EC2", ec2.endpoint())];
        let Some(emulator) = Emulator::start_with_permissions(check, &endpoints)? else { return Ok(None) };
        recorder.relay_to(emulator.port());
        Ok(Some(Self { github, ec2, emulator, recorder }))
    }

    /// Writes `jit-runners.yaml` into a folder, and generates a deployment from it that uses this GitHub, with the
    /// command of the README.
    pub(crate) fn generate(&self, folder: &Path) -> Result<()> {
        let configuration = folder.join("jit-runners.yaml");
        files::write(&configuration, format!("github_api_url: {}\n", self.github.url()))?;
        let mut generate = Command::new(env!("CARGO"));
        generate.args(["run", "--quiet", "--manifest-path"]).arg(files::root().join("Cargo.toml"));
        process::stdout_of(generate.args(["--", "generate"]).current_dir(folder)).map(drop)
    }
}
