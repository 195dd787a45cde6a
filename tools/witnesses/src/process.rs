//! Runs a program to its end. If it fails, the error contains everything that it printed.

use std::fmt::Write as _;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};

/// The result of a program.
pub struct Finished {
    /// The command, as one would type it.
    pub command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Finished {
    /// The standard output of a program that succeeded; otherwise an error with everything that it printed.
    pub fn stdout_if_successful(self) -> Result<String> {
        if self.status.success() {
            return Ok(self.stdout);
        }
        bail!("{}", self.report())
    }

    /// The command, its status and both of its streams.
    pub fn report(&self) -> String {
        let mut report = format!("`{}` ended with {}", self.command, self.status);
        for stream in [&self.stdout, &self.stderr] {
            if !stream.trim().is_empty() {
                let _ = write!(report, "\n{}", stream.trim_end());
            }
        }
        report
    }
}

/// Runs the command without input, its output captured.
pub fn run(command: &mut Command) -> Result<Finished> {
    let shown = shown(command);
    let output = command
        .stdin(Stdio::null())
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .with_context(|| format!("starting `{shown}`"))?;
    Ok(Finished {
        command: shown,
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs the command and returns its standard output; failing is an error.
pub fn stdout_of(command: &mut Command) -> Result<String> {
    run(command)?.stdout_if_successful()
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
