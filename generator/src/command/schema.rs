//! `jit-runners schema`.

use super::{Error, Session};
use crate::{config, exit};

/// Prints the schema of the configuration file.
pub(super) fn run(session: &mut Session<'_>) -> Result<u8, Error> {
    session.out.write_all(text().as_bytes())?;
    Ok(exit::FINE)
}

/// The schema as a file.
pub(super) fn text() -> String {
    format!("{:#}\n", config::schema())
}
