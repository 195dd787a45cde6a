//! Compares the output in a guide with the real output.

use anyhow::{Result, ensure};
use regex_lite::Regex;

/// Compares a text with a pattern: `…` stands for anything within a line, and alone on a line for any lines.
pub(crate) fn expect(pattern: &str, printed: &str) -> Result<()> {
    // An empty output is one empty line.
    let lines: Vec<_> = pattern.trim_end().split('\n').map(str::trim_end).collect();
    let mut regex = "^".to_owned();
    for line in &lines {
        if *line == "…" {
            regex.push_str("(?:.*\n)*?");
        } else {
            let parts: Vec<_> = line.split('…').map(regex_lite::escape).collect();
            regex.push_str(&parts.join(".*"));
            regex.push_str("[ \\t]*\n");
        }
    }
    regex.push('$');
    // Removing colours and trailing blanks leaves one line end.
    let printed = format!("{}\n", printed.trim_end());
    ensure!(
        Regex::new(&regex)?.is_match(&printed),
        "the guide says:\n{}\nthe commands print:\n{printed}",
        lines.join("\n")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::expect;

    #[test]
    fn an_ellipsis_stands_for_anything() {
        assert!(expect("a…c\n", "abbc").is_ok());
        assert!(expect("…\nb\n…\n", "a\na\nb\n").is_ok());
        assert!(expect("Plan: 5 to add.", "Plan: 5 to add.\n\n").is_ok());
        assert!(expect("", "\n").is_ok());
    }

    #[test]
    fn everything_else_is_taken_at_its_word() {
        for (pattern, printed) in
            [("a", "b"), ("a.c", "abc"), ("a", "a\nb"), ("a\nb", "a"), ("a…", "b"), ("", "a")]
        {
            assert!(expect(pattern, printed).is_err(), "{pattern:?} {printed:?}");
        }
    }
}
