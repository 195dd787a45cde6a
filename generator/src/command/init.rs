//! `jit-runners init`.

use std::path::Path;

use super::{Error, Reason, Session, generate, schema};
use crate::{cli::Init, config, disk, exit};

const SCHEMA_FILE: &str = "jit-runners.schema.json";

/// Writes the configuration file and its schema.
pub(super) fn run(arguments: &Init, session: &mut Session<'_>) -> Result<u8, Error> {
    let schema_file = arguments.config.with_file_name(SCHEMA_FILE);
    if disk::is_same(&schema_file, &arguments.config) {
        return Err(Reason::TakenBySchema { path: arguments.config.display().to_string() }.into());
    }
    // The configuration is last: once it is there, so is what its first line refers to.
    let (schema, template) = (schema::text(), config::template(SCHEMA_FILE));
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
