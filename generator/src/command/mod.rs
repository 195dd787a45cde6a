//! The verbs of the command line: each reads, asks the other modules and prints. What several of them say is here.

mod check;
mod generate;
mod setup;
mod show;

use std::{
    io::{self, Write},
    path::Path,
};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use jit_runners_check::Unreadable;
use jit_runners_emit::GeneratedFile;
use jit_runners_model::{Choices, Deployment};

use crate::{
    cli::{Cli, Color, Command},
    config::{self, ConfigError, Loaded},
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

/// How a warning begins.
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Says which configuration was used.
fn say_source(writer: &mut dyn Write, loaded: &Loaded) -> io::Result<()> {
    writeln!(writer, "{}", loaded.source)
}

/// Says what is valid and was probably not meant.
fn say_advice(err: &mut dyn Write, loaded: &Loaded) -> io::Result<()> {
    if let Some(path) = &loaded.passed_over {
        let shown = path.display();
        let instead = if path.parent() == Some(Path::new("")) {
            format!("call it {}", config::DEFAULT_FILE)
        } else {
            "run the command in its folder".to_owned()
        };
        writeln!(
            err,
            "{WARNING}warning{WARNING:#}: {shown} is not read; {instead}, or add `--config {}`",
            quoted(path)
        )?;
    }
    loaded.advice.iter().try_for_each(|advice| writeln!(err, "{WARNING}warning{WARNING:#}: {advice}"))
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    if path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

/// What to type to run the program again: what stands in front of `generate`. `program` is how it was started, and
/// `by_cargo` says whether Cargo started it.
pub fn invocation(program: &Path, by_cargo: bool) -> String {
    let is_below = |folder: &str| program.components().any(|part| part.as_os_str() == folder);
    if by_cargo && is_below("target") {
        // Built another way, it would be built again.
        return if is_below("release") { "cargo run --release" } else { "cargo run" }.to_owned();
    }
    if program.as_os_str().is_empty() { "jit-runners".to_owned() } else { quoted(program) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_named_as_it_was_started() {
        for (program, by_cargo, expected) in [
            ("target/debug/jit-runners", true, "cargo run"),
            ("/srv/jit runners/target/debug/jit-runners", true, "cargo run"),
            ("target/release/jit-runners", true, "cargo run --release"),
            ("target/debug/jit-runners", false, "target/debug/jit-runners"),
            ("/opt/my tools/jit-runners", false, "'/opt/my tools/jit-runners'"),
            ("jit-runners", false, "jit-runners"),
            // One that is installed, in a build of something else.
            ("jit-runners", true, "jit-runners"),
            ("", false, "jit-runners"),
        ] {
            assert_eq!(invocation(Path::new(program), by_cargo), expected);
        }
    }
}
