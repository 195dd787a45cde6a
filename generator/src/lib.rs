//! The `jit-runners` command as a library.
//!
//! ```text
//! jit-runners.yaml -> Deployment -> jit_runners_emit -> fixes -> generated/          generate
//! generated/, Deployment -> jit_runners_check -> report                             check
//! ```

mod cli;
mod command;
mod config;
mod disk;
mod fixes;
mod manifest;

pub use cli::Cli;
pub use command::{Error, Session, files, invocation, read_choices, run};

/// What the exit code of `jit-runners` means.
pub mod exit {
    /// It did what was asked.
    pub const FINE: u8 = 0;
    /// It could not: the configuration is invalid, or a file cannot be read or written.
    pub const COULD_NOT_RUN: u8 = 1;
    /// The command line itself is wrong.
    pub const USAGE: u8 = 2;
    /// With `--check`: the files differ from what would be generated.
    pub const STALE: u8 = 4;
    /// The Terraform module and the template differ, from each other or from the model.
    pub const NOT_EQUIVALENT: u8 = 5;
    /// With `--partial`: nothing differs in what could be compared, and something could not.
    pub const INCOMPLETE: u8 = 6;
}
