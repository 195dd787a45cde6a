//! Text of a file for messages.

use std::fmt::Write as _;

/// Characters of a file's text that a message shows, at most. An ARN with its surroundings fits.
const MOST_SHOWN: usize = 60;

/// `text` as a message shows it: on one line, and no longer than what makes it recognisable.
pub fn excerpt(text: &str) -> String {
    let end = text.char_indices().nth(MOST_SHOWN).map_or(text.len(), |(index, _)| index);
    let mut shown = text[..end].escape_debug().to_string();
    if end < text.len() {
        // Writing to memory cannot fail.
        let _ = write!(shown, "… ({} characters)", text.chars().count());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_shortened_and_told_how_long_it_is() {
        assert_eq!(excerpt("jit-runners"), "jit-runners");
        assert_eq!(excerpt("a\nb\u{1b}"), r"a\nb\u{1b}");
        assert_eq!(excerpt(&"ä".repeat(60)), "ä".repeat(60));
        assert_eq!(excerpt(&"ä".repeat(5_000)), format!("{}… (5000 characters)", "ä".repeat(60)));
    }
}
