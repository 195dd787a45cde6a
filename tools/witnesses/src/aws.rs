//! The AWS command line, pointed at an emulator.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::emulator::{Caller, Emulator};
use crate::{process, tools};

/// `aws` with the emulator's endpoint and dummy credentials.
pub struct Aws<'emulator> {
    program: PathBuf,
    emulator: &'emulator Emulator,
    caller: Option<Caller>,
}

impl<'emulator> Aws<'emulator> {
    /// The client, or a skipped check when `aws` is not installed.
    pub fn new(check: &str, emulator: &'emulator Emulator) -> Result<Option<Self>> {
        Ok(tools::require(check, "aws")?.map(|program| Self { program, emulator, caller: None }))
    }

    /// The same client for somebody else.
    #[must_use]
    pub fn signed_by(&self, caller: &Caller) -> Self {
        Self { program: self.program.clone(), emulator: self.emulator, caller: Some(caller.clone()) }
    }

    /// What a command prints.
    pub fn text(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.program);
        self.emulator.configure(&mut command);
        if let Some(caller) = &self.caller {
            caller.sign(&mut command);
        }
        // Version 1 does not apply AWS_ENDPOINT_URL to SQS, whose old host name it keeps; the option holds.
        command.args(["--endpoint-url", &self.emulator.endpoint()]).args(arguments);
        process::stdout_of(&mut command)
    }

    /// What a command answers, as JSON; `null` when it says nothing.
    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.text(&[arguments, &["--output", "json"]].concat())?;
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).with_context(|| format!("the answer to `aws {}`", arguments.join(" ")))
    }

    /// One word of an answer, chosen by a `JMESPath` query.
    pub fn word(&self, arguments: &[&str], query: &str) -> Result<String> {
        let text = self.text(&[arguments, &["--query", query, "--output", "text"]].concat())?;
        Ok(text.trim().to_owned())
    }
}
