//! The `jit-runners` command.

use std::{io::Write as _, process::ExitCode};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use clap::Parser as _;
use jit_runners_generator::{Cli, Session, exit, invocation, run};

const ERROR: Style = AnsiColor::Red.on_default().bold();

fn main() -> anyhow::Result<ExitCode> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refused) => {
            // Help and version come this way too. Whoever closes the pipe has read enough.
            let _ = refused.print();
            return Ok(if refused.use_stderr() { exit::USAGE } else { exit::FINE }.into());
        }
    };
    let mut out = AutoStream::new(std::io::stdout(), cli.color_choice()).lock();
    let mut err = AutoStream::new(std::io::stderr(), cli.color_choice()).lock();
    let program = std::env::args_os().next().unwrap_or_default();
    let program = invocation(program.as_ref(), std::env::var_os("CARGO").is_some());
    let result = run(&cli, &mut Session { out: &mut out, err: &mut err, program: &program });
    match result {
        Ok(code) => Ok(code.into()),
        Err(error) => {
            writeln!(err, "{ERROR}error{ERROR:#}: {error}")?;
            Ok(exit::COULD_NOT_RUN.into())
        }
    }
}
