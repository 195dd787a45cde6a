//! What every command that asks the configuration says of it.

use std::{
    io::{self, Write},
    path::Path,
};

use anstyle::{AnsiColor, Style};

use crate::config::{self, Loaded};

/// How a warning begins.
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Says which configuration was used.
pub(super) fn source(writer: &mut dyn Write, loaded: &Loaded) -> io::Result<()> {
    writeln!(writer, "{}", loaded.source)
}

/// Says what is valid and was probably not meant.
pub(super) fn advice(err: &mut dyn Write, loaded: &Loaded) -> io::Result<()> {
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
pub(super) fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    if path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
