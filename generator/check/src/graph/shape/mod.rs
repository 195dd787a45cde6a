//! Brings properties into the shapes of the vocabulary, whichever way a dialect wrote them, and refuses what the
//! vocabulary does not have.

mod document;
mod pattern;
mod unsure;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Choice, Dialect, Graph, Held, Kind, Number, Properties, Symbol, SymbolicText, Value,
    kind::{self, Field, Shape},
    unread,
};
use crate::{
    problem::{Problem, ProblemKind, TemplateProblem, alike},
    read::Place,
};

/// Shapes properties and collects what does not fit.
#[derive(Debug, Default)]
pub(crate) struct Shaper {
    of: &'static str,
    is_template: bool,
    /// Inputs that hold lists.
    lists: BTreeSet<Arc<str>>,
    /// What did not fit.
    pub problems: Vec<Problem>,
    /// Whether a property was left out whose name the vocabulary does not have.
    is_incomplete: bool,
}

impl Shaper {
    /// The properties of a resource of `kind`.
    pub(crate) fn resource(&mut self, kind: Kind, properties: Properties) -> Properties {
        self.of = kind.as_str();
        self.is_incomplete = false;
        let mut shaped = Properties::new();
        for (name, held) in properties {
            let (before, place) = (self.problems.len(), held.place.clone());
            let found = self.object("", kind.facts().fields, [(name.clone(), held)].into());
            if self.problems.len() == before {
                shaped.extend(found);
            } else if kind.facts().fields.iter().any(|field| field.name == name) {
                shaped.insert(name, Held::new(unread(), place));
            } else {
                self.is_incomplete = true;
            }
        }
        shaped
    }

    /// Shapes every resource of `graph`, and what its outputs say.
    pub(crate) fn graph(&mut self, graph: &mut Graph) {
        self.is_template = graph.dialect == Dialect::CloudFormation;
        let is_list = |held: &Held| held.as_literal() == Some("list");
        let lists = graph.inputs.iter().filter(|input| input.properties.get("Type").is_some_and(is_list));
        self.lists = lists.map(|input| Arc::clone(&input.address)).collect();
        for node in &mut graph.resources {
            node.properties = self.resource(node.kind, std::mem::take(&mut node.properties));
            if self.is_incomplete {
                graph.omitted.incomplete.insert(Arc::clone(&node.address));
            }
        }
        for output in &mut graph.outputs {
            if let Some(held) = output.properties.get_mut("Value") {
                held.each_alternative(&mut |held| self.written_out(held));
            }
        }
        if self.is_template {
            let before = self.problems.len();
            self.refuse_unsure(graph);
            if self.problems.len() > before {
                graph.rewrite(&mut |symbol: &Symbol| {
                    matches!(symbol, Symbol::Unsure(_)).then(|| Symbol::Unknown.into())
                });
            }
        }
    }

    fn refuse(&mut self, place: &Place, kind: ProblemKind) {
        self.problems.push(Problem { place: place.clone(), kind });
    }

    fn object(&mut self, path: &str, fields: &[Field], entries: Properties) -> Properties {
        let mut shaped = BTreeMap::new();
        for (name, held) in entries {
            let path = join(path, &name);
            let Some(field) = fields.iter().find(|field| field.name == name) else {
                let suggestion = alike(&name, fields.iter().map(|field| field.name)).map(str::to_owned);
                let kind = ProblemKind::UnknownProperty { of: self.of.to_owned(), path, suggestion };
                self.refuse(&held.place, kind);
                continue;
            };
            if let Some(held) = self.held(&path, &field.shape, held) {
                shaped.insert(name, held);
            }
        }
        shaped
    }

    /// `held` in its shape; nothing, where it says nothing or does not fit.
    fn held(&mut self, path: &str, shape: &Shape, held: Held) -> Option<Held> {
        let Held { value, place, rule } = held;
        let value = self.value(path, shape, value, &place)?;
        Some(Held { value, place, rule })
    }

