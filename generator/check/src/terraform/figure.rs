//! Calculations with known numbers. Terraform calculates in binary fractions of 512 bits
//! (<https://developer.hashicorp.com/terraform/language/expressions/types>), and writes all of their digits into texts: `1 / 3` has
//! 155 of them. So a calculation is followed where its numbers and its result are the same in any number of bits.

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

    #[expect(
        clippy::cast_precision_loss,
        reason = "fractions are compared with it only, and have few digits"
    )]
    const fn fraction(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Fraction(fraction) => fraction,
        }
    }

    /// The number, if it is a small multiple of 1/64: all of its digits, binary and decimal, fit into 64 bits.
    fn exact(self) -> Option<f64> {
        let fraction = self.fraction();
        let is_exact = fraction.abs() < f64::from(1_u32 << 20) && (fraction * 64.0).fract() == 0.0;
        is_exact.then_some(fraction)
    }

    /// The result, if it is exact.
    fn combine(
        self,
        other: Self,
        whole: fn(i128, i128) -> Option<i128>,
        fraction: fn(f64, f64) -> f64,
    ) -> Option<Self> {
        if let (Self::Whole(left), Self::Whole(right)) = (self, other)
            && let Some(result) = whole(left, right)
        {
            // Beyond 512 bits Terraform rounds; these have 128.
            return Some(Self::Whole(result));
        }
        Self::Fraction(fraction(self.exact()?, other.exact()?)).exact().map(Self::Fraction)
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        self.combine(other, i128::checked_add, |left, right| left + right)
    }

    pub(super) fn minus(self, other: Self) -> Option<Self> {
        self.combine(other, i128::checked_sub, |left, right| left - right)
    }

    pub(super) fn times(self, other: Self) -> Option<Self> {
        self.combine(other, i128::checked_mul, |left, right| left * right)?.without_sign(self, other)
    }

    /// Division. Division by zero gives no number.
    pub(super) fn by(self, other: Self) -> Option<Self> {
        let whole = |left: i128, right: i128| {
            if left.checked_rem(right)? == 0 { left.checked_div(right) } else { None }
        };
        // A quotient that is rounded to a multiple of 1/64 is not one.
        let quotient = self.combine(other, whole, |left, right| left / right)?;
        let is_exact = match (quotient, other) {
            (Self::Fraction(quotient), other) => {
                (quotient * other.fraction()).total_cmp(&self.fraction()).is_eq()
            }
            (Self::Whole(_), _) => true,
        };
        if is_exact { quotient.without_sign(self, other) } else { None }
    }

    pub(super) fn modulo(self, other: Self) -> Option<Self> {
        self.combine(other, i128::checked_rem, |left, right| left % right)
    }

    /// This, unless it is a zero that Terraform writes as `-0`.
    fn without_sign(self, left: Self, right: Self) -> Option<Self> {
        let is_negative = |figure: Self| figure.fraction() < 0.0;
        let is_zero = self.compare(Self::Whole(0)).is_eq() || self.fraction() == 0.0;
        (!is_zero || !(is_negative(left) || is_negative(right))).then_some(self)
    }

    /// Nothing for zero, which Terraform writes as `-0`.
    pub(super) fn negated(self) -> Option<Self> {
        match self {
            Self::Whole(0) => None,
            Self::Whole(whole) => whole.checked_neg().map(Self::Whole),
            Self::Fraction(fraction) => Some(Self::Fraction(-fraction)),
        }
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

impl Evaluator<'_> {
    /// The known number that `held` is, or that its text spells.
    pub(super) fn figure(&mut self, what: &str, held: &Held) -> Outcome<Figure> {
        let figure = match &held.value {
            Value::Number(number) => Figure::of(number),
            Value::Text(text) => match text.as_literal() {
                Some(literal) => match Number::parse(literal) {
                    Some(_) if !Number::keeps(literal) => return self.too_long(literal, &held.place),
                    number => number.as_ref().and_then(Figure::of),
                },
                None => return self.not_known(&held.place, what, &held.value),
            },
            Value::Choice(_) | Value::Json(_) => return self.not_known(&held.place, what, &held.value),
            Value::Absent | Value::Null | Value::Flag(_) | Value::List(_) | Value::Set(_) | Value::Map(_) => {
                None
            }
        };
        match figure {
            Some(figure) => Ok(figure),
            None => self.wrong(&held.place, what, "a number", held.value.noun().to_owned()),
        }
    }

    /// `figure` as a value; nothing is refused where a calculation is not exact.
    pub(super) fn number(&mut self, figure: Option<Figure>, place: &Place) -> Outcome<Value> {
        let text = match figure {
            Some(Figure::Whole(whole)) => whole.to_string(),
            Some(Figure::Fraction(fraction)) => fraction.to_string(),
            None => {
                let what = "a calculation with fractions, with very large numbers, or with the result `-0`";
                return self.outside(place, what, "Terraform calculates with 512 bits: write the result");
            }
        };
        match Number::parse(&text) {
            Some(number) => Ok(Value::Number(number)),
            None => self.wrong(place, "the result", "a number that can be written down", format!("`{text}`")),
        }
    }

    /// Refuses a number with more digits than are compared.
    pub(super) fn too_long<T>(&mut self, digits: &str, place: &Place) -> Outcome<T> {
        let digits: String = digits.chars().take(40).collect();
        self.outside(
            place,
            format!("the number `{digits}`"),
            "write at most 15 digits, and zero without a sign",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calculations_are_exact_or_nothing() {
        let shown = |figure: Option<Figure>| figure.map(Figure::fraction);
        let (one, three, half, tenth) =
            (Figure::Whole(1), Figure::Whole(3), Figure::Fraction(0.5), Figure::Fraction(0.1));
        assert_eq!(shown(half.plus(three)), Some(3.5));
        assert_eq!(shown(half.times(half)), Some(0.25));
        assert_eq!(shown(three.by(half)), Some(6.0));
        assert_eq!(shown(three.by(Figure::Whole(2))), Some(1.5));
        assert_eq!(shown(three.modulo(Figure::Whole(2))), Some(1.0));
        assert_eq!(shown(tenth.negated().map(Figure::floor).and_then(|floor| floor.plus(one))), Some(0.0));
        let minus_one = Figure::Whole(-1);
        assert_eq!(shown(minus_one.plus(one)), Some(0.0));
        for negative_zero in [minus_one.times(Figure::Whole(0)), Figure::Whole(0).negated()] {
            assert_eq!(shown(negative_zero), None);
        }
        for inexact in [one.by(three), one.by(Figure::Whole(0)), tenth.plus(half), tenth.times(three)] {
            assert_eq!(shown(inexact), None);
        }
    }
}
