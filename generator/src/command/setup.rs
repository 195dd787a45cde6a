//! `jit-runners init`, `schema` and `completions`: what people need before they generate.

use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Error, Reason, Session, generate};
use crate::{
    cli::{Cli, Completions, Init},
    config, disk, exit,
};

const SCHEMA_FILE: &str = "jit-runners.schema.json";

/// Writes the configuration file and its schema.
pub(super) fn init(arguments: &Init, session: &mut Session<'_>) -> Result<u8, Error> {
    let schema_file = arguments.config.with_file_name(SCHEMA_FILE);
    if disk::is_same(&schema_file, &arguments.config) {
        return Err(Reason::TakenBySchema { path: arguments.config.display().to_string() }.into());
    }
    // The configuration is last: once it is there, so is what its first line refers to.
    let (schema, template) = (schema_text(), config::template(SCHEMA_FILE));
    let files: [(&Path, &str); 2] = [(&schema_file, &schema), (&arguments.config, &template)];
    if !arguments.force {
        let mut there = Vec::new();
        for (path, text) in files {
            let is_ours = path == schema_file && disk::holds(path, text);
            if disk::exists(path) && !is_ours {
                there.push(path.display().to_string());
            }
        }
        if !there.is_empty() {
            return Err(Reason::AlreadyThere { paths: there }.into());
        }
    }
    disk::write_all(&files)?;
    for (path, _) in files {
        writeln!(session.out, "wrote {}", path.display())?;
    }
    let named = Some(arguments.config.as_path()).filter(|config| *config != Path::new(config::DEFAULT_FILE));
    let command = generate::command(session.program, named, None);
    writeln!(session.out, "Remove a `#` to change a choice, then run: {command}")?;
    Ok(exit::FINE)
}

/// Prints the schema of the configuration file.
pub(super) fn schema(session: &mut Session<'_>) -> Result<u8, Error> {
    session.out.write_all(schema_text().as_bytes())?;
    Ok(exit::FINE)
}

/// The schema as a file.
fn schema_text() -> String {
    format!("{:#}\n", config::schema())
}

/// Prints the completion script of a shell.
pub(super) fn completions(arguments: &Completions, session: &mut Session<'_>) -> Result<u8, Error> {
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
