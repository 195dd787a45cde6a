//! Scalars: text, flags and whole numbers.
//!
//! YAML readers disagree on unquoted words: `yes` is a text to some and true to others, `012345678901` loses its
//! first digit in many. Here nothing is guessed: text that any of them takes for something else must stand in
//! quotes, flags are `true` and `false`, numbers are digits.

use jit_runners_model::NameError;

use crate::{
    problem::{ProblemKind, closest},
    tree::{Located, Scalar, YamlValue, excerpt},
};

/// What stands there, in words.
pub const fn shape(value: &YamlValue) -> &'static str {
    match value {
        YamlValue::Scalar(_) => "a single value",
        YamlValue::Sequence(_) => "a list",
        YamlValue::Mapping(_) => "keys with values",
    }
}

/// Whether nothing stands there: `key:` or `key: ~`.
pub fn is_nothing(value: &YamlValue) -> bool {
    matches!(value, YamlValue::Scalar(scalar) if !scalar.quoted && is_null(&scalar.text))
}

/// The scalar, where one is expected; `example` is a whole line that would be right.
pub fn scalar<'a>(node: &'a Located, example: &str) -> Result<&'a Scalar, ProblemKind> {
    match &node.value {
        value if is_nothing(value) => Err(ProblemKind::NoValue { example: example.to_owned() }),
        YamlValue::Scalar(scalar) => Ok(scalar),
        value => Err(ProblemKind::WrongShape { found: shape(value), expected: "a single value" }),
    }
}

/// The scalar as it stands in the file, for messages; its beginning, if it is long.
pub fn as_written(scalar: &Scalar) -> String {
    let text = excerpt(&scalar.text);
    if scalar.quoted { format!("the text `\"{text}\"`") } else { format!("`{text}`") }
}

/// Text that `check` takes.
pub fn text<T>(
    scalar: &Scalar,
    check: impl FnOnce(String) -> Result<T, NameError>,
) -> Result<T, ProblemKind> {
    let checked = check(scalar.text.clone())?;
    match taken_for(&scalar.text) {
        Some(taken_for) if !scalar.quoted => {
            Err(ProblemKind::NeedsQuotes { found: scalar.text.clone(), taken_for })
        }
        _ => Ok(checked),
    }
}

/// One of a few words.
pub fn one_of<T: Copy>(
    scalar: &Scalar,
    all: &[T],
    word: impl Fn(T) -> &'static str,
) -> Result<T, ProblemKind> {
    all.iter().copied().find(|&item| word(item) == scalar.text).ok_or_else(|| {
        let known: Vec<_> = all.iter().map(|&item| word(item)).collect();
        ProblemKind::NotOneOf { found: scalar.text.clone(), suggestion: closest(&scalar.text, &known), known }
    })
}

/// `true` or `false`.
pub fn flag(scalar: &Scalar) -> Result<bool, ProblemKind> {
    match scalar.text.as_str() {
        "true" if !scalar.quoted => Ok(true),
        "false" if !scalar.quoted => Ok(false),
        _ => Err(ProblemKind::NotAFlag { found: as_written(scalar) }),
    }
}

/// A whole number; `usual` is offered where nothing better can be guessed.
pub fn number(scalar: &Scalar, low: u32, high: u32, usual: u32) -> Result<u32, ProblemKind> {
    let text = scalar.text.as_str();
    let plain = !scalar.quoted && is_digits(text) && (text == "0" || !text.starts_with('0'));
    let meant = text.replace(['_', ',', ' '], "").parse::<f64>().ok();
    match text.parse::<u32>() {
        Ok(number) if plain && (low..=high).contains(&number) => Ok(number),
        _ => Err(ProblemKind::NotANumber {
            found: as_written(scalar),
            low,
            high,
            write: meant.map_or(usual, |meant| nearest(meant, low, high)),
        }),
    }
}

/// The whole number in the range that is nearest to `meant`.
pub fn nearest(meant: f64, low: u32, high: u32) -> u32 {
    let within = meant.clamp(f64::from(low), f64::from(high)).round();
    // The clamp leaves digits only, so this always parses.
    format!("{within:.0}").parse().unwrap_or(low)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// What a reader of YAML 1.1 (<https://yaml.org/type/>) or 1.2 (<https://yaml.org/spec/1.2.2/#103-core-schema>)
/// takes an unquoted scalar for, if not for text.
pub fn taken_for(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    let unsigned = lower.strip_prefix(['-', '+']).unwrap_or(&lower);
    let is_number = || {
        let digits = unsigned.replace('_', "");
        let based = |prefix: &str, base| {
            digits.strip_prefix(prefix).is_some_and(|rest| u128::from_str_radix(rest, base).is_ok())
        };
        let sexagesimal = digits.contains(':') && digits.split([':', '.']).all(is_digits);
        let decimal =
            digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && digits.parse::<f64>().is_ok();
        decimal || sexagesimal || based("0x", 16) || based("0o", 8) || based("0b", 2)
    };
    if is_null(text) {
        Some("nothing")
    } else if matches!(lower.as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n") {
        Some("a yes or no")
    } else if matches!(unsigned, ".inf" | ".nan") || is_number() {
        Some("a number")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_readers_do_not_take_for_text() {
        for text in [
            "yes",
            "No",
            "ON",
            "off",
            "y",
            "true",
            "FALSE",
            "~",
            "null",
            "",
            "12",
            "012345678901",
            "0x1F",
            "0o17",
            "0b101",
            "1_000",
            "-7",
            "+7",
            "1e3",
            "1.5",
            ".5",
            "1.",
            "2.338",
            "-1.2E-3",
            ".inf",
            "-.INF",
            ".NaN",
            "1:30",
            "190:20:30.15",
        ] {
            assert!(taken_for(text).is_some(), "{text}");
        }
        for text in [
            "jit-runners",
            "t3.medium",
            "2.338.0",
            "0.0.0.0/0",
            "::/0",
            "ami-1",
            "e3",
            "1e",
            "x1",
            "nope",
            "yes please",
            "infinity",
            "nan",
            "inf",
            "-",
            ".",
            "a:1",
            "12 s",
            "https://1:2",
        ] {
            assert_eq!(taken_for(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_digits() {
        let read = |text: &str, quoted| number(&Scalar { text: text.to_owned(), quoted }, 1, 10_000, 100);
        assert_eq!(read("50", false), Ok(50));
        let write = |text: &str, quoted| match read(text, quoted) {
            Err(ProblemKind::NotANumber { write, .. }) => write,
            other => panic!("{other:?}"),
        };
        assert_eq!(write("50", true), 50);
        assert_eq!(write("1e3", false), 1_000);
        assert_eq!(write("012", false), 12);
        assert_eq!(write("1_000", false), 1_000);
        assert_eq!(write("0", false), 1);
        assert_eq!(write("99999999999999999999", false), 10_000);
        assert_eq!(write("-3", false), 1);
        assert_eq!(write("2.6", false), 3);
        assert_eq!(write("NaN", false), 1);
        assert_eq!(write("many", false), 100);
    }
}
