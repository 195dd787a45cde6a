//! JSON documents as text: `jsonencode` and `Fn::ToJsonString` give it, people write it by hand.
//!
//! Where a value is not known, it counts whether it stands between quotes, as text does, or without them
//! ([`Function::Bare`]), as numbers and flags do.

use std::collections::BTreeSet;

use super::{Call, Choice, Condition, Function, Held, Segment, Symbol, SymbolicText, Value};

/// Conditions inside a document whose text is made, at most: each doubles the texts.
const MOST_CONDITIONS: usize = 6;

/// Who makes the text of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoder {
    /// `jsonencode`, which escapes what HTML would take for markup
    /// (<https://developer.hashicorp.com/terraform/language/functions/jsonencode>).
    Terraform,
    /// `Fn::ToJsonString`.
    CloudFormation,
}

/// What makes no text: a list that is not known would be text without quotes, for example.
struct NotText;

/// The text of `document`: one for each way in which the conditions in it can turn out. Nothing, where there is none, or
/// where there are too many. `is_list` says which symbols hold lists.
pub(crate) fn text_of(document: &Held, encoder: Encoder, is_list: &dyn Fn(&Symbol) -> bool) -> Option<Value> {
    let mut conditions = BTreeSet::new();
    collect(document, &mut conditions);
    if conditions.len() > MOST_CONDITIONS {
        return None;
    }
    let Some(condition) = conditions.into_iter().next().cloned() else {
        let mut writer = Writer { text: SymbolicText::new(), encoder, is_list };
        writer.value(document).ok()?;
        return Some(Value::Text(writer.text));
    };
    let side = |holds| {
        let decided = decided(document, &condition, holds);
        Some(Held::new(text_of(&decided, encoder, is_list)?, document.place.clone()))
    };
    let (then, otherwise) = (side(true)?, side(false)?);
    Some(Value::choice(condition, then, otherwise))
}

/// The conditions of all choices in `held`.
fn collect<'h>(held: &'h Held, conditions: &mut BTreeSet<&'h Condition>) {
    match &held.value {
        Value::Choice(choice) => {
            conditions.insert(&choice.condition);
            collect(&choice.then, conditions);
            collect(&choice.otherwise, conditions);
        }
        Value::List(items) | Value::Set(items) => items.iter().for_each(|item| collect(item, conditions)),
        Value::Map(entries) => entries.values().for_each(|held| collect(held, conditions)),
        Value::Json(held) => collect(held, conditions),
        Value::Absent | Value::Null | Value::Flag(_) | Value::Number(_) | Value::Text(_) => {}
    }
}

/// `held`, where it is known whether `condition` `holds`.
fn decided(held: &Held, condition: &Condition, holds: bool) -> Held {
    let inside = |held: &Held| decided(held, condition, holds);
    let value = match &held.value {
        Value::Choice(choice) if choice.condition == *condition => {
            return inside(if holds { &choice.then } else { &choice.otherwise });
        }
        Value::Choice(choice) => {
            let Choice { condition, then, otherwise } = choice.as_ref();
            Value::choice(condition.clone(), inside(then), inside(otherwise))
        }
        Value::List(items) => Value::List(items.iter().map(inside).collect()),
        Value::Set(items) => Value::set(items.iter().map(inside).collect()),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(name, held)| (name.clone(), inside(held))).collect())
        }
        Value::Json(document) => Value::Json(Box::new(inside(document))),
        value @ (Value::Absent | Value::Null | Value::Flag(_) | Value::Number(_) | Value::Text(_)) => {
            value.clone()
        }
    };
    Held { value, place: held.place.clone(), rule: held.rule }
}

struct Writer<'w> {
    text: SymbolicText,
    encoder: Encoder,
    is_list: &'w dyn Fn(&Symbol) -> bool,
}

