//! Parts of texts.

use crate::graph::{Expr, Piece, Text};

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
    pub(super) fn copy(&mut self, text: &Text) -> Option<Text> {
        self.0 = self.0.checked_sub(size(text))?;
        Some(text.clone())
    }
}

/// Whether `text` is short enough to stand wherever a reference to it stands.
pub(super) fn is_short(text: &Text) -> bool {
    size(text) <= MOST_CHARACTERS && text.pieces().len() <= MOST_PIECES
}

fn size(text: &Text) -> usize {
    let of_piece = |piece: &Piece| match piece {
        Piece::Literal(literal) => literal.len(),
        Piece::Expr(_) => 1,
    };
    text.pieces().iter().map(of_piece).sum()
}

/// Puts pieces of text together.
pub(super) fn text<const N: usize>(parts: [Part<'_>; N]) -> Text {
    let mut text = Text::new();
    for part in parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Expr(expr) => text.push_expr(expr),
            Part::Text(more) => text.append(more),
        }
    }
    text
}

/// A part of a text that is put together.
pub(super) enum Part<'t> {
    Literal(&'t str),
    Expr(Expr),
    Text(&'t Text),
}

/// `arn:<partition>:<service>:<region>:<account>:`
pub(super) fn arn(service: &str) -> Text {
    text([
        Part::Literal("arn:"),
        Part::Expr(Expr::Partition),
        Part::Literal(":"),
        Part::Literal(service),
        Part::Literal(":"),
        Part::Expr(Expr::Region),
        Part::Literal(":"),
        Part::Expr(Expr::AccountId),
        Part::Literal(":"),
    ])
}

/// `arn:<partition>:<service>::<account>:`
pub(super) fn arn_without_region(service: &str) -> Text {
    text([
        Part::Literal("arn:"),
        Part::Expr(Expr::Partition),
        Part::Literal(":"),
        Part::Literal(service),
        Part::Literal("::"),
        Part::Expr(Expr::AccountId),
        Part::Literal(":"),
    ])
}

/// `arn:<partition>:<service>:<region>::`
pub(super) fn arn_without_account(service: &str) -> Text {
    text([
        Part::Literal("arn:"),
        Part::Expr(Expr::Partition),
        Part::Literal(":"),
        Part::Literal(service),
        Part::Literal(":"),
        Part::Expr(Expr::Region),
        Part::Literal("::"),
    ])
}

/// What follows `start` in `text`.
pub(super) fn strip_start(text: &Text, start: &Text) -> Option<Text> {
    let mut pieces = text.pieces().iter();
    let mut rest = Text::new();
    let mut wanted = start.pieces().iter().peekable();
    while let Some(want) = wanted.next() {
        match (want, pieces.next()?) {
            (Piece::Expr(want), Piece::Expr(found)) if want == found => {}
            (Piece::Literal(want), Piece::Literal(found)) if wanted.peek().is_none() => {
                rest.push_str(found.strip_prefix(want.as_str())?);
            }
            (Piece::Literal(want), Piece::Literal(found)) if want == found => {}
            _ => return None,
        }
    }
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => rest.push_str(literal),
            Piece::Expr(expr) => rest.push_expr(expr.clone()),
        }
    }
    Some(rest)
}

/// What stands before the characters `end` at the end of `text`.
pub(super) fn strip_end(text: &Text, end: &str) -> Option<Text> {
    let (last, before) = text.pieces().split_last()?;
    let Piece::Literal(last) = last else { return None };
    let last = last.strip_suffix(end)?;
    let mut rest = Text::new();
    for piece in before {
        match piece {
            Piece::Literal(literal) => rest.push_str(literal),
            Piece::Expr(expr) => rest.push_expr(expr.clone()),
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
        assert_eq!(strip_start(&Text::literal("arn:"), &arn("sqs")), None);
        let before = text([Part::Text(&arn("sqs")), Part::Literal("jobs")]);
        assert_eq!(strip_end(&whole, "/end"), Some(before));
        assert_eq!(strip_end(&whole, "other"), None);
        assert_eq!(strip_end(&Text::from(Expr::Region), ""), None);
    }

    #[test]
    fn room_is_used_up() {
        let name = Text::literal("x".repeat(1_024));
        let mut room = Room::new();
        let copies = std::iter::from_fn(|| room.copy(&name)).count();
        assert_eq!(copies, MOST_GROWTH / 1_024);
    }

    #[test]
    fn an_endless_name_is_not_short() {
        assert!(is_short(&Text::literal("x".repeat(1_024))));
        assert!(!is_short(&Text::literal("x".repeat(1_025))));
        let mut many = Text::new();
        (0..33).for_each(|_| many.push_expr(Expr::Region));
        assert!(!is_short(&many));
    }
}
