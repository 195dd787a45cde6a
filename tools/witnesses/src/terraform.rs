//! A copy of the Terraform module in a folder of its own, ready to be initialised and used.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::emulator::{Caller, Emulator};
use crate::process::{self, Finished};
use crate::{files, tools};

/// A generated module, unchanged, in a temporary folder, so that Terraform's state and plugins stay out
/// of its own.
pub struct Terraform<'emulator> {
    program: PathBuf,
    folder: PathBuf,
    /// The folder, where it is ours.
    own: Option<TempDir>,
    emulator: Option<&'emulator Emulator>,
    caller: Option<Caller>,
}

impl<'emulator> Terraform<'emulator> {
    /// Copies and initialises the module. `None` if Terraform or its AWS provider is missing and the check was
    /// skipped.
    ///
    /// Only environment variables point it to an emulator: the module runs as it ships, without an override file.
    pub fn prepare(
        check: &str,
        module: &Path,
        emulator: Option<&'emulator Emulator>,
    ) -> Result<Option<Self>> {
        let Some(program) = tools::require(check, "terraform")? else { return Ok(None) };
        let own = TempDir::with_prefix("jit-runners-terraform-")?;
        let folder = own.path().to_owned();
        files::copy_folder(module, &folder)?;
        let module = Self { program, folder, own: Some(own), emulator, caller: None };
        if module.init(check)? { Ok(Some(module)) } else { Ok(None) }
    }

    /// The same module with another caller.
    #[must_use]
    pub fn signed_by(self, caller: &Caller) -> Self {
        Self { caller: Some(caller.clone()), ..self }
    }

    /// Continues in the folder of a module that was initialised before, with its state.
    pub fn at(check: &str, folder: &Path, emulator: Option<&'emulator Emulator>) -> Result<Option<Self>> {
        let Some(program) = tools::require(check, "terraform")? else { return Ok(None) };
        Ok(Some(Self { program, folder: folder.to_owned(), own: None, emulator, caller: None }))
    }

    /// The copy, for whoever goes on in it.
    pub fn keep(self) -> Option<TempDir> {
        self.own
    }

    /// The copy.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a subcommand; a failure is an error.
    pub fn stdout(&self, arguments: &[&str]) -> Result<String> {
        self.run(arguments)?.stdout_if_successful()
    }

    /// Runs a subcommand to whatever end.
    pub fn run(&self, arguments: &[&str]) -> Result<Finished> {
        let mut command = command(&self.program, &self.folder);
        if let Some(emulator) = self.emulator {
            emulator.configure(&mut command);
        }
        if let Some(caller) = &self.caller {
            caller.sign(&mut command);
        }
        process::run(command.args(arguments))
    }

    /// Runs a subcommand that answers in JSON.
    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.stdout(arguments)?;
        serde_json::from_str(&text)
            .with_context(|| format!("the answer to `terraform {}`", arguments.join(" ")))
    }

    /// The variables of the next plan or apply.
    pub fn set_variables(&self, variables: &Value) -> Result<()> {
        let file = self.folder.join("terraform.tfvars.json");
        files::write(&file, serde_json::to_vec_pretty(variables)?)
    }

    /// Initialises with the providers on this machine if there are any, otherwise with those of the registry.
    fn init(&self, check: &str) -> Result<bool> {
        let mut arguments = vec!["init".to_owned(), "-backend=false".to_owned(), "-input=false".to_owned()];
        let offline = plugin_folder();
        if let Some(folder) = &offline {
            arguments.push(format!("-plugin-dir={}", folder.display()));
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let finished = self.run(&arguments)?;
        if finished.status.success() {
            return Ok(true);
        }
        if offline.is_none() && finished.stderr.contains("Failed to query available provider packages") {
            tools::skip(check, "the AWS provider is neither on this machine nor to be downloaded")?;
            return Ok(false);
        }
        bail!("{}", finished.report())
    }
}

/// `terraform -chdir=<folder>` without colours, questions, or calls home.
pub fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg(format!("-chdir={}", folder.display())).env("TF_IN_AUTOMATION", "1");
    quieten(&mut command);
    command
}

/// No colours, questions, or calls home of any Terraform that is started by `command`.
pub fn quieten(command: &mut Command) {
    command.env("TF_INPUT", "0").env("TF_CLI_ARGS", "-no-color").env("CHECKPOINT_DISABLE", "1");
    // Terraform warns before every answer about a configuration file that is named but not there.
    if env::var_os("TF_CLI_CONFIG_FILE").is_some_and(|file| !Path::new(&file).exists()) {
        command.env_remove("TF_CLI_CONFIG_FILE");
    }
}

/// A folder for `-plugin-dir` that holds version 5 of the AWS provider: `TF_PLUGIN_DIR`, else what a
/// search of the usual places finds by the binary's name.
pub fn plugin_folder() -> Option<PathBuf> {
    if let Some(folder) = env::var_os("TF_PLUGIN_DIR") {
        return Some(PathBuf::from(folder));
    }
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let places = ["/opt", "/usr/local/lib", "/usr/local/share", "/usr/lib/terraform", "/usr/share/terraform"];
    let own = [home.join(".terraform.d"), home.join(".local/share/terraform")];
    let binary = places.iter().map(PathBuf::from).chain(own).find_map(|place| provider_below(&place, 8))?;
    // <plugin folder>/<host>/<namespace>/<provider>/<version>/<platform>/<binary>
    binary.ancestors().nth(6).map(Path::to_path_buf)
}

/// The provider's binary, at most `depth` folders down.
fn provider_below(folder: &Path, depth: usize) -> Option<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(folder).ok()?.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    entries.iter().find_map(|entry| {
        let kind = entry.file_type().ok()?;
        if kind.is_dir() {
            return if depth == 0 { None } else { provider_below(&entry.path(), depth - 1) };
        }
        entry.file_name().to_string_lossy().starts_with("terraform-provider-aws_v5").then(|| entry.path())
    })
}
