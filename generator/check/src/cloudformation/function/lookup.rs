//! Functions that look something up by its name: a condition, a mapping.

use super::super::{
    evaluate::{Evaluator, Scope, VALUE, weight_of},
    problem::TemplateProblem,
    term::{FunctionName, Term},
};
use crate::{
    graph::{Condition, Held, Value, alike},
    read::Place,
};

impl<'a> Evaluator<'a> {
    /// `Fn::If`.
    pub(in crate::cloudformation) fn choose(
        &mut self,
        argument: Term<'a>,
        place: &'a Place,
    ) -> Option<Value> {
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

    /// `Fn::FindInMap`.
    pub(in crate::cloudformation) fn find_in_map(
        &mut self,
        argument: Term<'a>,
        place: &'a Place,
    ) -> Option<Value> {
        let expected = "a list of the name of a mapping and two keys";
        let terms = self.arguments::<3>(FunctionName::FindInMap, expected, argument)?;
        let [mapping, top, second] = terms.map(|term| self.value(term).map(|held| (held, term.place)));
        let mut key = |held: Option<(Held, &'a Place)>| {
            let (held, place) = held?;
            match &held.value {
                Value::Number(number) => Some((number.as_str().to_owned(), place)),
                Value::Text(text) if text.as_literal().is_some() => {
                    text.as_literal().map(|text| (text.to_owned(), place))
                }
                other => {
                    let found = format!("Fn::FindInMap with the key {other}");
                    let instead = "only keys that are written out can be looked up";
                    self.refuse(place, TemplateProblem::Outside { found, instead })
                }
            }
        };
        let (mapping, top, second) = (key(mapping), key(top), key(second));
        let ((mapping, mapping_place), top, second) = (mapping?, top?, second?);
        let Some(found) = self.declared.mappings.get(mapping.as_str()).copied() else {
            let suggestion = alike(&mapping, self.declared.mappings.keys().copied()).map(str::to_owned);
            let kind = TemplateProblem::UnknownName { what: "mapping", name: mapping, suggestion };
            return self.refuse(mapping_place, kind);
        };
        let found = self.entry(found, &top.0, top.1)?;
        let found = self.entry(found, &second.0, second.1)?;
        self.weigh(VALUE, place)?;
        match found.items() {
            Some(items) => {
                let items = items.iter().filter_map(|item| self.literal(Term::of(item)));
                Some(Value::List(items.collect()))
            }
            None => self.literal(found).map(|held| held.value),
        }
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
}
