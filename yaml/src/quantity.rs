//! Quantities carry their unit: `256 MiB`, `2 min`, `14 days`. One number, one blank, one unit.

use std::time::Duration;

use jit_runners_model::{Mebibytes, RetentionDays, Seconds, Timeout};

use crate::{
    problem::ProblemKind,
    scalar::{as_written, nearest},
    tree::Scalar,
};

/// A quantity with a unit.
pub trait Quantity: Copy {
    /// Units that are accepted, the smallest first, and how many of the smallest each is.
    const UNITS: &'static [(&'static str, u32)];
    /// Other spellings that people may use, in lower case, likewise. They are refused, and the message translates.
    const MEANT: &'static [(&'static str, u32)];

    /// What is expected, in words, where `most` of the smallest unit is the most.
    fn expected(most: u32) -> String;
    /// The quantity of so many of the smallest unit.
    fn new(amount: u32) -> Option<Self>;
    /// How many of the smallest unit.
    fn amount(self) -> u32;
    /// The quantity that is nearest to `amount`.
    fn nearest(amount: u32) -> u32;

    /// How it is written: in the smallest unit, if no larger one fits.
    fn written(self) -> String {
        written::<Self>(self.amount())
    }
}

impl Quantity for Mebibytes {
    const UNITS: &'static [(&'static str, u32)] = &[("MiB", 1), ("GiB", 1_024)];
    const MEANT: &'static [(&'static str, u32)] = &[
        ("", 1),
        ("m", 1),
        ("mi", 1),
        ("mb", 1),
        ("mib", 1),
        ("megabytes", 1),
        ("mebibytes", 1),
        ("g", 1_024),
        ("gi", 1_024),
        ("gb", 1_024),
        ("gib", 1_024),
        ("gigabytes", 1_024),
        ("gibibytes", 1_024),
    ];

    fn expected(most: u32) -> String {
        format!("memory in MiB or GiB, from {} MiB to {most} MiB", Self::MIN)
    }
    fn new(amount: u32) -> Option<Self> {
        Self::new(amount).ok()
    }
    fn amount(self) -> u32 {
        self.get()
    }
    fn nearest(amount: u32) -> u32 {
        amount.clamp(Self::MIN, Self::MAX)
    }
}

impl Quantity for Timeout {
    const UNITS: &'static [(&'static str, u32)] = &[("s", 1), ("min", 60)];
    const MEANT: &'static [(&'static str, u32)] = &[
        ("", 1),
        ("s", 1),
        ("sec", 1),
        ("secs", 1),
        ("second", 1),
        ("seconds", 1),
        ("m", 60),
        ("min", 60),
        ("mins", 60),
        ("minute", 60),
        ("minutes", 60),
        ("h", 3_600),
        ("hour", 3_600),
        ("hours", 3_600),
    ];

    fn expected(most: u32) -> String {
        format!("a time in s or min, from {} s to {}", Self::MIN, written::<Self>(most))
    }
    fn new(amount: u32) -> Option<Self> {
        Self::new(Seconds::new(amount)).ok()
    }
    fn amount(self) -> u32 {
        self.seconds().get()
    }
    fn nearest(amount: u32) -> u32 {
        amount.clamp(Self::MIN, Self::MAX)
    }
}

impl Quantity for RetentionDays {
    const UNITS: &'static [(&'static str, u32)] = &[("days", 1)];
    const MEANT: &'static [(&'static str, u32)] = &[
        ("", 1),
        ("d", 1),
        ("day", 1),
        ("days", 1),
        ("w", 7),
        ("week", 7),
        ("weeks", 7),
        ("month", 30),
        ("months", 30),
        ("y", 365),
        ("year", 365),
        ("years", 365),
    ];

    fn expected(_: u32) -> String {
        format!(
            "a period that CloudWatch Logs offers: {} days",
            Self::OFFERED.map(|days| days.to_string()).join(", ")
        )
    }
    fn new(amount: u32) -> Option<Self> {
        Self::new(amount).ok()
    }
    fn amount(self) -> u32 {
        self.get()
    }
    fn nearest(amount: u32) -> u32 {
        Self::OFFERED.into_iter().min_by_key(|offered| offered.abs_diff(amount)).unwrap_or(amount)
    }
}

