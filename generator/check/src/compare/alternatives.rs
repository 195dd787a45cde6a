//! Whether two values that depend on conditions are the same whatever the inputs are.
//!
//! People write one choice in many ways: by the opposite condition, by another of the values that an input may have, item by
//! item or for a whole list. So both are worked out for each combination of what the conditions ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::policy;
use crate::graph::{
    Choice, Condition, Graph, Held, Properties, Symbol, SymbolicText, Value,
    value::visit::{Visit as _, Visitor},
};

/// Combinations that are tried, at most.
const MOST_COMBINATIONS: usize = 4_096;

/// The values that an input may have, where the files list them all; by the symbol of the input.
pub(super) type Domains = BTreeMap<Value, BTreeSet<String>>;

/// What the inputs of all graphs may be.
pub(super) fn domains(graphs: &[Graph]) -> Domains {
    let mut domains: BTreeMap<Value, Vec<Option<BTreeSet<String>>>> = BTreeMap::new();
    for input in graphs.iter().flat_map(|graph| &graph.inputs) {
        let symbol = Value::Text(Symbol::Input(input.address.clone()).into());
        domains.entry(symbol).or_default().push(closed(&input.properties));
    }
    let agreed = domains.into_iter().filter_map(|(symbol, stated)| {
        let first = stated.first()?.clone()?;
        stated.iter().all(|other| other.as_ref() == Some(&first)).then_some((symbol, first))
    });
    agreed.collect()
}

/// The values that an input may have, if its properties list them.
fn closed(input: &Properties) -> Option<BTreeSet<String>> {
    if input.get("Type").and_then(Held::as_literal) == Some("flag") {
        return Some(BTreeSet::from(["true".to_owned(), "false".to_owned()]));
    }
    match &input.get("AllowedValues")?.value {
        Value::Set(items) | Value::List(items) => {
            items.iter().map(|item| item.as_literal().map(str::to_owned)).collect()
        }
        _ => None,
    }
}

/// Whether `left` and `right`, the values of a property called `name`, are the same whatever the inputs are.
pub(super) fn same(left: &Held, right: &Held, name: &str, domains: &Domains) -> bool {
    let mut questions = Questions::default();
    left.visit(&mut questions);
    right.visit(&mut questions);
    !questions.is_empty()
        && questions.each_answer(domains, &mut |answers| {
            equal(&answers.of_value(left), &answers.of_value(right), name)
        })
}

/// Whether two conditions hold for the same inputs.
pub(super) fn same_condition(left: &Condition, right: &Condition, domains: &Domains) -> bool {
    let mut questions = Questions::default();
    left.visit(&mut questions);
    right.visit(&mut questions);
    questions.each_answer(domains, &mut |answers| answers.holds(left) == answers.holds(right))
}

/// Whether two values without conditions are the same.
fn equal(left: &Held, right: &Held, name: &str) -> bool {
    match (&left.value, &right.value) {
        (Value::Map(left), Value::Map(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, held)| right.get(name).is_some_and(|other| equal(held, other, name)))
        }
        (Value::List(left), Value::List(right)) if name == "Statement" || name == policy::PERMISSIONS => {
            policy::mean_the_same(left, right)
        }
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| equal(left, right, "item"))
        }
        (left, right) => left == right,
    }
}

/// What conditions ask: by what they ask about, the texts that it is compared with; and what cannot be told apart like that.
#[derive(Default)]
struct Questions<'v> {
    texts: BTreeMap<&'v Value, BTreeSet<&'v str>>,
    others: BTreeSet<&'v Condition>,
}

impl<'v> Visitor<'v> for Questions<'v> {
    fn condition(&mut self, condition: &'v Condition) {
        let Condition::Equals(left, right) = condition else { return condition.visit_inside(self) };
        let literal = |value: &'v Value| match value {
            Value::Text(text) => text.as_literal(),
            _ => None,
        };
        match (literal(left), literal(right)) {
            (Some(text), None) => drop(self.texts.entry(right).or_default().insert(text)),
            (None, Some(text)) => drop(self.texts.entry(left).or_default().insert(text)),
            _ => drop(self.others.insert(condition)),
        }
    }
}

impl<'v> Questions<'v> {
    fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.others.is_empty()
    }

    /// Whether `holds` holds for each combination of answers; false, where there are too many.
    fn each_answer(&self, domains: &Domains, holds: &mut dyn FnMut(&Answers<'v>) -> bool) -> bool {
        let mut answers = vec![Answers::default()];
        for (of, texts) in &self.texts {
            let known = domains.get(*of);
            let mut possible: Vec<Option<&'v str>> = texts
                .iter()
                .filter(|text| known.is_none_or(|known| known.contains(**text)))
                .map(|text| Some(*text))
                .collect();
            // Anything else.
            if known.is_none_or(|known| known.iter().any(|value| !texts.contains(value.as_str()))) {
                possible.push(None);
            }
            if answers.len().saturating_mul(possible.len()) > MOST_COMBINATIONS {
                return false;
            }
            answers = answers
                .iter()
                .flat_map(|before| possible.iter().map(|text| before.with(of, *text)))
                .collect();
        }
        for condition in &self.others {
            if answers.len().saturating_mul(2) > MOST_COMBINATIONS {
                return false;
            }
            let with = |before: &Answers<'v>| [false, true].map(|holds| before.holding(condition, holds));
            answers = answers.iter().flat_map(with).collect();
        }
        answers.iter().all(holds)
    }
}

