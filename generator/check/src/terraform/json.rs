//! What `jsonencode` makes of a value, and `jsondecode` of that: which unknown values stand between quotes.

use super::{evaluator::Evaluator, interface::InputType};
use crate::graph::{
    Held, Symbol, SymbolicText, Value,
    value::json::{Encoder, text_of},
};

impl Evaluator<'_> {
    /// Turns `held` into what stands in a JSON document.
    pub(super) fn encode(&self, held: &mut Held) {
        match &mut held.value {
            Value::Absent => held.value = Value::Null,
            Value::Text(text) => {
                // Numbers and flags stand without quotes, and text of them with quotes.
                if let Some(symbol) = text.as_symbol()
                    && matches!(self.type_of(symbol), InputType::Number | InputType::Flag)
                {
                    held.value = Value::Text(SymbolicText::from(symbol.bare()));
                }
            }
            Value::Json(document) => {
                if let Some(text) = self.json_text(document) {
                    held.value = text;
                }
            }
            value => value.change_inside(&mut |held| self.encode(held)),
        }
    }

    /// The text of a document, where it can be written down.
    pub(super) fn json_text(&self, document: &Held) -> Option<Value> {
        text_of(document, Encoder::Terraform, &|symbol: &Symbol| {
            matches!(self.type_of(symbol), InputType::List)
        })
    }
}

/// Turns what stands in a JSON document into a value again.
pub(super) fn decode(held: &mut Held) {
    match &mut held.value {
        Value::Null => held.value = Value::Absent,
        Value::Text(text) => {
            if let Some(bare) = text.as_symbol().and_then(Symbol::as_bare) {
                held.value = bare.value.clone();
            }
        }
        value => value.change_inside(&mut decode),
    }
}
