//! Text that stays inside its box.

/// About how wide a character of a sans-serif font is, in hundredths of the font's size: a generous mean, since nobody
/// knows which font a reader has.
const REGULAR: usize = 56;
const BOLD: usize = 62;

/// A size of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// The heading of a box.
    Title,
    /// A line in a box, or beside an arrow.
    Line,
}

impl Style {
    /// The font's size.
    pub(super) const fn size(self) -> usize {
        match self {
            Self::Title => 13,
            Self::Line => 11,
        }
    }

    /// How many characters fit into `width`.
    pub(super) fn fitting(self, width: i32) -> usize {
        let advance = match self {
            Self::Title => BOLD,
            Self::Line => REGULAR,
        };
        usize::try_from(width).unwrap_or(0) * 100 / (advance * self.size())
    }
}

/// Breaks each of `texts` between words, and inside words that are too long, so that no line is wider than `width`.
/// More than `most` lines end in an ellipsis.
pub(super) fn wrapped(texts: &[String], style: Style, width: i32, most: usize) -> Vec<String> {
    let columns = style.fitting(width).max(2);
    let mut lines: Vec<String> = texts.iter().flat_map(|text| broken(text, columns)).collect();
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            let kept: String = last.chars().take(columns - 1).collect();
            *last = format!("{}…", kept.trim_end());
        }
    }
    lines
}

fn broken(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        let used = lines.last().map_or(columns, |line| line.chars().count());
        if used + 1 + word.len() <= columns
            && let Some(line) = lines.last_mut()
        {
            line.push(' ');
            line.extend(word);
            continue;
        }
        while word.len() > columns {
            lines.push(word.drain(..columns).collect());
        }
        lines.push(word.into_iter().collect());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Style, wrapped};

    fn lines(text: &str, columns: i32, most: usize) -> Vec<String> {
        // 11 units high, 6.16 wide.
        wrapped(&[text.to_owned()], Style::Line, columns * 616 / 100 + 1, most)
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(lines("after 3 receives", 9, 9), ["after 3", "receives"]);
        assert_eq!(lines("", 9, 9), Vec::<String>::new());
    }

    #[test]
    fn long_words_break_anyway() {
        assert_eq!(lines("a abcdefghij", 4, 9), ["a", "abcd", "efgh", "ij"]);
    }

    #[test]
    fn too_many_lines_end_in_an_ellipsis() {
        assert_eq!(lines("one two three", 5, 2), ["one", "two…"]);
    }
}
