//! Beginnings of ARNs, and how much text rules may put in the place of references.

use crate::graph::{
    Symbol, SymbolicText, symbolic_text,
    value::budget::{Budget, Size},
};

/// What a name may grow to: no service takes a longer one.
const MOST_CHARACTERS: usize = 1_024;
const MOST_SEGMENTS: usize = 32;
/// What a rule may put in the place of references, all together, so that a file cannot make us write without end.
const MOST_GROWTH: usize = 16 * 1024 * 1024;
/// What a symbol weighs: it is shown as a word or two.
const SYMBOL: usize = 1;

/// How much a rule may still copy.
pub(super) struct Copies(Budget);

impl Copies {
    pub(super) const fn new() -> Self {
        Self(Budget::new(MOST_GROWTH, 0))
    }

    /// A copy of `text`, if there may be one.
    pub(super) fn copy(&mut self, text: &SymbolicText) -> Option<SymbolicText> {
        self.0.spend(Size::of(text).weight(SYMBOL)).ok()?;
        Some(text.clone())
    }
}

/// Whether `text` is short enough to stand wherever a reference to it stands.
pub(super) fn is_short(text: &SymbolicText) -> bool {
    Size::of(text).weight(SYMBOL) <= MOST_CHARACTERS && text.segments().len() <= MOST_SEGMENTS
}

/// `arn:<partition>:<service>:<region>:<account>:`
pub(super) fn arn(service: &str) -> SymbolicText {
    symbolic_text!["arn:", Symbol::Partition, ":", service, ":", Symbol::Region, ":", Symbol::AccountId, ":"]
}

/// `arn:<partition>:<service>::<account>:`
pub(super) fn arn_without_region(service: &str) -> SymbolicText {
    symbolic_text!["arn:", Symbol::Partition, ":", service, "::", Symbol::AccountId, ":"]
}

/// `arn:<partition>:<service>:<region>::`
pub(super) fn arn_without_account(service: &str) -> SymbolicText {
    symbolic_text!["arn:", Symbol::Partition, ":", service, ":", Symbol::Region, "::"]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_used_up() {
        let name = SymbolicText::literal("x".repeat(1_024));
        let mut copies = Copies::new();
        let count = std::iter::from_fn(|| copies.copy(&name)).count();
        assert_eq!(count, MOST_GROWTH / 1_024);
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
