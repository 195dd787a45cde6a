//! Functions of lists.

use super::{
    super::{
        evaluate::Evaluator,
        problem::TemplateProblem,
        term::{FunctionName, Term},
    },
    call,
};
use crate::{
    graph::{Function, Held, Number, Symbol, SymbolicText, Value},
    read::Place,
};

impl<'a> Evaluator<'a> {
    /// `Fn::Select`.
    pub(in crate::cloudformation) fn select(
        &mut self,
        argument: Term<'a>,
        place: &'a Place,
    ) -> Option<Value> {
        let expected = "a list of an index and a list";
        let [index, list] = self.arguments(FunctionName::Select, expected, argument)?;
        let (index, list) = (self.value(index), self.value(list));
        self.settled(vec![index?, list?], place, &mut |this, both| {
            let Ok([index, list]) = <[Held; 2]>::try_from(both) else { return None };
            let known = match &index.value {
                Value::Number(number) => Some(number.as_str().to_owned()),
                Value::Text(text) => text.as_literal().map(str::to_owned),
                other => return this.wrong_value(FunctionName::Select, expected, other, &index.place),
            };
            match list.value {
                Value::List(items) => {
                    let items = present(items);
                    let Some(known) = known else {
                        return Some(call(
                            Function::Select,
                            vec![index, Held::new(Value::List(items), list.place)],
                        ));
                    };
                    let length = items.len();
                    let item = known.parse().ok().and_then(|at: usize| items.into_iter().nth(at));
                    let Some(item) = item else {
                        let kind = TemplateProblem::OutOfRange { index: known, length };
                        return this.refuse(&index.place, kind);
                    };
                    Some(item.value)
                }
                Value::Text(text) if this.is_list(&text) => {
                    let index = match known.as_deref().map(Number::parse) {
                        Some(Some(number)) => Held::new(number, index.place),
                        Some(None) => {
                            return this.wrong_value(
                                FunctionName::Select,
                                expected,
                                &index.value,
                                &index.place,
                            );
                        }
                        None => index,
                    };
                    Some(call(Function::Select, vec![index, Held::new(text, list.place)]))
                }
                other => this.wrong_value(FunctionName::Select, expected, &other, &list.place),
            }
        })
    }

    /// `Fn::Length`.
    pub(in crate::cloudformation) fn length(
        &mut self,
        argument: Term<'a>,
        place: &'a Place,
    ) -> Option<Value> {
        self.needs_extensions(FunctionName::Length, place)?;
        let list = self.value(argument)?;
        self.settled(vec![list], place, &mut |this, lists| {
            let list = lists.into_iter().next()?;
            match list.value {
                Value::List(items) => Number::parse(&present(items).len().to_string()).map(Value::Number),
                Value::Text(text) if this.is_list(&text) => {
                    Some(call(Function::Length, vec![Held::new(text, list.place)]))
                }
                other => this.wrong_value(FunctionName::Length, "a list", &other, &list.place),
            }
        })
    }

    /// Whether `text` is an expression that holds a list.
    pub(super) fn is_list(&self, text: &SymbolicText) -> bool {
        match text.as_symbol() {
            Some(Symbol::Input(name)) => {
                self.declared.parameters.get(name.as_ref()).is_some_and(|is_list| *is_list)
            }
            Some(Symbol::Call(call)) => match call.function {
                Function::Split => true,
                Function::Join
                | Function::Select
                | Function::Base64
                | Function::Length
                | Function::ToJsonString => false,
            },
            _ => false,
        }
    }
}

/// `items` without those that are not there.
pub(super) fn present(items: Vec<Held>) -> Vec<Held> {
    items.into_iter().filter(|item| item.value != Value::Absent).collect()
}
