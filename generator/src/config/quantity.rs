//! Quantities carry their unit: `256 MiB`, `2 min`, `14 days`. One number, one blank, one unit.

use jit_runners_model::{Mebibytes, RetentionDays, Seconds, Timeout};

use super::{problem::ProblemKind, scalar::as_written};
use crate::read::Scalar;

/// A quantity of the configuration file.
pub(super) trait Quantity: Copy {
    /// Units that are accepted, the smallest first, and how many of the smallest each is.
    const UNITS: &'static [(&'static str, u32)];
    /// Other spellings that people may use, in lower case, likewise. They are refused, and the message translates.
    const MEANT: &'static [(&'static str, u32)];

    /// What is expected, in words.
    fn expected() -> String;
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

    fn expected() -> String {
        format!("memory in MiB or GiB, from {} MiB to {} MiB", Self::MIN, Self::MAX)
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

    fn expected() -> String {
        format!("a time in s or min, from {} s to {} min", Self::MIN, Self::MAX / 60)
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

    fn expected() -> String {
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

/// Every period that a log can be kept, as it is written.
pub(super) fn retentions() -> Vec<String> {
    RetentionDays::OFFERED.into_iter().map(written::<RetentionDays>).collect()
}

/// Reads a quantity. Where it cannot, the message offers what was probably meant, at most `most` of the smallest unit,
/// and `usual` where nothing can be guessed.
pub(super) fn read<Q: Quantity>(scalar: &Scalar, usual: Q, most: u32) -> Result<Q, ProblemKind> {
    let text = scalar.text.as_str();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let amount = |units: &[(&'static str, u32)], unit: &str| {
        let number = number.parse::<u32>().ok()?;
        let (_, factor) = units.iter().find(|(name, _)| agreeing(name, number) == unit)?;
        number.checked_mul(*factor)
    };
    let exact = unit.strip_prefix(' ').and_then(|unit| amount(Q::UNITS, unit));
    let exact = exact.filter(|_| !number.starts_with('0'));
    if let Some(quantity) = exact.and_then(Q::new) {
        return Ok(quantity);
    }
    let meant = exact.or_else(|| amount(Q::MEANT, &unit.trim().to_lowercase()));
    Err(ProblemKind::NotAQuantity {
        found: as_written(scalar),
        because: match (exact, meant) {
            (Some(_), _) => "",
            (None, Some(_)) if unit.trim().is_empty() => ", which has no unit",
            (None, Some(_)) => ", which is not how the unit is written",
            (None, None) if number.is_empty() => ", which is not a number with a unit",
            (None, None) => ", whose unit does not fit",
        },
        expected: Q::expected(),
        write: meant.map_or_else(|| usual.written(), |meant| written::<Q>(Q::nearest(meant.min(most)))),
    })
}

/// In the largest unit that fits whole.
fn written<Q: Quantity>(amount: u32) -> String {
    let (unit, factor) = Q::UNITS
        .iter()
        .rev()
        .find(|(_, factor)| amount >= *factor && amount.is_multiple_of(*factor))
        .unwrap_or(&Q::UNITS[0]);
    let number = amount / factor;
    format!("{number} {}", agreeing(unit, number))
}

/// The unit's name after `number`: the only one with a plural is `days`.
fn agreeing(unit: &'static str, number: u32) -> &'static str {
    if (unit, number) == ("days", 1) { "day" } else { unit }
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
        memory("99999999999 MiB", Err("256 MiB"));
        memory("4194304 GiB", Err("256 MiB"));
        memory("256 s", Err("256 MiB"));
        memory("1.5 GiB", Err("256 MiB"));
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
}