/// The longest time that can be written.
const LONGEST: u32 = 40 * 86_400_000;

impl Quantity for Duration {
    const UNITS: &'static [(&'static str, u32)] =
        &[("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000), ("days", 86_400_000)];
    const MEANT: &'static [(&'static str, u32)] = &[
        ("", 1_000),
        ("ms", 1),
        ("millis", 1),
        ("milliseconds", 1),
        ("s", 1_000),
        ("sec", 1_000),
        ("secs", 1_000),
        ("second", 1_000),
        ("seconds", 1_000),
        ("m", 60_000),
        ("min", 60_000),
        ("mins", 60_000),
        ("minute", 60_000),
        ("minutes", 60_000),
        ("h", 3_600_000),
        ("hour", 3_600_000),
        ("hours", 3_600_000),
        ("d", 86_400_000),
        ("day", 86_400_000),
        ("days", 86_400_000),
    ];

    fn expected(_: u32) -> String {
        format!("a time in ms, s, min, h or days, up to {}", written::<Self>(LONGEST))
    }
    fn new(amount: u32) -> Option<Self> {
        (amount <= LONGEST).then(|| Self::from_millis(amount.into()))
    }
    fn amount(self) -> u32 {
        u32::try_from(self.as_millis()).unwrap_or(LONGEST)
    }
    fn nearest(amount: u32) -> u32 {
        amount.min(LONGEST)
    }
    fn written(self) -> String {
        if self.is_zero() { "0 s".to_owned() } else { written::<Self>(self.amount()) }
    }
}

/// Every period that a log can be kept, as it is written.
pub fn retentions() -> Vec<String> {
    RetentionDays::OFFERED.into_iter().map(written::<RetentionDays>).collect()
}

/// Reads a quantity. Where it cannot, the message offers what was probably meant, at most `most` of the smallest unit,
/// and `usual` where nothing can be guessed.
pub fn read<Q: Quantity>(scalar: &Scalar, usual: Q, most: u32) -> Result<Q, ProblemKind> {
    let (number, rest) = split(&scalar.text);
    let spelled = rest.trim().to_lowercase();
    let exact = Q::UNITS.iter().find(|(unit, _)| rest.strip_prefix(' ') == Some(agreeing(unit, number)));
    let factor =
        exact.or_else(|| Q::MEANT.iter().find(|(unit, _)| *unit == spelled)).map(|(_, factor)| *factor);
    let is_whole = !number.contains('.');
    let is_padded = number.starts_with('0') && number != "0" && is_whole;
    let meant = factor.zip(number.parse::<f64>().ok());
    let meant = meant.map(|(factor, number)| nearest(number * f64::from(factor), 0, u32::MAX));
    if let Some(quantity) = meant.filter(|_| exact.is_some() && is_whole && !is_padded).and_then(Q::new) {
        return Ok(quantity);
    }
    let best = meant.map(|meant| Q::nearest(meant.min(most)));
    let is_quantity = !number.is_empty() && !spelled.starts_with(|c: char| c.is_ascii_punctuation());
    Err(ProblemKind::NotAQuantity {
        found: as_written(scalar),
        because: match (meant, best) {
            _ if !is_quantity => ", which is not a number with a unit",
            _ if spelled.is_empty() => ", which has no unit",
            (None, _) | (_, None) => ", whose unit does not fit",
            _ if !is_whole => ", which is not a whole number",
            _ if is_padded => ", which begins with a zero",
            _ if exact.is_none() => ", which is not how the unit is written",
            (Some(meant), Some(_)) if meant < Q::nearest(0) => ", which is too small",
            (Some(meant), Some(_)) if meant > Q::nearest(most) => ", which is too large",
            (Some(_), Some(_)) => ", which is not offered",
        },
        expected: Q::expected(most),
        write: best.map_or_else(|| usual.written(), written::<Q>),
    })
}

/// The number in front, whole or decimal, and what stands behind it.
fn split(text: &str) -> (&str, &str) {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let whole = digits(text);
    let decimals = text[whole..].strip_prefix('.').map_or(0, digits);
    text.split_at(if whole > 0 && decimals > 0 { whole + 1 + decimals } else { whole })
}

