//! `jit-runners init`.

use super::{Error, Reason, Session, schema};
use crate::{cli::Init, config, disk, exit};

const SCHEMA_FILE: &str = "jit-runners.schema.json";

/// Writes the configuration file and its schema.
pub(super) fn run(arguments: &Init, session: &mut Session<'_>) -> Result<u8, Error> {
    let schema_file = arguments.config.with_file_name(SCHEMA_FILE);
    // The configuration is last: once it is there, so is what its first line refers to.
    let files = [(&schema_file, schema::text()), (&arguments.config, config::template(SCHEMA_FILE))];
    if !arguments.force {
        let mut there = Vec::new();
        for (path, text) in &files {
            let is_ours = *path == &schema_file && disk::holds(path, text);
            if disk::exists(path) && !is_ours {
                there.push(path.display().to_string());
            }
        }
        if !there.is_empty() {
            return Err(Reason::AlreadyThere { paths: there }.into());
        }
    }
    for (path, text) in &files {
        disk::write(path, text)?;
        writeln!(session.out, "wrote {}", path.display())?;
    }
    writeln!(session.out, "Remove a `#` to change a choice, then run: {} generate", session.program)?;
    Ok(exit::FINE)
}
