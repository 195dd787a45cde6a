//! What several commands say: which configuration they read, what is suspicious in it, and what to type next.

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
