//! The verbs of the command line: each reads, asks the other modules and prints.

mod check;
mod generate;
mod messages;
mod setup;
mod show;

use std::{
    io::{self, Write},
    path::Path,
};

use anstream::ColorChoice;
use jit_runners_check::Unreadable;
use jit_runners_emit::GeneratedFile;
use jit_runners_model::{Choices, Deployment};
pub use messages::invocation;

use crate::{
    cli::{Cli, Color, Command},
    config::{self, ConfigError},
    disk::DiskError,
};

/// What a command prints to, and how the person called it.
pub struct Session<'a> {
    /// Results.
    pub out: &'a mut dyn Write,
    /// Warnings. May be styled, like `out`: [`Cli::color_choice`] says who wants that.
    pub err: &'a mut dyn Write,
    /// What to type to run this program, for messages that say what to run ([`invocation`]).
    pub program: &'a str,
}

/// Why a command could not do its work. The message says what to do.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Reason);

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("{} {} there; --force overwrites", .paths.join(" and "), if .paths.len() == 1 { "is already" } else { "are already" })]
    AlreadyThere { paths: Vec<String> },
    #[error("{path} is where the schema goes; choose another name for the configuration")]
    TakenBySchema { path: String },
    #[error("there is no {missing}: nothing was generated there yet; run: {command}")]
    NotGenerated { missing: String, command: String },
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("cannot print: {0}")]
    Print(#[from] io::Error),
}

impl<R: Into<Reason>> From<R> for Error {
    fn from(reason: R) -> Self {
        Self(reason.into())
    }
}

impl Cli {
    /// When this call wants colours.
    pub const fn color_choice(&self) -> ColorChoice {
        match self.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }
}

/// Runs the command and returns its exit code ([`crate::exit`]).
pub fn run(cli: &Cli, session: &mut Session<'_>) -> Result<u8, Error> {
    let session = &mut Session {
        out: &mut UntilClosed(session.out),
        err: &mut UntilClosed(session.err),
        program: session.program,
    };
    match &cli.command {
        Command::Check(arguments) => check::run(arguments, session),
        Command::Generate(arguments) => generate::run(arguments, session),
        Command::Show(arguments) => show::run(arguments, session),
        Command::Init(arguments) => setup::init(arguments, session),
        Command::Schema(_) => setup::schema(session),
        Command::Completions(arguments) => setup::completions(arguments, session),
    }
}

/// Prints until the reader closes the pipe, as `head` does. That is no mistake, and must change neither what is
/// done nor the exit code.
struct UntilClosed<'a>(&'a mut dyn Write);

impl Write for UntilClosed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}

/// What `generate` writes for `deployment`, sorted by path.
pub fn files(deployment: &Deployment) -> Vec<GeneratedFile> {
    jit_runners_emit::files(deployment, &config::schema())
}

/// The choices in the configuration file at `path`.
pub fn read_choices(path: &Path) -> Result<Choices, Error> {
    Ok(config::load(Some(path))?.deployment.choices().clone())
}