impl Writer<'_> {
    fn value(&mut self, held: &Held) -> Result<(), NotText> {
        match &held.value {
            Value::Null => self.text.push_str("null"),
            Value::Flag(flag) => self.text.push_str(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.text.push_str(number.as_str()),
            Value::Text(text) => match text.as_symbol() {
                Some(symbol) if (self.is_list)(symbol) => {
                    let arguments = vec![held.clone()];
                    self.text.push_symbol(Symbol::Call(Call { function: Function::ToJsonString, arguments }));
                }
                Some(symbol) if symbol.as_bare().is_some() => self.bare(symbol)?,
                _ => self.quoted(text),
            },
            Value::List(items) | Value::Set(items) => {
                self.text.push_str("[");
                let there = items.iter().filter(|item| item.value != Value::Absent);
                for (index, item) in there.enumerate() {
                    self.comma(index);
                    self.value(item)?;
                }
                self.text.push_str("]");
            }
            Value::Map(entries) => {
                self.text.push_str("{");
                let there = entries.iter().filter(|(_, held)| held.value != Value::Absent);
                for (index, (name, held)) in there.enumerate() {
                    self.comma(index);
                    self.quoted(&SymbolicText::literal(name.as_str()));
                    self.text.push_str(":");
                    self.value(held)?;
                }
                self.text.push_str("}");
            }
            // A document as text inside another one.
            Value::Json(document) => match text_of(document, self.encoder, self.is_list) {
                Some(Value::Text(text)) => self.quoted(&text),
                _ => return Err(NotText),
            },
            Value::Absent | Value::Choice(_) => return Err(NotText),
        }
        Ok(())
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.text.push_str(",");
        }
    }

    fn bare(&mut self, symbol: &Symbol) -> Result<(), NotText> {
        match symbol.as_bare().map(|held| &held.value) {
            Some(Value::Text(text)) => self.text.append(text),
            Some(Value::Number(number)) => self.text.push_str(number.as_str()),
            Some(Value::Flag(flag)) => self.text.push_str(if *flag { "true" } else { "false" }),
            _ => return Err(NotText),
        }
        Ok(())
    }

    /// Text between quotes. What is not known stands in it as it is: nobody who writes JSON by hand escapes it, either.
    fn quoted(&mut self, text: &SymbolicText) {
        self.text.push_str("\"");
        for segment in text.segments() {
            match segment {
                Segment::Literal(literal) => {
                    let quoted = serde_json::Value::from(literal.as_str()).to_string();
                    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                    let inner = inner.unwrap_or_default();
                    match self.encoder {
                        Encoder::CloudFormation => self.text.push_str(inner),
                        Encoder::Terraform => {
                            self.text.push_str(
                                &inner
                                    .replace('<', "\\u003c")
                                    .replace('>', "\\u003e")
                                    .replace('&', "\\u0026")
                                    .replace('\u{2028}', "\\u2028")
                                    .replace('\u{2029}', "\\u2029"),
                            );
                        }
                    }
                }
                Segment::Symbol(symbol) => self.text.push_symbol(symbol.clone()),
            }
        }
        self.text.push_str("\"");
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            symbolic_text,
            tests::{held, input, is_set},
        },
        *,
    };
    use crate::graph::Properties;

    fn map<const N: usize>(entries: [(&str, Held); N]) -> Held {
        held(Properties::from(entries.map(|(name, held)| (name.to_owned(), held))))
    }

    #[track_caller]
    fn is(document: &Held, expected: impl Into<SymbolicText>) {
        let is_list = |symbol: &Symbol| *symbol == Symbol::Input("List".into());
        let found = text_of(document, Encoder::Terraform, &is_list);
        assert_eq!(found, Some(Value::Text(expected.into())), "{document:?}");
    }

    #[test]
    fn what_is_known_is_its_text() {
        let list = held(Value::List(vec![held(1), held(true), held(Value::Null), held("a\"<\n")]));
        is(&map([("l", list)]), r#"{"l":[1,true,null,"a\"\u003c\n"]}"#);
        let inner = held(Value::Json(Box::new(map([("a", held("b"))]))));
        is(&map([("inner", inner)]), r#"{"inner":"{\"a\":\"b\"}"}"#);
        let html = map([("a", held("<"))]);
        assert_eq!(text_of(&html, Encoder::CloudFormation, &|_| false), Some(r#"{"a":"<"}"#.into()));
    }

    #[test]
    fn quotes_stand_around_text_only() {
        let number = Symbol::Input("N".into()).bare();
        let document = map([("n", held(SymbolicText::from(number))), ("t", held(input("T")))]);
        is(&document, symbolic_text!["{\"n\":", input("N"), ",\"t\":\"", input("T"), "\"}"]);
        let arguments = vec![held(input("List"))];
        let list = Symbol::Call(Call { function: Function::ToJsonString, arguments });
        is(&map([("l", held(input("List")))]), symbolic_text!["{\"l\":", list, "}"]);
    }

    #[test]
    fn a_condition_inside_stands_outside() {
        let choice = held(Value::choice(is_set("A"), held(1), held(Value::Absent)));
        let found = text_of(&map([("a", choice)]), Encoder::Terraform, &|_| false).map(|it| it.to_string());
        assert_eq!(found.as_deref(), Some(r#""{}" if "" = "<A>", else "{\"a\":1}""#));
    }
}
