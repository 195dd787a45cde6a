//! Functions of values: those that look something up by its name (a condition, a mapping), and those of lists.

mod text;

use super::{
    evaluate::{Evaluator, Scope, VALUE, weight_of},
    term::{FunctionName, Term},
};
use crate::{
    graph::{Call, Condition, Function, Held, Number, Symbol, SymbolicText, Value},
    problem::{TemplateProblem, alike},
    read::Place,
};

impl<'a> Evaluator<'a> {
    fn needs_extensions(&mut self, function: FunctionName, place: &Place) -> Option<()> {
        if self.declared.extensions {
            return Some(());
        }
        let instead = "the template needs `Transform: AWS::LanguageExtensions` for it";
        self.refuse(place, TemplateProblem::Outside { found: function.as_str().to_owned(), instead })
    }

    fn wrong_argument<T>(
        &mut self,
        function: FunctionName,
        expected: &'static str,
        found: Term<'a>,
    ) -> Option<T> {
        let found_text = found.text().filter(|text| !text.is_empty()).unwrap_or(found.noun()).to_owned();
        let kind = TemplateProblem::Arguments { function: function.as_str(), expected, found: found_text };
        self.refuse(found.place, kind)
    }

    fn wrong_value<T>(
        &mut self,
        function: FunctionName,
        expected: &'static str,
        found: &Value,
        place: &Place,
    ) -> Option<T> {
        let found = found.noun().to_owned();
        self.refuse(place, TemplateProblem::Arguments { function: function.as_str(), expected, found })
    }

    /// `Fn::If`.
    pub(super) fn choose(&mut self, argument: Term<'a>, place: &'a Place) -> Option<Value> {
        let expected = "a list of a condition's name and two values";
        let [name, then, otherwise] = self.arguments(FunctionName::If, expected, argument)?;
        if self.scope == Scope::Condition {
            let found = FunctionName::If.as_str().to_owned();
            return self.refuse(place, TemplateProblem::NotInCondition { found });
        }
        let (then, otherwise) = (self.value(then), self.value(otherwise));
        let Some(text) = name.text() else {
            return self.wrong_argument(FunctionName::If, expected, name);
        };
        let condition = self.condition_named(text, name.place)?;
        Some(Value::choice(condition, then?, otherwise?))
    }

    /// The name of a condition, looked up.
    pub(crate) fn condition_named(&mut self, name: &str, place: &Place) -> Option<Condition> {
        let Some(condition) = self.conditions.get(name) else {
            let suggestion = alike(name, self.declared.conditions.keys().copied()).map(str::to_owned);
            let kind = TemplateProblem::UnknownName { what: "condition", name: name.to_owned(), suggestion };
            return self.refuse(place, kind);
        };
        let condition = condition.clone()?;
        self.weigh(weight_of(&condition), place)?;
        Some(condition)
    }

    /// `Fn::FindInMap`. Of a key that is not known, it is one of all values.
    pub(super) fn find_in_map(&mut self, argument: Term<'a>, place: &'a Place) -> Option<Value> {
        let expected = "a list of the name of a mapping and two keys";
        let terms = self.arguments::<3>(FunctionName::FindInMap, expected, argument)?;
        let [mapping, top, second] = terms.map(|term| self.value(term).map(|held| (held, term.place)));
        let ((mapping, mapping_place), (top, top_place), (second, second_place)) = (mapping?, top?, second?);
        let Some(mapping) = mapping.as_literal().map(str::to_owned) else {
            let found = format!("Fn::FindInMap with the mapping {}", mapping.value);
            let instead = "name the mapping";
            return self.refuse(mapping_place, TemplateProblem::Outside { found, instead });
        };
        let Some(found) = self.declared.mappings.get(mapping.as_str()).copied() else {
            let suggestion = alike(&mapping, self.declared.mappings.keys().copied()).map(str::to_owned);
            let kind = TemplateProblem::UnknownName { what: "mapping", name: mapping, suggestion };
            return self.refuse(mapping_place, kind);
        };
        self.settled(vec![top, second], place, &mut |this, keys| {
            let Ok([top, second]) = <[Held; 2]>::try_from(keys) else { return None };
            this.below(found, &top, top_place, place, &mut |this, term| {
                this.below(term, &second, second_place, place, &mut |this, term| match term.items() {
                    Some(items) => {
                        let items = items.iter().filter_map(|item| this.literal(Term::of(item)));
                        Some(Value::List(items.collect()))
                    }
                    None => this.literal(term).map(|held| held.value),
                })
            })
        })
    }

    /// What `then` makes of the value under `key` in `term`, or of each value, where the key is not known.
    fn below(
        &mut self,
        term: Term<'a>,
        key: &Held,
        key_place: &Place,
        place: &Place,
        then: &mut dyn FnMut(&mut Self, Term<'a>) -> Option<Value>,
    ) -> Option<Value> {
        self.weigh(VALUE, place)?;
        let known = match &key.value {
            Value::Number(number) => Some(number.as_str().to_owned()),
            Value::Text(text) => text.as_literal().map(str::to_owned),
            other => {
                let found = format!("Fn::FindInMap with the key {other}");
                return self.refuse(key_place, TemplateProblem::Outside { found, instead: "a key is text" });
            }
        };
        if let Some(known) = known {
            let found = self.entry(term, &known, key_place)?;
            return then(self, found);
        }
        let mut value = Value::Text(SymbolicText::from(Symbol::NoSuchKey));
        for entry in term.entries().unwrap_or_default().iter().rev() {
            self.weigh(VALUE + entry.key.len() + weight_of(key), place)?;
            let found = then(self, Term::of(&entry.value))?;
            let condition = Condition::equals(key.value.clone(), entry.key.as_str().into());
            let held = |value| Held::new(value, place.clone());
            value = Value::choice(condition, held(found), held(value));
        }
        Some(value)
    }

    fn entry(&mut self, term: Term<'a>, key: &str, place: &Place) -> Option<Term<'a>> {
        let entries = term.entries().unwrap_or_default();
        if let Some(entry) = entries.iter().find(|entry| entry.key == key) {
            return Some(Term::of(&entry.value));
        }
        let suggestion = alike(key, entries.iter().map(|entry| entry.key.as_str())).map(str::to_owned);
        let kind =
            TemplateProblem::UnknownName { what: "key of the mapping", name: key.to_owned(), suggestion };
        self.refuse(place, kind)
    }

    /// `Fn::Select`.
    pub(super) fn select(&mut self, argument: Term<'a>, place: &'a Place) -> Option<Value> {
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

    /// `Fn::ImportValue`: what another stack exports is known by its name alone, and nothing that a module could say.
    pub(super) fn import_value(&mut self, argument: Term<'a>, place: &'a Place) -> Option<Value> {
        let name = self.value(argument)?;
        self.weigh(VALUE, place)?;
        self.settled(vec![name], place, &mut |_, names| Some(call(Function::ImportValue, names)))
    }

    /// `Fn::Length`.
    pub(super) fn length(&mut self, argument: Term<'a>, place: &'a Place) -> Option<Value> {
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
                | Function::ToJsonString
                | Function::Bare
                | Function::Text
                | Function::Terraform(_)
                | Function::ImportValue => false,
            },
            _ => false,
        }
    }
}

/// `items` without those that are nothing (`AWS::NoValue`).
pub(super) fn present(items: Vec<Held>) -> Vec<Held> {
    items.into_iter().filter(|item| item.value != Value::Absent).collect()
}

fn call(function: Function, arguments: Vec<Held>) -> Value {
    Value::Text(SymbolicText::from(Symbol::Call(Call { function, arguments })))
}
