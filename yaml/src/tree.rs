//! A tree in which every value knows where it stands.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
};

/// Where something stands. Without a position, it is the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the person named it.
    pub file: Arc<str>,
    /// Where in the file.
    pub position: Option<Position>,
}

/// A position in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
}

impl Place {
    /// The file as a whole.
    pub const fn whole(file: Arc<str>) -> Self {
        Self { file, position: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(Position { line, column }) => write!(f, "{}:{line}:{column}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Where it begins.
    pub place: Place,
    /// The tag in front of it, such as `!Sub`.
    pub tag: Option<String>,
    /// The value.
    pub value: YamlValue,
}

/// What a file can hold. Nothing is interpreted: `012` is the scalar of these three characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum YamlValue {
    /// A text, a number, a flag, or nothing.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Located>),
    /// Keys and values in the order of the file; each key once.
    Mapping(Vec<Entry>),
}

/// A scalar as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Its characters, without quotes and with escapes resolved.
    pub text: String,
    /// Whether it stood in quotes or in a block (`|`, `>`), so that it is text whatever it looks like.
    pub quoted: bool,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// Its value.
    pub value: Located,
}

impl Located {
    /// Where to point for the value that `path` leads to (keys, and indexes of lists): at a scalar itself, at the
    /// key of a list or a mapping, and at the nearest parent where the path ends early.
    pub fn place_of(&self, path: &[String]) -> Place {
        let mut node = self;
        let mut place = Place::whole(self.place.file.clone());
        for step in path {
            match &node.value {
                YamlValue::Mapping(entries) => {
                    let Some(entry) = entries.iter().find(|entry| entry.key == *step) else { break };
                    place = entry.place.clone();
                    node = &entry.value;
                }
                YamlValue::Sequence(items) => {
                    let Some(item) = step.parse::<usize>().ok().and_then(|index| items.get(index)) else {
                        break;
                    };
                    place = item.place.clone();
                    node = item;
                }
                YamlValue::Scalar(_) => break,
            }
            if matches!(node.value, YamlValue::Scalar(_)) {
                place = node.place.clone();
            }
        }
        place
    }
}

/// Characters of a file's text that a message shows, at most. An ARN with its surroundings fits.
const MOST_SHOWN: usize = 60;

/// `text` as a message shows it: on one line, and no longer than what makes it recognisable.
///
/// ```
/// use jit_runners_yaml::excerpt;
///
/// assert_eq!(excerpt("two\nlines"), "two\\nlines");
/// ```
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