    #[expect(clippy::match_same_arms, reason = "one arm for each shape, in the vocabulary's order")]
    fn value(&mut self, path: &str, shape: &Shape, value: Value, place: &Place) -> Option<Value> {
        match (shape, value) {
            (_, Value::Absent) => None,
            (_, Value::Choice(choice)) => Some(choice.filter_map(|side| self.held(path, shape, side))),
            // The text of one of two documents is one of two texts.
            (_, Value::Json(held)) if matches!(held.value, Value::Choice(_)) => {
                let Value::Choice(choice) = held.value else { return None };
                let text = |side: Held| {
                    let place = side.place.clone();
                    Held::new(Value::Json(Box::new(side)), place)
                };
                self.value(path, shape, choice.map(text), place)
            }
            (Shape::Document(_) | Shape::MaybeDocument | Shape::Json | Shape::Pattern, value) => {
                self.document(path, shape, value, place)
            }
            // Outside of documents, `null` of Terraform says nothing.
            (_, Value::Null) => {
                if self.is_template {
                    self.refuse(place, ProblemKind::Template(TemplateProblem::NoValue));
                }
                None
            }
            (Shape::Text, Value::Json(held)) => Some(self.text_of(&held).unwrap_or(Value::Json(held))),
            (Shape::Number, Value::Text(text)) if matches!(text.as_symbol(), Some(Symbol::Unsure(_))) => {
                Number::parse(&text.to_string()).map(Value::Number)
            }
            // A single expression may hold anything. Quotes have a meaning in documents only.
            (_, Value::Text(text)) if text.as_symbol().is_some() => Some(expression(shape, text, place)),
            (Shape::Text, Value::Text(text)) => Some(Value::Text(text)),
            (Shape::Text, Value::Number(number)) => Some(Value::Text(SymbolicText::literal(number.as_str()))),
            (Shape::Text, Value::Flag(flag)) => Some(Value::Text(SymbolicText::literal(flag.to_string()))),
            (Shape::Number, Value::Number(number)) => Some(Value::Number(number)),
            (Shape::Number, Value::Text(text)) => {
                let number = text.as_literal().and_then(Number::parse);
                if number.is_none() {
                    self.wrong(path, shape, &Value::Text(text), place);
                }
                number.map(Value::Number)
            }
            (Shape::Flag, Value::Flag(flag)) => Some(Value::Flag(flag)),
            (Shape::Flag, Value::Text(text)) => match text.as_literal() {
                Some("true") => Some(Value::Flag(true)),
                Some("false") => Some(Value::Flag(false)),
                _ => {
                    self.wrong(path, shape, &Value::Text(text), place);
                    None
                }
            },
            (Shape::List(item), Value::List(items) | Value::Set(items)) => {
                Some(Value::List(self.items(path, item, items)))
            }
            (Shape::Set(item), Value::List(items) | Value::Set(items)) => {
                Some(Value::set(self.items(path, item, items)))
            }
            (Shape::OneOrMore, Value::List(items) | Value::Set(items)) => {
                Some(Value::set(self.items(path, &Shape::Text, items)))
            }
            (Shape::OneOrMore, value @ (Value::Text(_) | Value::Number(_) | Value::Flag(_))) => {
                let value = self.value(path, &Shape::Text, value, place)?;
                Some(Value::set(vec![Held::new(value, place.clone())]))
            }
            (Shape::OneOrMoreOf(item), Value::List(items) | Value::Set(items)) => {
                Some(Value::List(self.items(path, item, items)))
            }
            (Shape::OneOrMoreOf(item), value @ Value::Map(_)) => {
                let value = self.value(path, item, value, place)?;
                Some(Value::List(vec![Held::new(value, place.clone())]))
            }
            (Shape::Object(fields), Value::Map(entries)) => {
                Some(Value::Map(self.object(path, fields, entries)))
            }
            (Shape::MapOf(shape), Value::Map(entries)) => {
                let held = entries.into_iter().filter_map(|(name, held)| {
                    let held = self.held(&join(path, &name), shape, held)?;
                    Some((name, held))
                });
                Some(Value::Map(held.collect()))
            }
            (Shape::Principal, Value::Text(text)) => Some(Value::Text(text)),
            (Shape::Principal, value @ Value::Map(_)) => {
                self.value(path, &Shape::MapOf(&Shape::OneOrMore), value, place)
            }
            (Shape::Tags, value @ Value::Map(_)) => {
                self.value(path, &Shape::MapOf(&Shape::Text), value, place)
            }
            (Shape::Tags, value) => {
                let shape = Shape::Keyed { key: "Key", value: Some("Value"), item: &kind::TAG };
                self.value(path, &shape, value, place)
            }
            // Which item is which, nobody knows.
            (Shape::Keyed { key, .. }, Value::List(items) | Value::Set(items))
                if items.iter().any(|item| is_nameless(item, key)) =>
            {
                Some(unread())
            }
            (Shape::Keyed { key, value, item }, Value::List(items) | Value::Set(items)) => {
                Some(Value::Map(self.keyed(path, key, *value, item, items)))
            }
            (shape, value) => {
                self.wrong(path, shape, &value, place);
                None
            }
        }
    }

