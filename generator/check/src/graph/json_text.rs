//! Text that holds a JSON document, with expressions anywhere in it.

use serde_json::Value as Json;

use super::{Held, Number, Segment, Symbol, SymbolicText, Value};
use crate::read::Place;

/// Stand around the number of an expression while the text is parsed; text that contains them is refused.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// The document that `text` holds. Every value in it stands at `place`, because the text is one value of its file.
pub(super) fn parse(text: &SymbolicText, place: &Place) -> Result<Value, String> {
    let mut source = String::new();
    let mut expressions = Vec::new();
    let mut inside = false;
    for segment in text.segments() {
        match segment {
            Segment::Literal(literal) => {
                if literal.contains([OPEN, CLOSE]) || spells_a_mark(literal) {
                    return Err("it has characters of Unicode's private use area".to_owned());
                }
                source.push_str(literal);
                inside = ends_inside_string(literal, inside);
            }
            Segment::Symbol(symbol) => {
                let quote = if inside { "" } else { "\"" };
                source += quote;
                source.push(OPEN);
                source += &expressions.len().to_string();
                source.push(CLOSE);
                source += quote;
                expressions.push(symbol);
            }
        }
    }
    let json = serde_json::from_str(&source).map_err(|error| error.to_string())?;
    Ok(value(&json, &expressions, place))
}

/// Whether an escape in `literal` may stand for one of the marks: better one document refused than one taken for another.
fn spells_a_mark(literal: &str) -> bool {
    let literal = literal.to_ascii_lowercase();
    literal.contains(r"\ue000") || literal.contains(r"\ue001")
}

/// Whether a string is still open after `literal`.
fn ends_inside_string(literal: &str, mut inside: bool) -> bool {
    let mut escaped = false;
    for c in literal.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
    }
    inside
}

fn value(json: &Json, expressions: &[&Symbol], place: &Place) -> Value {
    let held = |json: &Json| Held::new(value(json, expressions, place), place.clone());
    match json {
        Json::Null => Value::Absent,
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => {
            // JSON's numbers are all numbers here, too; what is too large for one stays the text that it is.
            let text = number.to_string();
            Number::parse(&text).map_or_else(|| Value::Text(SymbolicText::literal(text)), Value::Number)
        }
        Json::String(text) => Value::Text(with_expressions(text, expressions)),
        Json::Array(items) => Value::List(items.iter().map(held).collect()),
        Json::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(name, json)| (with_expressions(name, expressions).to_string(), held(json)))
                .collect(),
        ),
    }
}

fn with_expressions(source: &str, expressions: &[&Symbol]) -> SymbolicText {
    let mut text = SymbolicText::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once(OPEN) {
        text.push_str(before);
        let Some((index, after)) = after.split_once(CLOSE) else { break };
        if let Some(symbol) = index.parse().ok().and_then(|index: usize| expressions.get(index)) {
            text.push_symbol((*symbol).clone());
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(segments: &[Segment]) -> Result<String, String> {
        let mut text = SymbolicText::new();
        for segment in segments {
            match segment {
                Segment::Literal(literal) => text.push_str(literal),
                Segment::Symbol(symbol) => text.push_symbol(symbol.clone()),
            }
        }
        parse(&text, &Place::whole("f".into())).map(|value| value.to_string())
    }

    #[test]
    fn expressions_stand_inside_strings_and_alone() {
        let literal = |text: &str| Segment::Literal(text.to_owned());
        assert_eq!(
            read(&[
                literal(r#"{"a": "x\""#),
                Segment::Symbol(Symbol::Region),
                literal(r#"y", "n": "#),
                Segment::Symbol(Symbol::Input("Count".into())),
                literal(r#", "l": [1, true, null]}"#),
            ])
            .unwrap(),
            r#"{a: "x\"<region>y", l: [1, true, nothing], n: "<Count>"}"#
        );
        assert!(read(&[literal("{\"a\": ")]).unwrap_err().contains("EOF"));
        assert!(read(&[literal("\u{e000}0\u{e001}")]).is_err());
        assert!(read(&[literal(r#"{"a": "\uE0000\ue001"}"#)]).is_err());
    }
}
