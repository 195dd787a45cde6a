//! Everything that an account holds, so that "nothing left" and "the same twice" can be checked.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use jit_runners_witnesses::emulator::Emulator;
use jit_runners_witnesses::{files, process, tools};

/// kind -> name -> description, as `tools/describe_account.py` sees it.
pub(crate) struct Account(pub(crate) BTreeMap<String, BTreeMap<String, Value>>);

impl Account {
    /// Asks for everything, or skips the check when Python's client of AWS is not installed.
    pub(crate) fn describe(check: &str, emulator: &Emulator) -> Result<Option<Self>> {
        // The environment's own Python, which has the client that the other tools brought along.
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

    /// What is here and was not there, as `kind: name`.
    pub(crate) fn beyond(&self, earlier: &Self) -> Vec<String> {
        let all = self.0.iter().flat_map(|(kind, names)| names.keys().map(move |name| (kind, name)));
        all.filter(|(kind, name)| !earlier.has(kind, name))
            .map(|(kind, name)| format!("{kind}: {name}"))
            .collect()
    }

    /// After a removal the account must hold what it held before.
    pub(crate) fn ensure_same_names_as(&self, earlier: &Self) -> Result<()> {
        ensure!(self.beyond(earlier).is_empty(), "left behind: {:#?}", self.beyond(earlier));
        ensure!(earlier.beyond(self).is_empty(), "removed, but not ours: {:#?}", earlier.beyond(self));
        Ok(())
    }
}