    fn items(&mut self, path: &str, shape: &Shape, items: Vec<Held>) -> Vec<Held> {
        items.into_iter().filter_map(|item| self.held(path, shape, item)).collect()
    }

    fn keyed(
        &mut self,
        path: &str,
        key: &str,
        value: Option<&str>,
        item: &Shape,
        items: Vec<Held>,
    ) -> Properties {
        let mut keyed = Properties::new();
        for held in items {
            let Some(held) = self.held(path, item, held) else { continue };
            for (name, held) in self.keyed_item(path, key, value, item, held) {
                let place = held.place.clone();
                let merged = match keyed.remove(&name) {
                    // An item without a value is there all the same.
                    Some(other) if other.value == Value::Absent || held.value == Value::Absent => None,
                    Some(other) => merged(other, held),
                    None => Some(held),
                };
                match merged {
                    Some(held) => drop(keyed.insert(name, held)),
                    None => {
                        self.refuse(&place, ProblemKind::DoubledItem { path: path.to_owned(), key: name });
                    }
                }
            }
        }
        keyed
    }

    /// An item by its name; several, if it depends on a condition which one it is.
    fn keyed_item(
        &mut self,
        path: &str,
        key: &str,
        value: Option<&str>,
        item: &Shape,
        held: Held,
    ) -> Properties {
        let Held { value: found, place, .. } = held;
        let mut entries = match found {
            Value::Absent => return Properties::new(),
            Value::Choice(choice) => {
                let Choice { condition, then, otherwise } = *choice;
                let then = self.keyed_item(path, key, value, item, then);
                let mut otherwise = self.keyed_item(path, key, value, item, otherwise);
                let absent = || Held::new(Value::Absent, place.clone());
                let chosen = |then, otherwise| {
                    Held::new(Value::choice(condition.clone(), then, otherwise), place.clone())
                };
                let mut all: Properties = then
                    .into_iter()
                    .map(|(name, then)| {
                        let otherwise = otherwise.remove(&name).unwrap_or_else(absent);
                        (name, chosen(then, otherwise))
                    })
                    .collect();
                all.extend(otherwise.into_iter().map(|(name, held)| (name, chosen(absent(), held))));
                return all;
            }
            Value::Map(entries) => entries,
            other => {
                self.wrong(path, item, &other, &place);
                return Properties::new();
            }
        };
        let Some(name) = entries.remove(key) else {
            let found = format!("an item without `{key}`");
            let kind =
                ProblemKind::WrongShape { path: path.to_owned(), expected: "a list of named items", found };
            self.refuse(&place, kind);
            return Properties::new();
        };
        let name = match &name.value {
            Value::Text(text) => text.to_string(),
            other => other.to_string(),
        };
        let held = match value {
            Some(value) => entries.remove(value).unwrap_or(Held::new(Value::Absent, place)),
            None => Held::new(entries, place),
        };
        Properties::from([(name, held)])
    }

