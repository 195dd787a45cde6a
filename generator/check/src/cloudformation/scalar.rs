//! What a scalar without quotes is.
//!
//! `CloudFormation` reads YAML 1.1 (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>),
//! where more words are numbers than people think. A scalar that would lose characters is refused.

use crate::{
    graph::{Number, SymbolicText, Value},
    problem::TemplateProblem,
    read::Scalar,
};

/// The value of `scalar`.
pub(super) fn resolve(scalar: &Scalar) -> Result<Value, TemplateProblem> {
    let text = scalar.text.as_str();
    if scalar.quoted {
        return Ok(Value::Text(SymbolicText::literal(text)));
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Err(TemplateProblem::NoValue),
        "true" | "True" | "TRUE" => return Ok(Value::Flag(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Flag(false)),
        _ => {}
    }
    if let Some(taken_for) = trap(text) {
        return Err(TemplateProblem::NeedsQuotes { found: text.to_owned(), taken_for });
    }
    Ok(match Number::parse(text) {
        // A property of type text gets `2.0` as these three characters; where a number belongs, they spell it, too.
        Some(number) if number.as_str() == text => Value::Number(number),
        Some(_) | None => Value::Text(SymbolicText::literal(text)),
    })
}

/// What YAML 1.1 takes `text` for, if people would not expect it.
fn trap(text: &str) -> Option<&'static str> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '_');
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let lower = unsigned.to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan") {
        return Some("a number that is none");
    }
    for prefix in ["0x", "0o", "0b"] {
        if lower
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_hexdigit() || c == '_'))
        {
            return Some("a number to another base");
        }
    }
    if unsigned.split(':').count() > 1 && unsigned.split(':').all(|part| digits(part) || part.contains('.')) {
        let seconds = unsigned.split(':').skip(1).all(|part| part.len() <= 2 || part.contains('.'));
        return seconds.then_some("a number to the base 60");
    }
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if !(digits(whole) || whole.is_empty()) || !(digits(fraction) || fraction.is_empty()) || unsigned == "." {
        return None;
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Some("a number without the leading zero, or to the base 8");
    }
    if unsigned.contains('_') {
        return Some("a number without the underscores");
    }
    let dressed = text.starts_with('+') || whole.is_empty() || unsigned.ends_with('.');
    dressed.then_some("a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Result<Value, TemplateProblem> {
        resolve(&Scalar { text: text.to_owned(), quoted: false })
    }

    #[test]
    fn plain_scalars_are_numbers_flags_and_text() {
        assert_eq!(plain("5"), Ok(Value::from(5)));
        assert_eq!(plain("0"), Ok(Value::from(0)));
        assert_eq!(plain("true"), Ok(Value::Flag(true)));
        assert_eq!(plain("False"), Ok(Value::Flag(false)));
        let texts = [
            "2012-10-17",
            "OFF",
            "ON",
            "yes",
            "no",
            "2.0",
            "1e3",
            "10.0.0.0/8",
            "-",
            ".",
            "...",
            "1.2.3",
            "t2.nano",
            "rate(1 minute)",
            "12:abc",
            "1234:5678",
            "0.0.0.0/0",
            "-x",
        ];
        for text in texts {
            assert_eq!(plain(text), Ok(Value::from(text)), "{text}");
        }
        let quoted = Scalar { text: "012".to_owned(), quoted: true };
        assert_eq!(resolve(&quoted), Ok(Value::from("012")));
    }

    #[test]
    fn what_would_lose_characters_must_stand_in_quotes() {
        for text in [
            "012345678901",
            "-01",
            "00",
            "0x1F",
            "0o17",
            "1_000",
            "+5",
            ".5",
            "5.",
            "22:22",
            ".inf",
            "-.INF",
            "1:30.5",
        ] {
            assert!(matches!(plain(text), Err(TemplateProblem::NeedsQuotes { .. })), "{text}");
        }
        for text in ["", "~", "null"] {
            assert_eq!(plain(text), Err(TemplateProblem::NoValue), "{text}");
        }
    }
}