/// In the largest unit that fits whole.
fn written<Q: Quantity>(amount: u32) -> String {
    let (unit, factor) = Q::UNITS
        .iter()
        .rev()
        .find(|(_, factor)| amount >= *factor && amount.is_multiple_of(*factor))
        .unwrap_or(&Q::UNITS[0]);
    let number = (amount / factor).to_string();
    format!("{number} {}", agreeing(unit, &number))
}

/// The unit's name after `number`: the only one with a plural is `days`.
fn agreeing(unit: &'static str, number: &str) -> &'static str {
    if (unit, number) == ("days", "1") { "day" } else { unit }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(text: &str) -> Scalar {
        Scalar { text: text.to_owned(), quoted: false }
    }

    #[track_caller]
    fn memory(text: &str, expected: Result<u32, &str>) {
        let usual = Mebibytes::new(256).unwrap();
        match (read(&scalar(text), usual, u32::MAX), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found.get(), expected),
            (Err(ProblemKind::NotAQuantity { write, .. }), Err(expected)) => assert_eq!(write, expected),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn memory_in_every_spelling() {
        memory("256 MiB", Ok(256));
        memory("10 GiB", Ok(10_240));
        memory("256", Err("256 MiB"));
        memory("256MiB", Err("256 MiB"));
        memory("256  MiB", Err("256 MiB"));
        memory("256 mb", Err("256 MiB"));
        memory("1 GB", Err("1 GiB"));
        memory("10 MB", Err("128 MiB"));
        memory("64 MiB", Err("128 MiB"));
        memory("11 GiB", Err("10 GiB"));
        memory("0256 MiB", Err("256 MiB"));
        memory("99999999999 MiB", Err("10 GiB"));
        memory("4194304 GiB", Err("10 GiB"));
        memory("256 s", Err("256 MiB"));
        memory("1.5 GiB", Err("1536 MiB"));
        memory("1.0 GiB", Err("1 GiB"));
        memory("1. GiB", Err("256 MiB"));
        memory(".5 GiB", Err("256 MiB"));
        memory("0 MiB", Err("128 MiB"));
        memory("lots", Err("256 MiB"));
        memory("-1 MiB", Err("256 MiB"));
    }

    #[test]
    fn every_offered_retention_reads_back() {
        let usual = RetentionDays::new(14).unwrap();
        for (text, days) in retentions().iter().zip(RetentionDays::OFFERED) {
            assert_eq!(read(&scalar(text), usual, u32::MAX).map(RetentionDays::get), Ok(days));
        }
    }

    #[test]
    fn times_are_written_in_the_largest_unit_that_fits() {
        let timeout = |seconds| Timeout::new(Seconds::new(seconds)).unwrap();
        assert_eq!(timeout(59).written(), "59 s");
        assert_eq!(timeout(60).written(), "1 min");
        assert_eq!(timeout(90).written(), "90 s");
        assert_eq!(timeout(900).written(), "15 min");
        assert_eq!(read(&scalar("2 min"), timeout(8), 9), Ok(timeout(120)));
    }

    #[test]
    fn times_of_any_length() {
        let of = |text: &str| read(&scalar(text), Duration::from_mins(2), u32::MAX);
        for (text, millis) in
            [("0 s", 0), ("250 ms", 250), ("90 s", 90_000), ("24 h", 86_400_000), ("1 day", 86_400_000)]
        {
            assert_eq!(of(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for (text, meant) in [
            ("5", "5 s"),
            ("5m", "5 min"),
            ("0.5 s", "500 ms"),
            ("100 days", "40 days"),
            ("1 days", "1 day"),
            ("soon", "2 min"),
        ] {
            let Err(ProblemKind::NotAQuantity { write, .. }) = of(text) else {
                panic!("{text} was accepted")
            };
            assert_eq!(write, meant, "{text}");
        }
        for (millis, text) in [(0, "0 s"), (1_500, "1500 ms"), (86_400_000, "1 day"), (7_200_000, "2 h")] {
            assert_eq!(Duration::from_millis(millis).written(), text);
        }
    }
}
