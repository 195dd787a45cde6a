//! Characters as Terraform has them.
//!
//! All of its texts are in the composed form of Unicode (NFC), so that two texts that look the same are the same
//! (<https://developer.hashicorp.com/terraform/language/expressions/strings>). A template's texts are as they are written. What
//! Terraform counts as one character is a grapheme cluster
//! (<https://developer.hashicorp.com/terraform/language/functions/length>).

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use unicode_segmentation::UnicodeSegmentation as _;

use super::evaluator::{Evaluator, Outcome};
use crate::{
    graph::{Held, Segment, SymbolicText, Value},
    read::Place,
};

/// `text` in the composed form.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { ComposingNormalizerBorrowed::new_nfc().normalize(text) }
}

/// Brings all texts in `held` that are known, and all names, into the composed form.
pub(super) fn compose(held: &mut Held) {
    match &mut held.value {
        Value::Text(text) => {
            if let Some(literal) = text.as_literal()
                && let Cow::Owned(literal) = composed(literal)
            {
                *text = SymbolicText::literal(literal);
            }
        }
        Value::Map(entries) => {
            let entries = std::mem::take(entries).into_iter();
            let renamed = entries.map(|(name, mut held)| {
                compose(&mut held);
                (if name.is_ascii() { name } else { composed(&name).into_owned() }, held)
            });
            held.value = Value::Map(renamed.collect());
        }
        value => value.change_inside(&mut compose),
    }
}

/// What Terraform counts as characters.
pub(super) fn characters(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true)
}

/// How many characters Terraform counts.
pub(super) fn count(text: &str) -> usize {
    characters(text).count()
}

/// `upper`: each character by itself, as Go has it (<https://pkg.go.dev/unicode#ToUpper>). One for which Unicode has a longer
/// text only, such as `ß`, stays as it is. Nothing, where Unicode may have both.
pub(super) fn upper(text: &str) -> Option<String> {
    text.chars().map(upper_of).collect()
}

/// `lower`, in the same way: a sigma is the same at the end of a word.
pub(super) fn lower(text: &str) -> String {
    // This one alone has a longer small form, and also a letter of its own.
    text.chars().map(|c| if c == '\u{130}' { 'i' } else { only(c, c.to_lowercase()) }).collect()
}

/// `title`: each word with a capital letter (<https://pkg.go.dev/strings#Title>). Nothing, where the first letter of a word has
/// a form of its own there, or may have one.
pub(super) fn title(text: &str) -> Option<String> {
    let mut titled = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        let is_inside =
            before.is_alphanumeric() || before == '_' || !before.is_ascii() && !before.is_whitespace();
        titled.push(match c {
            _ if is_inside => c,
            // Two letters in one, of which the first is a capital; and Georgian, which has no capitals here.
            '\u{1c4}'..='\u{1cc}' | '\u{1f1}'..='\u{1f3}' | '\u{10d0}'..='\u{10ff}' => return None,
            _ => upper_of(c)?,
        });
        before = c;
    }
    Some(titled)
}

fn upper_of(c: char) -> Option<char> {
    // Greek letters with a subscript have a single capital, too.
    let has_both = matches!(c, '\u{1f80}'..='\u{1fff}') && c.to_uppercase().len() > 1;
    (!has_both).then(|| only(c, c.to_uppercase()))
}

/// What stands for `c`, if it is one character; otherwise `c`.
fn only(c: char, mut others: impl Iterator<Item = char>) -> char {
    match (others.next(), others.next()) {
        (Some(other), None) => other,
        _ => c,
    }
}

/// Whether the beginning of `text` may become one character with what stands before it.
fn joins_backwards(text: &str) -> bool {
    let Some(first) = text.chars().next().filter(|first| !first.is_ascii()) else { return false };
    // A letter, and syllables that go on (<https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries>).
    ['a', '\u{1100}', '\u{ac00}'].into_iter().any(|before| count(&format!("{before}{first}")) == 1)
}

impl Evaluator<'_> {
    /// `text` in the composed form, as far as it is known.
    pub(super) fn composed(&mut self, text: SymbolicText, place: &Place) -> Outcome<SymbolicText> {
        let is_plain =
            |segment: &Segment| !matches!(segment, Segment::Literal(literal) if !literal.is_ascii());
        if text.segments().iter().all(is_plain) {
            return Ok(text);
        }
        let mut whole = SymbolicText::new();
        for segment in text.segments() {
            match segment {
                Segment::Literal(literal) if !whole.segments().is_empty() && joins_backwards(literal) => {
                    let what = "a character that may become one with the value before it";
                    return self.outside(place, what, "put another character between them");
                }
                Segment::Literal(literal) => whole.push_str(&composed(literal)),
                Segment::Symbol(symbol) => whole.push_symbol(symbol.clone()),
            }
        }
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_the_same_are_the_same() {
        assert_eq!(composed("e\u{301}"), "\u{e9}");
        assert_eq!(composed("\u{1112}\u{1161}\u{11ab}"), "\u{d55c}");
        assert_eq!(composed("\u{2126}"), "\u{3a9}");
        for text in ["\u{301}x", "\u{1161}", "\u{11ab}"] {
            assert!(joins_backwards(text), "{text:?}");
        }
        for text in ["", "a\u{301}", "\u{e9}"] {
            assert!(!joins_backwards(text), "{text:?}");
        }
    }

    #[test]
    fn characters_are_what_people_see() {
        assert_eq!(count("a\r\n"), 2);
        assert_eq!(count("\u{1f1e9}\u{1f1ea}\u{1f468}\u{200d}\u{1f469}"), 2);
    }

    // As `terraform console` has it.
    #[test]
    fn capitals_are_those_of_single_characters() {
        let capitals = "\u{149}\u{df}\u{130}I\u{1c4}";
        assert_eq!(upper("\u{149}\u{df}\u{130}\u{131}\u{1c6}").as_deref(), Some(capitals));
        assert_eq!(upper("\u{1fb3}"), None);
        assert_eq!(lower("\u{130}\u{391}\u{3a3}\u{1e9e}\u{1fbc}"), "i\u{3b1}\u{3c3}\u{df}\u{1fb3}");
        assert_eq!(title("\u{e9}-a_b c.d \u{df}a").as_deref(), Some("\u{c9}-A_b C.D \u{df}a"));
        assert_eq!(title("\u{1c6}a"), None);
    }
}
