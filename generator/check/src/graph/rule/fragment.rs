//! Parts of texts.

use crate::graph::{Segment, Symbol, SymbolicText};

/// What a name may grow to: no service takes a longer one.
const MOST_CHARACTERS: usize = 1_024;
const MOST_PIECES: usize = 32;
/// What a rule may put in the place of references, all together, so that a file cannot make us write without end.
const MOST_GROWTH: usize = 16 * 1024 * 1024;

/// How much a rule may still write.
pub(super) struct Room(usize);

impl Room {
    pub(super) const fn new() -> Self {
        Self(MOST_GROWTH)
    }

    /// `text`, if it still fits.
    pub(super) fn copy(&mut self, text: &SymbolicText) -> Option<SymbolicText> {
        self.0 = self.0.checked_sub(size(text))?;
        Some(text.clone())
    }
}

/// Whether `text` is short enough to stand wherever a reference to it stands.
pub(super) fn is_short(text: &SymbolicText) -> bool {
    size(text) <= MOST_CHARACTERS && text.segments().len() <= MOST_PIECES
}

fn size(text: &SymbolicText) -> usize {
    let of_piece = |segment: &Segment| match segment {
        Segment::Literal(literal) => literal.len(),
        Segment::Symbol(_) => 1,
    };
    text.segments().iter().map(of_piece).sum()
}

/// Puts pieces of text together.
pub(super) fn text<const N: usize>(parts: [Part<'_>; N]) -> SymbolicText {
    let mut text = SymbolicText::new();
    for part in parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Symbol(symbol) => text.push_symbol(symbol),
            Part::Text(more) => text.append(more),
        }
    }
    text
}

/// A part of a text that is put together.
pub(super) enum Part<'t> {
    Literal(&'t str),
    Symbol(Symbol),
    Text(&'t SymbolicText),
}

/// `arn:<partition>:<service>:<region>:<account>:`
pub(super) fn arn(service: &str) -> SymbolicText {
    text([
        Part::Literal("arn:"),
        Part::Symbol(Symbol::Partition),
        Part::Literal(":"),
        Part::Literal(service),
        Part::Literal(":"),
        Part::Symbol(Symbol::Region),
        Part::Literal(":"),
        Part::Symbol(Symbol::AccountId),
        Part::Literal(":"),
    ])
}

/// `arn:<partition>:<service>::<account>:`
pub(super) fn arn_without_region(service: &str) -> SymbolicText {
    text([
        Part::Literal("arn:"),
        Part::Symbol(Symbol::Partition),
        Part::Literal(":"),
        Part::Literal(service),
        Part::Literal("::"),
        Part::Symbol(Symbol::AccountId),
        Part::Literal(":"),
    ])
}

/// `arn:<partition>:<service>:<region>::`
pub(super) fn arn_without_account(service: &str) -> SymbolicText {
    text([
        Part::Literal("arn:"),
        Part::Symbol(Symbol::Partition),
        Part::Literal(":"),
        Part::Literal(service),
        Part::Literal(":"),
        Part::Symbol(Symbol::Region),
        Part::Literal("::"),
    ])
}

/// What follows `start` in `text`.
pub(super) fn strip_start(text: &SymbolicText, start: &SymbolicText) -> Option<SymbolicText> {
    let mut segments = text.segments().iter();
    let mut rest = SymbolicText::new();
    let mut wanted = start.segments().iter().peekable();
    while let Some(want) = wanted.next() {
        match (want, segments.next()?) {
            (Segment::Symbol(want), Segment::Symbol(found)) if want == found => {}
            (Segment::Literal(want), Segment::Literal(found)) if wanted.peek().is_none() => {
                rest.push_str(found.strip_prefix(want.as_str())?);
            }
            (Segment::Literal(want), Segment::Literal(found)) if want == found => {}
            _ => return None,
        }
    }
    for segment in segments {
        match segment {
            Segment::Literal(literal) => rest.push_str(literal),
            Segment::Symbol(symbol) => rest.push_symbol(symbol.clone()),
        }
    }
    Some(rest)
}

/// What stands before the characters `end` at the end of `text`.
pub(super) fn strip_end(text: &SymbolicText, end: &str) -> Option<SymbolicText> {
    let (last, before) = text.segments().split_last()?;
    let Segment::Literal(last) = last else { return None };
    let last = last.strip_suffix(end)?;
    let mut rest = SymbolicText::new();
    for segment in before {
        match segment {
            Segment::Literal(literal) => rest.push_str(literal),
            Segment::Symbol(symbol) => rest.push_symbol(symbol.clone()),
        }
    }
    rest.push_str(last);
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_and_ends_come_off() {
        let whole = text([Part::Text(&arn("sqs")), Part::Literal("jobs/end")]);
        assert_eq!(strip_start(&whole, &arn("sqs")).unwrap().as_literal(), Some("jobs/end"));
        assert_eq!(strip_start(&whole, &arn("sns")), None);
        assert_eq!(strip_start(&SymbolicText::literal("arn:"), &arn("sqs")), None);
        let before = text([Part::Text(&arn("sqs")), Part::Literal("jobs")]);
        assert_eq!(strip_end(&whole, "/end"), Some(before));
        assert_eq!(strip_end(&whole, "other"), None);
        assert_eq!(strip_end(&SymbolicText::from(Symbol::Region), ""), None);
    }

    #[test]
    fn room_is_used_up() {
        let name = SymbolicText::literal("x".repeat(1_024));
        let mut room = Room::new();
        let copies = std::iter::from_fn(|| room.copy(&name)).count();
        assert_eq!(copies, MOST_GROWTH / 1_024);
    }

    #[test]
    fn an_endless_name_is_not_short() {
        assert!(is_short(&SymbolicText::literal("x".repeat(1_024))));
        assert!(!is_short(&SymbolicText::literal("x".repeat(1_025))));
        let mut many = SymbolicText::new();
        (0..33).for_each(|_| many.push_symbol(Symbol::Region));
        assert!(!is_short(&many));
    }
}
