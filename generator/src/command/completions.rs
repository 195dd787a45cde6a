//! `jit-runners completions`.

use clap::CommandFactory as _;
use clap_complete::Shell;

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
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if arguments.shell == Shell::Bash {
        // It spells a program with a hyphen in two ways, and then completes nothing behind a subcommand:
        // <https://github.com/clap-rs/clap/issues/6421>.
        script = script.replace("jit__subcmd__runners", "jit__runners");
    }
    session.out.write_all(script.as_bytes())?;
    Ok(exit::FINE)
}
