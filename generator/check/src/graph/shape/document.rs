//! JSON documents, as they are or as their text, and what is only sometimes one.

use super::{Shaper, join, pattern::pattern};
use crate::{
    graph::{
        Call, Function, Held, Symbol, Value,
        kind::Shape,
        value::json::{Encoder, text_of},
    },
    problem::ProblemKind,
    read::Place,
};

impl Shaper {
    /// `value` as the document that `shape` says.
    pub(super) fn document(
        &mut self,
        path: &str,
        shape: &Shape,
        value: Value,
        place: &Place,
    ) -> Option<Value> {
        match (shape, value) {
            (Shape::Document(inner), Value::Json(held)) if is_structure(&held.value) => {
                self.value(path, inner, held.value, place)
            }
            // The text of a text is not that text.
            (Shape::Document(_), Value::Json(held)) => Some(Value::Json(held)),
            (Shape::Document(inner), Value::Text(text)) if text.as_symbol().is_none() => {
                match text.parse_json(place) {
                    Ok(value) if is_structure(&value) || is_bare(&value) => {
                        self.value(path, inner, value, place)
                    }
                    Ok(value) => Some(Value::Json(Box::new(Held::new(value, place.clone())))),
                    Err(found) => {
                        self.refuse(place, ProblemKind::NotJson { path: path.to_owned(), found });
                        None
                    }
                }
            }
            (Shape::Document(inner), value) => self.value(path, inner, value, place),
            (Shape::MaybeDocument, Value::Json(held)) if is_structure(&held.value) => {
                self.value(path, &Shape::Json, held.value, place)
            }
            (Shape::MaybeDocument, Value::Text(text)) => match text.parse_json(place) {
                Ok(value) if is_structure(&value) => Some(value),
                Ok(_) | Err(_) => Some(Value::Text(text)),
            },
            (_, Value::Json(held)) => Some(self.text_of(&held).unwrap_or(Value::Json(held))),
            (Shape::Json, Value::Map(entries)) => {
                let entries = entries.into_iter().filter_map(|(name, held)| {
                    let held = self.held(&join(path, &name), shape, held)?;
                    Some((name, held))
                });
                Some(Value::Map(entries.collect()))
            }
            (Shape::Json, Value::List(items)) => Some(Value::List(self.items(path, shape, items))),
            (Shape::Pattern, value) => Some(pattern(value)),
            (_, value) => Some(value),
        }
    }

    /// The text of a document, where `held` is one.
    pub(super) fn written_out(&self, held: &mut Held) {
        if let Value::Json(document) = &held.value
            && let Some(text) = self.text_of(document)
        {
            held.value = text;
        }
    }

    /// The text of `document`, where it can be written down.
    pub(super) fn text_of(&self, document: &Held) -> Option<Value> {
        let encoder = if self.is_template { Encoder::CloudFormation } else { Encoder::Terraform };
        text_of(document, encoder, &|symbol| match symbol {
            Symbol::Input(name) => self.lists.contains(name),
            Symbol::Call(Call { function, .. }) => *function == Function::Split,
            _ => false,
        })
    }
}

/// Whether `value` is what a document usually is: an object or a list.
const fn is_structure(value: &Value) -> bool {
    matches!(value, Value::Map(_) | Value::List(_) | Value::Set(_))
}

/// Whether `value` is a whole document that is not known.
fn is_bare(value: &Value) -> bool {
    value.as_symbol().is_some_and(|symbol| symbol.as_bare().is_some())
}
