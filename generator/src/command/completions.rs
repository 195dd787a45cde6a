//! `jit-runners completions`.

use clap::CommandFactory as _;

use super::{Error, Session};
use crate::{
    cli::{Cli, Completions},
    exit,
};

/// Prints the completion script of a shell.
pub(super) fn run(arguments: &Completions, session: &mut Session<'_>) -> Result<u8, Error> {
    // The generator panics when it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "jit-runners", &mut script);
    session.out.write_all(&script)?;
    Ok(exit::FINE)
}
