//! Functions that make text, or take it apart.

use std::collections::BTreeMap;

use super::{call, present};
use crate::{
    cloudformation::{
        evaluate::{Evaluator, VALUE, resolved_elsewhere, weight_of},
        term::{FunctionName, Term},
    },
    graph::{Call, Function, Held, Symbol, SymbolicText, Value},
    problem::TemplateProblem,
    read::Place,
};

impl<'a> Evaluator<'a> {
    /// `Fn::Sub`.
    pub(in crate::cloudformation) fn sub(&mut self, argument: Term<'a>, place: &'a Place) -> Option<Value> {
        let expected = "text, or a list of text and an object of variables";
        let (text, variables) = if argument.text().is_some() {
            (argument, &[][..])
        } else {
            let [text, variables] = self.arguments(FunctionName::Sub, expected, argument)?;
            let Some(variables) = variables.entries() else {
                return self.wrong_argument(FunctionName::Sub, expected, variables);
            };
            (text, variables)
        };
        let Some(source) = text.text() else {
            return self.wrong_argument(FunctionName::Sub, expected, text);
        };
        if source.contains("{{resolve:") {
            return self.refuse(text.place, resolved_elsewhere(source));
        }
        let mut values = BTreeMap::new();
        for entry in variables {
            values.insert(entry.key.as_str(), self.value(Term::of(&entry.value)));
        }
        let parts = match parts(source) {
            Ok(parts) => parts,
            Err(kind) => return self.refuse(text.place, kind),
        };
        let mut segments = Some(Vec::new());
        for part in parts {
            let segment = match part {
                SubstitutionPart::Literal(literal) => {
                    self.weigh(VALUE + literal.len(), place)?;
                    Some(Held::new(literal, text.place.clone()))
                }
                SubstitutionPart::Name(name) => {
                    if let Some(held) = values.get(name) {
                        self.weigh(held.as_ref().map_or(0, weight_of), place)?;
                        held.clone()
                    } else {
                        self.weigh(VALUE, place)?;
                        let value = match name.split_once('.') {
                            Some((name, attribute)) => self.attribute(name, attribute, text.place),
                            None => self.named(name, text.place),
                        };
                        value.map(|value| Held::new(value, text.place.clone()))
                    }
                }
            };
            // After a refusal there is no text, but the remaining parts are still checked.
            segments = match (segments, segment) {
                (Some(mut segments), Some(segment)) => {
                    segments.push(segment);
                    Some(segments)
                }
                _ => None,
            };
        }
        self.settled(segments?, place, &mut |this, segments| this.text_of("", &segments))
    }

    /// `Fn::Join`.
    pub(in crate::cloudformation) fn join(&mut self, argument: Term<'a>, place: &'a Place) -> Option<Value> {
        let expected = "a list of a separator and a list";
        let [separator, list] = self.arguments(FunctionName::Join, expected, argument)?;
        let Some(separator) = separator.text() else {
            return self.wrong_argument(FunctionName::Join, expected, separator);
        };
        let list = self.value(list)?;
        self.settled(vec![list], place, &mut |this, lists| {
            let list = lists.into_iter().next()?;
            match list.value {
                Value::List(items) | Value::Set(items) => this.text_of(separator, &present(items)),
                Value::Text(text) if this.is_list(&text) => {
                    let separator = Held::new(separator, place.clone());
                    Some(call(Function::Join, vec![separator, Held::new(text, list.place)]))
                }
                other => this.wrong_value(FunctionName::Join, expected, &other, &list.place),
            }
        })
    }

    /// `Fn::Split`.
    pub(in crate::cloudformation) fn split(&mut self, argument: Term<'a>, place: &'a Place) -> Option<Value> {
        let expected = "a list of a separator and text";
        let [separator, text] = self.arguments(FunctionName::Split, expected, argument)?;
        let Some(separator) = separator.text().filter(|separator| !separator.is_empty()) else {
            return self.wrong_argument(FunctionName::Split, expected, separator);
        };
        let text = self.value(text)?;
        self.settled(vec![text], place, &mut |this, texts| {
            let Value::Text(text) = this.text_of("", &texts)? else {
                return this.wrong_argument(FunctionName::Split, expected, argument);
            };
            let Some(literal) = text.as_literal() else {
                let arguments = vec![Held::new(separator, place.clone()), Held::new(text, place.clone())];
                return Some(call(Function::Split, arguments));
            };
            let items: Vec<_> = literal.split(separator).map(|item| Held::new(item, place.clone())).collect();
            this.weigh(items.iter().map(weight_of).sum(), place)?;
            Some(Value::List(items))
        })
    }

    /// `Fn::Base64`.
    pub(in crate::cloudformation) fn base64(
        &mut self,
        argument: Term<'a>,
        place: &'a Place,
    ) -> Option<Value> {
        let text = self.value(argument)?;
        self.settled(vec![text], place, &mut |this, texts| {
            let text = this.text_of("", &texts)?;
            if let Value::Text(text) = &text
                && let Some(literal) = text.as_literal()
            {
                this.weigh(literal.len() * 4 / 3, place)?;
                return Some(Value::Text(SymbolicText::literal(encoded(literal.as_bytes()))));
            }
            Some(call(Function::Base64, vec![Held::new(text, place.clone())]))
        })
    }

