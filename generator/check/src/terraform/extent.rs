//! How much a value holds.

use crate::graph::{Choice, Condition, Held, Segment, Symbol, SymbolicText, Value};

/// Bytes of text that count as one value.
const BYTES: usize = 64;

/// How much a value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// Values in it, itself included.
    pub values: usize,
    /// Values inside each other.
    pub levels: usize,
}

impl Extent {
    /// How much `held` holds.
    pub(super) fn of(held: &Held) -> Self {
        Self::of_value(&held.value)
    }

    fn of_value(value: &Value) -> Self {
        let inside = match value {
            Value::Absent | Value::Flag(_) | Value::Number(_) => Self::NOTHING,
            Value::Text(text) => Self::of_text(text),
            Value::List(items) | Value::Set(items) => Self::all(items.iter().map(Self::of)),
            Value::Map(entries) => Self::all(entries.iter().map(|(name, held)| {
                let Self { values, levels } = Self::of(held);
                Self { values: values + name.len() / BYTES, levels }
            })),
            Value::Json(held) => Self::of(held),
            Value::Choice(choice) => {
                let Choice { condition, then, otherwise } = choice.as_ref();
                Self::all([Self::of_condition(condition), Self::of(then), Self::of(otherwise)])
            }
        };
        inside.wrapped()
    }

    fn of_text(text: &SymbolicText) -> Self {
        Self::all(text.segments().iter().map(|segment| match segment {
            Segment::Literal(literal) => Self { values: literal.len() / BYTES, levels: 0 },
            Segment::Symbol(Symbol::Call(call)) => Self::all(call.arguments.iter().map(Self::of)).wrapped(),
            Segment::Symbol(_) => Self { values: 1, levels: 1 },
        }))
    }

    fn of_condition(condition: &Condition) -> Self {
        let inside = match condition {
            Condition::Always | Condition::Never => Self::NOTHING,
            Condition::Equals(left, right) => Self::all([Self::of_value(left), Self::of_value(right)]),
            Condition::Not(condition) => Self::of_condition(condition),
            Condition::All(conditions) | Condition::Any(conditions) => {
                Self::all(conditions.iter().map(Self::of_condition))
            }
        };
        inside.wrapped()
    }

    const NOTHING: Self = Self { values: 0, levels: 0 };

    fn all(extents: impl IntoIterator<Item = Self>) -> Self {
        extents.into_iter().fold(Self::NOTHING, |sum, next| Self {
            values: sum.values + next.values,
            levels: sum.levels.max(next.levels),
        })
    }

    const fn wrapped(self) -> Self {
        Self { values: self.values + 1, levels: self.levels + 1 }
    }
}
