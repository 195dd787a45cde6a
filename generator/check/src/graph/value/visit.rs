//! Reads values: one visitor that reaches every value, every condition and every symbol, one way of weighing, and one budget.
//!
//! A short file can mean very much, by copies of copies. So whoever copies or makes values weighs them and pays from a
//! budget. What a value costs, and how much there is, stands with the users.

use std::collections::BTreeMap;

use super::{Call, Choice, Condition, Held, Segment, Symbol, SymbolicText, Value};

/// Is shown everything inside a value, from the outside to the inside. A method that looks at a part and still wants to
/// see what is in it calls the part's [`Visit::visit_inside`].
pub(crate) trait Visitor<'v>: Sized {
    /// A value.
    fn value(&mut self, value: &'v Value) {
        value.visit_inside(self);
    }

    /// A condition: a choice's, or a part of another one.
    fn condition(&mut self, condition: &'v Condition) {
        condition.visit_inside(self);
    }

    /// A symbol in a text.
    fn symbol(&mut self, symbol: &'v Symbol) {
        symbol.visit_inside(self);
    }

    /// Characters that mean themselves: of a text, a number, or the name of an entry.
    fn characters(&mut self, _characters: &'v str) {}
}

/// What a [`Visitor`] can be shown.
pub(crate) trait Visit {
    /// Shows `visitor` this.
    fn visit<'v>(&'v self, visitor: &mut impl Visitor<'v>);

    /// Shows `visitor` what is directly inside this.
    fn visit_inside<'v>(&'v self, visitor: &mut impl Visitor<'v>);

    /// Gives every symbol to `found`, those in the arguments of calls included.
    fn symbols<'v>(&'v self, found: impl FnMut(&'v Symbol)) {
        self.visit(&mut Symbols(found));
    }

    /// Whether `is_wanted` holds for any symbol.
    fn has_symbol(&self, mut is_wanted: impl FnMut(&Symbol) -> bool) -> bool {
        let mut found = false;
        self.symbols(|symbol| found = found || is_wanted(symbol));
        found
    }
}

/// Gives away every symbol.
struct Symbols<F>(F);

impl<'v, F: FnMut(&'v Symbol)> Visitor<'v> for Symbols<F> {
    fn symbol(&mut self, symbol: &'v Symbol) {
        (self.0)(symbol);
        symbol.visit_inside(self);
    }
}

impl Visit for Held {
    fn visit<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        visitor.value(&self.value);
    }

    fn visit_inside<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        self.value.visit_inside(visitor);
    }
}

impl Visit for Value {
    fn visit<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        visitor.value(self);
    }

    fn visit_inside<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        match self {
            Self::Absent | Self::Null | Self::Flag(_) => {}
            Self::Number(number) => visitor.characters(number.as_str()),
            Self::Text(text) => text.visit(visitor),
            Self::List(items) | Self::Set(items) => items.visit(visitor),
            Self::Map(entries) => entries.visit(visitor),
            Self::Json(held) => held.visit(visitor),
            Self::Choice(choice) => {
                let Choice { condition, then, otherwise } = choice.as_ref();
                condition.visit(visitor);
                then.visit(visitor);
                otherwise.visit(visitor);
            }
        }
    }
}

impl Visit for SymbolicText {
    fn visit<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        self.visit_inside(visitor);
    }

    fn visit_inside<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        for segment in self.segments() {
            match segment {
                Segment::Literal(literal) => visitor.characters(literal),
                Segment::Symbol(symbol) => visitor.symbol(symbol),
            }
        }
    }
}

impl Visit for Symbol {
    fn visit<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        visitor.symbol(self);
    }

    fn visit_inside<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        if let Self::Call(Call { function: _, arguments }) = self {
            arguments.visit(visitor);
        }
    }
}

impl Visit for Condition {
    fn visit<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        visitor.condition(self);
    }

    fn visit_inside<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        match self {
            Self::Always | Self::Never => {}
            Self::Equals(left, right) => {
                left.visit(visitor);
                right.visit(visitor);
            }
            Self::Not(condition) => condition.visit(visitor),
            Self::All(several) | Self::Any(several) => {
                for condition in several {
                    condition.visit(visitor);
                }
            }
        }
    }
}

impl Visit for BTreeMap<String, Held> {
    fn visit<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        self.visit_inside(visitor);
    }

    fn visit_inside<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        for (name, held) in self {
            visitor.characters(name);
            held.visit(visitor);
        }
    }
}

impl Visit for Vec<Held> {
    fn visit<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        self.visit_inside(visitor);
    }

    fn visit_inside<'v>(&'v self, visitor: &mut impl Visitor<'v>) {
        for held in self {
            held.visit(visitor);
        }
    }
}

impl Held {
    /// Whether `symbol` stands somewhere in the value.
    pub(crate) fn mentions(&self, symbol: &Symbol) -> bool {
        self.has_symbol(|other| other == symbol)
    }
}

/// How much something holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Size {
    /// Values, conditions and symbols in it, itself included.
    pub values: usize,
    /// Bytes of its texts, numbers and names.
    pub bytes: usize,
    /// How many values, conditions and symbols stand inside each other.
    pub levels: usize,
}

impl Size {
    /// How much `whole` holds.
    pub(crate) fn of(whole: &impl Visit) -> Self {
        let mut scale = Scale::default();
        whole.visit(&mut scale);
        scale.size
    }

