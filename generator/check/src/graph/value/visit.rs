//! Reads values: one visitor that reaches every value, every condition and every symbol.

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
            Self::Absent | Self::Flag(_) => {}
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

#[cfg(test)]
mod tests {
    use super::{super::tests::everything, *};

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
}
