//! Calculations with known numbers.

use std::cmp::Ordering;

use super::evaluator::{Evaluator, Outcome};
use crate::{
    graph::{Held, Number, Value},
    read::Place,
};

/// A number to calculate with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Figure {
    /// A whole one.
    Whole(i128),
    /// Any other.
    Fraction(f64),
}

impl Figure {
    fn of(number: &Number) -> Option<Self> {
        let text = number.as_str();
        text.parse().map(Self::Whole).or_else(|_| text.parse().map(Self::Fraction)).ok()
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers beyond 2^53 stand in no deployment")]
    const fn fraction(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Fraction(fraction) => fraction,
        }
    }

    fn combine(
        self,
        other: Self,
        whole: fn(i128, i128) -> Option<i128>,
        fraction: fn(f64, f64) -> f64,
    ) -> Self {
        if let (Self::Whole(left), Self::Whole(right)) = (self, other)
            && let Some(result) = whole(left, right)
        {
            return Self::Whole(result);
        }
        Self::Fraction(fraction(self.fraction(), other.fraction()))
    }

    pub(super) fn plus(self, other: Self) -> Self {
        self.combine(other, i128::checked_add, |left, right| left + right)
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.combine(other, i128::checked_sub, |left, right| left - right)
    }

    pub(super) fn times(self, other: Self) -> Self {
        self.combine(other, i128::checked_mul, |left, right| left * right)
    }

    /// Division; by nothing, it is no number.
    pub(super) fn by(self, other: Self) -> Self {
        let whole = |left: i128, right: i128| {
            if left.checked_rem(right)? == 0 { left.checked_div(right) } else { None }
        };
        self.combine(other, whole, |left, right| left / right)
    }

    pub(super) fn modulo(self, other: Self) -> Self {
        self.combine(other, i128::checked_rem, |left, right| left % right)
    }

    pub(super) fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => left.cmp(&right),
            _ => self.fraction().total_cmp(&other.fraction()),
        }
    }

    pub(super) fn floor(self) -> Self {
        self.rounded(f64::floor)
    }

    pub(super) fn ceil(self) -> Self {
        self.rounded(f64::ceil)
    }

    pub(super) fn abs(self) -> Self {
        match self {
            Self::Whole(whole) => Self::Whole(whole.saturating_abs()),
            Self::Fraction(fraction) => Self::Fraction(fraction.abs()),
        }
    }

    fn rounded(self, round: fn(f64) -> f64) -> Self {
        match self {
            Self::Whole(_) => self,
            Self::Fraction(fraction) => Self::Fraction(round(fraction)),
        }
    }

    /// The whole number that it is, if it is one.
    pub(super) fn whole(self) -> Option<i128> {
        match self {
            Self::Whole(whole) => Some(whole),
            Self::Fraction(_) => None,
        }
    }
}

/// A count or an index as a value.
pub(super) fn whole(number: usize) -> Value {
    Number::parse(&number.to_string()).map_or(Value::Absent, Value::Number)
}

impl Evaluator<'_> {
    /// The known number that `held` is, or that its text spells.
    pub(super) fn figure(&mut self, what: &str, held: &Held) -> Outcome<Figure> {
        let figure = match &held.value {
            Value::Number(number) => Figure::of(number),
            Value::Text(text) => match text.as_literal() {
                Some(literal) => Number::parse(literal).as_ref().and_then(Figure::of),
                None => return self.not_known(&held.place, what, &held.value),
            },
            Value::Choice(_) | Value::Json(_) => return self.not_known(&held.place, what, &held.value),
            Value::Absent | Value::Flag(_) | Value::List(_) | Value::Set(_) | Value::Map(_) => None,
        };
        match figure {
            Some(figure) => Ok(figure),
            None => self.wrong(&held.place, what, "a number", held.value.noun().to_owned()),
        }
    }

    /// `figure` as a value.
    pub(super) fn number(&mut self, figure: Figure, place: &Place) -> Outcome<Value> {
        let text = match figure {
            Figure::Whole(whole) => whole.to_string(),
            // Terraform calculates with more digits than these, so that what follows them is our own error.
            Figure::Fraction(fraction) => format!("{fraction:.14e}"),
        };
        match Number::parse(&text) {
            Some(number) => Ok(Value::Number(number)),
            None => self.wrong(place, "the result", "a number that can be written down", format!("`{text}`")),
        }
    }
}