    /// Its bytes, with `value` bytes for each value.
    pub(crate) const fn weight(self, value: usize) -> usize {
        self.values.saturating_mul(value).saturating_add(self.bytes)
    }
}

#[derive(Default)]
struct Scale {
    size: Size,
    level: usize,
}

impl Scale {
    fn inside(&mut self, whole: &impl Visit) {
        self.size.values += 1;
        self.level += 1;
        self.size.levels = self.size.levels.max(self.level);
        whole.visit_inside(self);
        self.level -= 1;
    }
}

impl<'v> Visitor<'v> for Scale {
    fn value(&mut self, value: &'v Value) {
        self.inside(value);
    }

    fn condition(&mut self, condition: &'v Condition) {
        self.inside(condition);
    }

    fn symbol(&mut self, symbol: &'v Symbol) {
        self.inside(symbol);
    }

    fn characters(&mut self, characters: &'v str) {
        self.size.bytes += characters.len();
    }
}

/// What is left of a number of bytes, and of a number of levels.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: usize,
    levels: usize,
    is_exceeded: bool,
}

/// There was not enough left. From here on, nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded {
    /// Whether it happened for the first time: one message is enough.
    pub is_first: bool,
}

impl Budget {
    /// `bytes` and `levels`, all of them left.
    pub(crate) const fn new(bytes: usize, levels: usize) -> Self {
        Self { bytes, levels, is_exceeded: false }
    }

    /// Takes `bytes`.
    pub(crate) fn spend(&mut self, bytes: usize) -> Result<(), Exceeded> {
        match self.bytes.checked_sub(bytes) {
            Some(left) if !self.is_exceeded => {
                self.bytes = left;
                Ok(())
            }
            _ => Err(Exceeded { is_first: !std::mem::replace(&mut self.is_exceeded, true) }),
        }
    }

    /// Takes one level; whether there was one.
    pub(crate) const fn enter(&mut self) -> bool {
        match self.levels.checked_sub(1) {
            Some(left) => {
                self.levels = left;
                true
            }
            None => false,
        }
    }

    /// Gives a level back.
    pub(crate) const fn leave(&mut self) {
        self.levels += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{everything, held, input, is_set},
        *,
    };

    /// Everything that a visitor is shown, in a line.
    #[derive(Default)]
    struct Log(Vec<String>);

    impl<'v> Visitor<'v> for Log {
        fn value(&mut self, value: &'v Value) {
            self.0.push(value.noun().to_owned());
            value.visit_inside(self);
        }

        fn condition(&mut self, condition: &'v Condition) {
            self.0.push("a condition".to_owned());
            condition.visit_inside(self);
        }

        fn symbol(&mut self, symbol: &'v Symbol) {
            self.0.push(symbol.to_string());
            symbol.visit_inside(self);
        }

        fn characters(&mut self, characters: &'v str) {
            self.0.push(characters.to_owned());
        }
    }

    #[test]
    fn the_visitor_reaches_everything() {
        let everything = everything();
        let mut log = Log::default();
        everything.visit(&mut log);
        for place in
            ["Flag", "All", "Any", "Then", "Otherwise", "List", "Set", "Map", "Json", "Call", "Nested"]
        {
            let name = format!("<{place}>");
            assert!(log.0.contains(&name), "{place}: {:?}", log.0);
            let input = Symbol::Input(place.into());
            assert!(everything.has_symbol(|symbol| *symbol == input), "{place}");
        }
        for characters in ["key", "before ", "7"] {
            assert!(log.0.iter().any(|found| found == characters), "{characters}");
        }
        assert!(!everything.has_symbol(|symbol| *symbol == Symbol::AccountId));
    }

    #[track_caller]
    fn check(whole: &impl Visit, values: usize, bytes: usize, levels: usize) {
        assert_eq!(Size::of(whole), Size { values, bytes, levels });
    }

    #[test]
    fn values_texts_and_conditions_weigh() {
        check(&Value::Absent, 1, 0, 1);
        check(&Value::from(1234), 1, 4, 1);
        check(&Value::from("text"), 1, 4, 1);
        check(&Value::Text(input("A")), 2, 0, 2);
        check(&input("A"), 1, 0, 1);
        check(&Value::Map([("key".to_owned(), held("text"))].into()), 2, 7, 2);
        // Not, the comparison, two texts, one symbol.
        check(&is_set("A"), 5, 0, 4);
        // The condition is turned round: the comparison, two texts, one symbol.
        check(&Value::choice(is_set("A"), held("a"), held("b")), 7, 2, 4);
        assert_eq!(Size { values: 3, bytes: 5, levels: 1 }.weight(16), 53);
    }

    #[test]
    fn a_budget_is_exceeded_once() {
        let mut budget = Budget::new(10, 1);
        assert_eq!(budget.spend(6), Ok(()));
        assert_eq!(budget.spend(4), Ok(()));
        assert_eq!(budget.spend(0), Ok(()));
        assert_eq!(budget.spend(1), Err(Exceeded { is_first: true }));
        assert_eq!(budget.spend(0), Err(Exceeded { is_first: false }));
    }

    #[test]
    fn levels_come_back() {
        let mut budget = Budget::new(0, 1);
        assert!(budget.enter());
        assert!(!budget.enter());
        budget.leave();
        assert!(budget.enter());
    }
}