/// One answer to each question.
#[derive(Default, Clone)]
struct Answers<'v> {
    texts: BTreeMap<&'v Value, Option<&'v str>>,
    others: BTreeMap<&'v Condition, bool>,
}

impl<'v> Answers<'v> {
    fn with(&self, of: &'v Value, text: Option<&'v str>) -> Self {
        let mut answers = self.clone();
        answers.texts.insert(of, text);
        answers
    }

    fn holding(&self, condition: &'v Condition, holds: bool) -> Self {
        let mut answers = self.clone();
        answers.others.insert(condition, holds);
        answers
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Always => true,
            Condition::Never => false,
            Condition::Not(condition) => !self.holds(condition),
            Condition::All(all) => all.iter().all(|condition| self.holds(condition)),
            Condition::Any(any) => any.iter().any(|condition| self.holds(condition)),
            Condition::Equals(left, right) => {
                if let Some(holds) = self.others.get(condition) {
                    return *holds;
                }
                let is = |of: &Value, text: &Value| match (self.texts.get(of), text) {
                    (Some(answer), Value::Text(text)) => *answer == text.as_literal(),
                    _ => false,
                };
                is(left, right) || is(right, left)
            }
        }
    }

    /// What `held` is then.
    fn of_value(&self, held: &Held) -> Held {
        let value = match &held.value {
            Value::Choice(choice) => {
                let Choice { condition, then, otherwise } = choice.as_ref();
                return self.of_value(if self.holds(condition) { then } else { otherwise });
            }
            Value::List(items) => Value::List(self.of_items(items)),
            Value::Set(items) => Value::set(self.of_items(items)),
            Value::Map(entries) => {
                let entries = entries.iter().map(|(name, held)| (name.clone(), self.of_value(held)));
                Value::Map(entries.filter(|(_, held)| held.value != Value::Absent).collect())
            }
            Value::Json(document) => Value::Json(Box::new(self.of_value(document))),
            Value::Text(_) => {
                let mut known = held.clone();
                known.rewrite(&mut |symbol: &Symbol| {
                    let of = Value::Text(SymbolicText::from(symbol.clone()));
                    let text = self.texts.get(&of).copied().flatten()?;
                    Some(SymbolicText::literal(text))
                });
                return known;
            }
            value @ (Value::Absent | Value::Null | Value::Flag(_) | Value::Number(_)) => value.clone(),
        };
        Held { value, place: held.place.clone(), rule: held.rule }
    }

    fn of_items(&self, items: &[Held]) -> Vec<Held> {
        let items = items.iter().map(|item| self.of_value(item));
        items.filter(|item| item.value != Value::Absent).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::value::tests::held;

    fn is(input: &str, value: &str) -> Condition {
        Condition::equals(Value::Text(Symbol::Input(input.into()).into()), value.into())
    }

    fn either(condition: Condition, then: &str, otherwise: &str) -> Held {
        held(Value::choice(condition, held(then), held(otherwise)))
    }

    fn of_env(values: &[&str]) -> Domains {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Domains::from([(Value::Text(Symbol::Input("Env".into()).into()), values)])
    }

    #[test]
    fn the_last_of_the_allowed_values_is_what_the_others_are_not() {
        let (dev, prod) = (either(is("Env", "dev"), "a", "b"), either(is("Env", "prod"), "b", "a"));
        assert!(same(&dev, &prod, "", &of_env(&["dev", "prod"])));
        assert!(!same(&dev, &prod, "", &of_env(&["dev", "prod", "test"])));
        assert!(!same(&dev, &prod, "", &Domains::new()));
        let not_prod = Condition::not(is("Env", "prod"));
        assert!(same_condition(&is("Env", "dev"), &not_prod, &of_env(&["dev", "prod"])));
        assert!(!same_condition(&is("Env", "dev"), &not_prod, &Domains::new()));
    }

    #[test]
    fn a_list_may_depend_as_a_whole_or_item_by_item() {
        let list = |items: Vec<Held>| held(Value::List(items));
        let whole =
            held(Value::choice(is("Env", "x"), list(vec![held("a"), held("b")]), list(vec![held("a")])));
        let item = |condition| list(vec![held("a"), held("b").under(condition)]);
        assert!(same(&whole, &item(is("Env", "x")), "", &Domains::new()));
        assert!(!same(&whole, &item(is("Env", "y")), "", &Domains::new()));
    }

    #[test]
    fn what_an_input_is_then_is_known_in_the_value() {
        let input = Value::Text(Symbol::Input("Env".into()).into());
        let spelled = held(Value::choice(is("Env", "x"), held("x"), held(input.clone())));
        assert!(same(&spelled, &held(input.clone()), "", &Domains::new()));
        let other = held(Value::choice(is("Env", "x"), held("y"), held(input.clone())));
        assert!(!same(&other, &held(input), "", &Domains::new()));
    }
}
