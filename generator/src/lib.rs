//! The `jit-runners` command as a library.
//!
//! ```text
//! jit-runners.yaml -> Deployment -> dialect tree -> text -> generated/          generate
//! generated/ -> located tree -> canonical graph -> compare -> differences      check
//! ```

mod check;
mod cli;
mod command;
mod compare;
mod config;
mod diff;
mod difference;
mod disk;
mod emit;
pub mod exit;
mod generated_file;
mod graph;
mod manifest;
mod mermaid;
mod outline;
mod plan;
mod read;
mod report;
mod show;

pub use check::{Report, Subject, Unreadable, check, check_plan};
pub use cli::Cli;
pub use command::{Error, Session, called, read_choices, run};
pub use difference::{Difference, DifferenceKind, Side, Unknown, Wrong};
pub use emit::files;
pub use generated_file::GeneratedFile;
pub use graph::{
    ignored,
    rule::{defaults, rules},
};
pub use outline::{Outline, OutlineNode};
pub use read::SourceFile;
pub use show::model_json;