    fn wrong(&mut self, path: &str, shape: &Shape, found: &Value, place: &Place) {
        let found = match found {
            Value::Text(text) => format!("the text `{}`", crate::read::excerpt(&text.to_string())),
            other => other.noun().to_owned(),
        };
        let kind = ProblemKind::WrongShape { path: path.to_owned(), expected: shape.noun(), found };
        self.refuse(place, kind);
    }
}

/// Whether nobody knows the name of an item, which stands under `key`.
fn is_nameless(item: &Held, key: &str) -> bool {
    match &item.value {
        Value::Map(entries) => entries.get(key).is_some_and(|name| name.mentions(&Symbol::Unknown)),
        Value::Choice(choice) => is_nameless(&choice.then, key) || is_nameless(&choice.otherwise, key),
        _ => false,
    }
}

/// A single expression in `shape`.
fn expression(shape: &Shape, text: SymbolicText, place: &Place) -> Value {
    let value = match text.as_symbol().and_then(Symbol::as_bare) {
        Some(held) => held.value.clone(),
        None => Value::Text(text),
    };
    match shape {
        Shape::OneOrMore => Value::set(vec![Held::new(value, place.clone())]),
        _ => value,
    }
}

/// One of two, of which at most one is there at a time; nothing, if both can be.
fn merged(one: Held, other: Held) -> Option<Held> {
    match (one.value, other.value) {
        (Value::Absent, value) => Some(Held { value, ..other }),
        (value, Value::Absent) => Some(Held { value, ..one }),
        (Value::Choice(left), Value::Choice(right)) if left.condition == right.condition => {
            let then = merged(left.then, right.then)?;
            let otherwise = merged(left.otherwise, right.otherwise)?;
            Some(Held {
                value: Value::choice(left.condition, then, otherwise),
                place: one.place,
                rule: one.rule,
            })
        }
        _ => None,
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Condition, Symbol, value::tests::held};

    fn is(text: &str) -> Condition {
        Condition::equals(SymbolicText::from(Symbol::Input("P".into())).into(), text.into())
    }

    fn tag(key: &str, value: &str) -> Held {
        held(Properties::from([("Key".to_owned(), held(key)), ("Value".to_owned(), held(value))]))
    }

    /// The tags that `items` become, and how often they were refused.
    fn tags(items: Vec<Held>) -> (String, usize) {
        let mut shaper = Shaper::default();
        let properties = Properties::from([("Tags".to_owned(), held(Value::List(items)))]);
        let found = shaper.resource(Kind::Queue, properties);
        (found.get("Tags").map_or(String::new(), |held| held.value.to_string()), shaper.problems.len())
    }

    #[test]
    fn items_of_a_choice_keep_their_condition() {
        let only = |tag| held(Value::choice(is("x"), tag, held(Value::Absent)));
        let either = |one, other| held(Value::choice(is("x"), one, other));
        let (found, problems) =
            tags(vec![tag("a", "1"), only(tag("b", "2")), either(tag("c", "3"), tag("c", "4"))]);
        assert_eq!(
            (found.as_str(), problems),
            (r#"{a: "1", b: "2" if "x" = "<P>", else nothing, c: "3" if "x" = "<P>", else "4"}"#, 0)
        );
        let no = held(Value::choice(is("x"), held(Value::Absent), tag("b", "7")));
        assert_eq!(tags(vec![only(tag("b", "2")), no]).0, r#"{b: "2" if "x" = "<P>", else "7"}"#);
        let (found, problems) = tags(vec![either(tag("d", "5"), tag("e", "6"))]);
        assert_eq!(
            (found.as_str(), problems),
            (r#"{d: "5" if "x" = "<P>", else nothing, e: nothing if "x" = "<P>", else "6"}"#, 0)
        );
    }

    #[test]
    fn items_that_are_doubled_or_not_known_are_refused() {
        let only = |tag| held(Value::choice(is("x"), tag, held(Value::Absent)));
        assert_eq!(tags(vec![tag("a", "1"), only(tag("a", "2"))]).1, 1);
        assert_eq!(tags(vec![held(SymbolicText::from(Symbol::Input("P".into())))]).1, 1);
    }
}
