//! What Mermaid takes as text (<https://mermaid.js.org/syntax/flowchart.html#special-characters-that-break-syntax>).

/// A label of these lines, in quotes. Characters with a meaning become entity codes.
pub(crate) fn quoted<S: AsRef<str>>(lines: &[S]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escaped(line.as_ref())).collect();
    format!("\"{}\"", lines.join("<br/>"))
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => safe.push_str("#quot;"),
            '<' => safe.push_str("#lt;"),
            '>' => safe.push_str("#gt;"),
            '&' => safe.push_str("#amp;"),
            '#' => safe.push_str("#35;"),
            // Text between backticks would be read as Markdown.
            '`' => safe.push_str("#96;"),
            other => safe.push(other),
        }
    }
    safe
}
