//! Points, boxes and lines, in whole units of the picture, where y grows downwards; and text that stays inside its box.

/// A point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) x: i32,
    pub(super) y: i32,
}

/// A box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Rect {
    pub(super) const fn right(self) -> i32 {
        self.x + self.width
    }

    pub(super) const fn bottom(self) -> i32 {
        self.y + self.height
    }

    pub(super) const fn center_x(self) -> i32 {
        self.x + self.width / 2
    }

    pub(super) const fn center_y(self) -> i32 {
        self.y + self.height / 2
    }

    /// The smallest box around all of `rects`, if there is any.
    pub(super) fn around(rects: impl IntoIterator<Item = Self>) -> Option<Self> {
        rects.into_iter().reduce(|one, other| {
            let (x, y) = (one.x.min(other.x), one.y.min(other.y));
            Self {
                x,
                y,
                width: one.right().max(other.right()) - x,
                height: one.bottom().max(other.bottom()) - y,
            }
        })
    }

    /// This box and some room on each side.
    pub(super) const fn grown(self, left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Self {
            x: self.x - left,
            y: self.y - top,
            width: self.width + left + right,
            height: self.height + top + bottom,
        }
    }
}

/// A piece of an arrow: horizontal or vertical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) from: Point,
    pub(super) to: Point,
}

impl Segment {
    pub(super) const fn is_horizontal(self) -> bool {
        self.from.y == self.to.y
    }

    /// Where the two cross at a right angle, apart from their ends.
    pub(super) fn crossing(self, other: Self) -> Option<Point> {
        let (horizontal, vertical) = match (self.is_horizontal(), other.is_horizontal()) {
            (true, false) => (self, other),
            (false, true) => (other, self),
            _ => return None,
        };
        let inside = |value: i32, one: i32, other: i32| one.min(other) < value && value < one.max(other);
        let (x, y) = (vertical.from.x, horizontal.from.y);
        (inside(x, horizontal.from.x, horizontal.to.x) && inside(y, vertical.from.y, vertical.to.y))
            .then_some(Point { x, y })
    }
}

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
