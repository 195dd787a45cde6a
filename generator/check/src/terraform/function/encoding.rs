//! JSON and Base64.

#![expect(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "all functions have one signature"
)]

use crate::{
    graph::{Call, Function, Held, Number, Symbol, SymbolicText, Value},
    read::Place,
    terraform::evaluator::{Evaluator, Outcome},
};

pub(super) fn jsonencode(
    _: &mut Evaluator<'_>,
    _: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let document = arguments.into_iter().next().unwrap_or_else(|| Held::new(Value::Absent, place.clone()));
    Ok(Held::new(Value::Json(Box::new(document)), place.clone()))
}

pub(super) fn jsondecode(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let [argument] = arguments.as_slice() else { return Ok(Held::new(Value::Absent, place.clone())) };
    if let Value::Json(document) = &argument.value {
        return evaluator.copy(document, place);
    }
    let text = evaluator.text(&format!("the argument of `{name}`"), argument, &argument.place)?;
    evaluator.spend(text.len(), place)?;
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(json) => Ok(Held::new(decoded(json, place), place.clone())),
        Err(error) => {
            evaluator.wrong(place, "the argument of `jsondecode`", "a JSON document", error.to_string())
        }
    }
}

fn decoded(json: serde_json::Value, place: &Place) -> Value {
    let held = |json| Held::new(decoded(json, place), place.clone());
    match json {
        serde_json::Value::Null => Value::Absent,
        serde_json::Value::Bool(flag) => Value::Flag(flag),
        serde_json::Value::Number(number) => {
            let text = number.to_string();
            Number::parse(&text).map_or_else(|| Value::Text(SymbolicText::literal(text)), Value::Number)
        }
        serde_json::Value::String(text) => Value::Text(SymbolicText::literal(text)),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(held).collect()),
        serde_json::Value::Object(entries) => {
            Value::Map(entries.into_iter().map(|(name, json)| (name, held(json))).collect())
        }
    }
}

pub(super) fn base64encode(
    evaluator: &mut Evaluator<'_>,
    _: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let text = evaluator.joined(arguments, place)?;
    let value = match text.as_literal() {
        Some(literal) => SymbolicText::literal(base64(literal.as_bytes())),
        None => SymbolicText::from(Symbol::Call(Call { function: Function::Base64, arguments: vec![text] })),
    };
    Ok(Held::new(value, place.clone()))
}

/// Base64 with padding (<https://www.rfc-editor.org/rfc/rfc4648#section-4>).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0_usize, |group, index| {
            group << 8 | usize::from(chunk.get(index).copied().unwrap_or_default())
        });
        for index in 0..4 {
            let six = group >> (18 - 6 * index) & 63;
            let digit = ALPHABET.get(six).copied().unwrap_or(b'=');
            text.push(if index <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }
}
