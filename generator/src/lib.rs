//! The `jit-runners` command as a library.
//!
//! ```text
//! jit-runners.yaml -> Deployment -> dialect tree -> text -> generated/
//! ```

mod cli;
mod command;
mod config;
mod diff;
mod disk;
mod emit;
pub mod exit;
mod generated_file;
mod manifest;
mod mermaid;
mod outline;
mod plan;
mod read;
mod show;

pub use cli::Cli;
pub use command::{Error, Session, read_choices, run};
pub use emit::files;
pub use generated_file::GeneratedFile;
pub use outline::{Outline, OutlineNode};
pub use show::model_json;
