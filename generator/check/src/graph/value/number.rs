//! Numbers as people write them: `60`, `60.0` and `6e1` are one number.

use std::fmt;

/// A decimal number in its shortest form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(String);

impl Number {
    /// The number that `text` spells, if it spells a finite one: JSON's notation, and no other.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let leading_zero = digits.len() > 1
            && digits.starts_with('0')
            && digits[1..].starts_with(|c: char| c.is_ascii_digit());
        let plain = digits.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
        if leading_zero || !plain {
            return None;
        }
        if digits.len() <= 38 && digits.chars().all(|c| c.is_ascii_digit()) {
            let zero = digits.chars().all(|c| c == '0');
            return Some(Self(if zero { "0".to_owned() } else { text.to_owned() }));
        }
        let number: f64 = text.parse().ok()?;
        // Adding zero turns the negative one into the other.
        number.is_finite().then(|| Self((number + 0.0).to_string()))
    }

    /// Its digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<u32> for Number {
    fn from(number: u32) -> Self {
        Self(number.to_string())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn spellings_of_one_number_are_equal() {
        let number = |text| Number::parse(text).map(|number| number.to_string());
        for spelling in ["60", "60.0", "6e1", "6E+1"] {
            assert_eq!(number(spelling).as_deref(), Some("60"), "{spelling}");
        }
        assert_eq!(number("-0").as_deref(), Some("0"));
        assert_eq!(number("-0.5").as_deref(), Some("-0.5"));
        assert_eq!(number("12345678901234567890").as_deref(), Some("12345678901234567890"));
        for word in ["", "-", "012", "1_000", "0x10", "inf", "nan", ".5", "1e999", "10s", "t2", "+1"] {
            assert_eq!(number(word), None, "{word}");
        }
    }
}
