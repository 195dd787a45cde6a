//! Replaces expressions wherever they stand.

use super::{Call, Choice, Condition, Graph, Held, Node, Segment, Symbol, SymbolicText, Value};

/// Gives the text that stands in an expression's place, or nothing where the expression stays.
pub(crate) trait Rewrite: FnMut(&Symbol) -> Option<SymbolicText> {}
impl<F: FnMut(&Symbol) -> Option<SymbolicText>> Rewrite for F {}

impl Graph {
    /// Replaces expressions in everything that the graph states.
    pub(crate) fn rewrite(&mut self, with: &mut impl Rewrite) {
        self.resources.iter_mut().for_each(|node| node.rewrite(with));
        self.inputs.iter_mut().chain(&mut self.outputs).for_each(|node| node.rewrite(with));
        self.requirements.iter_mut().for_each(|requirement| requirement.rewrite(with));
    }
}

impl<K> Node<K> {
    /// Replaces expressions in its condition and its properties.
    pub(crate) fn rewrite(&mut self, with: &mut impl Rewrite) {
        if self.condition != Condition::Always {
            let condition = std::mem::replace(&mut self.condition, Condition::Always);
            self.condition = condition.rewritten(with);
        }
        self.properties.values_mut().for_each(|held| held.rewrite(with));
    }
}

impl Held {
    /// Whether `symbol` stands somewhere in the value.
    pub(crate) fn mentions(&self, symbol: &Symbol) -> bool {
        let mut found = false;
        self.clone().rewrite(&mut |other: &Symbol| {
            found |= other == symbol;
            None
        });
        found
    }

    /// Replaces expressions in the value.
    pub(crate) fn rewrite(&mut self, with: &mut impl Rewrite) {
        match &mut self.value {
            Value::Absent | Value::Flag(_) | Value::Number(_) => {}
            Value::Text(text) => text.rewrite(with),
            Value::List(items) => {
                for item in items {
                    item.rewrite(with);
                }
            }
            Value::Set(items) => {
                let mut items = std::mem::take(items);
                for item in &mut items {
                    item.rewrite(with);
                }
                self.value = Value::set(items);
            }
            Value::Map(entries) => {
                for held in entries.values_mut() {
                    held.rewrite(with);
                }
            }
            Value::Json(held) => held.rewrite(with),
            Value::Choice(_) => {
                let Value::Choice(choice) = std::mem::replace(&mut self.value, Value::Absent) else { return };
                let Choice { condition, mut then, mut otherwise } = *choice;
                then.rewrite(with);
                otherwise.rewrite(with);
                self.value = Value::choice(condition.rewritten(with), then, otherwise);
            }
        }
    }
}

impl SymbolicText {
    /// Replaces expressions in the text.
    pub(crate) fn rewrite(&mut self, with: &mut impl Rewrite) {
        if self.segments().iter().all(|segment| matches!(segment, Segment::Literal(_))) {
            return;
        }
        let mut new = Self::new();
        for segment in self.segments() {
            match segment {
                Segment::Literal(literal) => new.push_str(literal),
                Segment::Symbol(symbol) => match (with(symbol), symbol) {
                    (Some(text), _) => new.append(&text),
                    (None, Symbol::Call(Call { function, arguments })) => {
                        let mut arguments = arguments.clone();
                        for argument in &mut arguments {
                            argument.rewrite(with);
                        }
                        new.push_symbol(Symbol::Call(Call { function: *function, arguments }));
                    }
                    (None, symbol) => new.push_symbol(symbol.clone()),
                },
            }
        }
        *self = new;
    }
}

impl Condition {
    /// The same question with expressions replaced.
    pub(crate) fn rewritten(self, with: &mut impl Rewrite) -> Self {
        match self {
            Self::Always | Self::Never => self,
            Self::Equals(left, right) => {
                let mut side = |value: Value| {
                    let mut held = Held::new(value, crate::read::Place::whole("".into()));
                    held.rewrite(with);
                    held.value
                };
                Self::equals(side(*left), side(*right))
            }
            Self::Not(condition) => Self::not(condition.rewritten(with)),
            Self::All(all) => {
                let all: Vec<_> = all.into_iter().map(|condition| condition.rewritten(with)).collect();
                Self::all(all)
            }
            Self::Any(any) => {
                let any: Vec<_> = any.into_iter().map(|condition| condition.rewritten(with)).collect();
                Self::any(any)
            }
        }
    }
}
