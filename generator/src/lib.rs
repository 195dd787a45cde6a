//! The `jit-runners` command as a library.
//!
//! ```text
//! jit-runners.yaml -> Deployment -> jit_runners_emit -> plan -> generated/          generate
//! generated/, Deployment -> jit_runners_check -> report                             check
//! ```

mod cli;
mod command;
mod config;
mod diff;
mod disk;
pub mod exit;
mod manifest;
mod plan;
mod show;

pub use cli::Cli;
pub use command::{Error, Session, called, files, read_choices, run};
