//! How two texts differ, for people.

use std::{io, io::Write};

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();
const CONTEXT_LINES: usize = 3;

/// Writes the unified diff that makes `new` out of what stands at `path` now.
pub(crate) fn write(writer: &mut dyn Write, path: &str, old: &[u8], new: &str) -> io::Result<()> {
    let Ok(old) = std::str::from_utf8(old) else {
        return writeln!(writer, "{path} is not text, so no differences are shown");
    };
    writeln!(writer, "{REMOVED}--- {path}{REMOVED:#}")?;
    writeln!(writer, "{ADDED}+++ {path} (generated){ADDED:#}")?;
    let diff = TextDiff::from_lines(old, new);
    for hunk in diff.unified_diff().context_radius(CONTEXT_LINES).iter_hunks() {
        writeln!(writer, "{PLACE}{}{PLACE:#}", hunk.header().to_string().trim_end())?;
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Equal => (' ', Style::new()),
                ChangeTag::Delete => ('-', REMOVED),
                ChangeTag::Insert => ('+', ADDED),
            };
            let line = change.value();
            writeln!(writer, "{style}{sign}{}{style:#}", line.strip_suffix('\n').unwrap_or(line))?;
            if change.missing_newline() {
                writeln!(writer, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}