    /// `Fn::ToJsonString`.
    pub(in crate::cloudformation) fn json_string(
        &mut self,
        argument: Term<'a>,
        place: &'a Place,
    ) -> Option<Value> {
        self.needs_extensions(FunctionName::ToJsonString, place)?;
        let held = self.value(argument)?;
        match &held.value {
            Value::Map(_) | Value::List(_) => Some(Value::Json(Box::new(held))),
            other => self.wrong_value(FunctionName::ToJsonString, "an object or a list", other, &held.place),
        }
    }

    /// The texts of `parts` with `separator` between them.
    fn text_of(&mut self, separator: &str, parts: &[Held]) -> Option<Value> {
        if let [Held { value: json @ Value::Json(_), .. }] = parts {
            return Some(json.clone());
        }
        let mut all = SymbolicText::new();
        for (index, part) in parts.iter().enumerate() {
            self.weigh(separator.len(), &part.place)?;
            if index > 0 {
                all.push_str(separator);
            }
            match &part.value {
                Value::Text(text) if self.is_list(text) => {
                    let instead = "put a list together with `Fn::Join`";
                    return self.refuse(&part.place, TemplateProblem::NotText { found: "a list", instead });
                }
                Value::Text(text) => {
                    self.weigh(weight_of(text), &part.place)?;
                    all.append(text);
                }
                Value::Number(number) => all.push_str(number.as_str()),
                Value::Flag(flag) => all.push_str(if *flag { "true" } else { "false" }),
                Value::Json(held) => {
                    self.weigh(weight_of(held.as_ref()), &part.place)?;
                    let arguments = vec![held.as_ref().clone()];
                    all.push_symbol(Symbol::Call(Call { function: Function::ToJsonString, arguments }));
                }
                other @ (Value::Absent
                | Value::Null
                | Value::List(_)
                | Value::Set(_)
                | Value::Map(_)
                | Value::Choice(_)) => {
                    let (found, instead) = (other.noun(), "write text there");
                    return self.refuse(&part.place, TemplateProblem::NotText { found, instead });
                }
            }
        }
        if let Some(literal) = all.as_literal()
            && literal.contains("{{resolve:")
            && let Some(part) = parts.first()
        {
            return self.refuse(&part.place, resolved_elsewhere(literal));
        }
        Some(Value::Text(all))
    }
}

/// Base64 with padding (<https://datatracker.ietf.org/doc/html/rfc4648#section-4>).
fn encoded(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| chunk.get(index).copied().map_or(0, u32::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit > chunk.len() {
                text.push('=');
            } else {
                let index = (bits >> (18 - 6 * digit)) & 63;
                text.push(DIGITS.get(index as usize).copied().map_or('=', char::from));
            }
        }
    }
    text
}

/// A part of the text of `Fn::Sub`.
#[derive(Debug, PartialEq, Eq)]
enum SubstitutionPart<'a> {
    /// Characters that mean themselves.
    Literal(&'a str),
    /// `${Name}`.
    Name(&'a str),
}

/// The parts of `text`.
fn parts(text: &str) -> Result<Vec<SubstitutionPart<'_>>, TemplateProblem> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        parts.push(SubstitutionPart::Literal(before));
        let Some((name, behind)) = after.split_once('}') else {
            return Err(TemplateProblem::Unclosed { found: format!("${{{after}") });
        };
        if let Some(literal) = name.strip_prefix('!') {
            parts.extend([
                SubstitutionPart::Literal("${"),
                SubstitutionPart::Literal(literal),
                SubstitutionPart::Literal("}"),
            ]);
        } else {
            parts.push(SubstitutionPart::Name(name));
        }
        rest = behind;
    }
    parts.push(SubstitutionPart::Literal(rest));
    parts.retain(|part| *part != SubstitutionPart::Literal(""));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encoded(plain.as_bytes()), expected);
        }
    }

    #[test]
    fn names_literals_and_escapes() {
        assert_eq!(
            parts("a-${AWS::Region}$x${!aws:userid}${Q.Arn}").unwrap(),
            [
                SubstitutionPart::Literal("a-"),
                SubstitutionPart::Name("AWS::Region"),
                SubstitutionPart::Literal("$x"),
                SubstitutionPart::Literal("${"),
                SubstitutionPart::Literal("aws:userid"),
                SubstitutionPart::Literal("}"),
                SubstitutionPart::Name("Q.Arn"),
            ]
        );
        assert_eq!(parts("").unwrap(), []);
        assert_eq!(parts("a $ {b} $").unwrap(), [SubstitutionPart::Literal("a $ {b} $")]);
    }

    #[test]
    fn what_is_not_closed_is_refused() {
        assert_eq!(parts("a${b").unwrap_err(), TemplateProblem::Unclosed { found: "${b".into() });
    }
}
