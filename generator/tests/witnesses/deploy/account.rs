//! Everything in an account, to check that nothing is left, and that both dialects deployed the same.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use jit_runners_witnesses::emulator::Emulator;
use jit_runners_witnesses::{files, process, tools};

/// kind -> name -> description, the output of `tools/describe_account.py`.
pub(crate) struct Account(pub(crate) BTreeMap<String, BTreeMap<String, Value>>);

impl Account {
    /// Describes the account. The check is skipped if boto3 is not installed.
    pub(crate) fn describe(check: &str, emulator: &Emulator) -> Result<Option<Self>> {
        // The Python of the virtual environment, in which the other tools have installed boto3.
        let python = files::root().join(".tools/venv/bin/python");
        if !python.is_file() {
            tools::skip(check, "there is no Python with boto3 in .tools/venv; run `make tools`")?;
            return Ok(None);
        }
        let mut command = Command::new(python);
        emulator.configure(&mut command);
        let text = process::stdout_of(command.arg(files::root().join("tools/describe_account.py")))?;
        Ok(Some(Self(serde_json::from_str(&text).context("the description of the account")?)))
    }

    /// Whether there is a resource of this kind and name.
    pub(crate) fn has(&self, kind: &str, name: &str) -> bool {
        self.0.get(kind).is_some_and(|names| names.contains_key(name))
    }

    /// What is in this account but was not in the earlier one, as `kind: name`.
    pub(crate) fn beyond(&self, earlier: &Self) -> Vec<String> {
        let all = self.0.iter().flat_map(|(kind, names)| names.keys().map(move |name| (kind, name)));
        all.filter(|(kind, name)| !earlier.has(kind, name))
            .map(|(kind, name)| format!("{kind}: {name}"))
            .collect()
    }

    /// After a removal the account must hold the same as before.
    pub(crate) fn ensure_same_names_as(&self, earlier: &Self) -> Result<()> {
        ensure!(self.beyond(earlier).is_empty(), "left behind: {:#?}", self.beyond(earlier));
        ensure!(earlier.beyond(self).is_empty(), "removed, but not ours: {:#?}", earlier.beyond(self));
        Ok(())
    }
}
