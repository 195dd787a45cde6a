//! Compares one thing as all graphs state it: a resource, an input, a requirement or an output, property by property.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::{
    alternatives::{Domains, same, same_condition},
    is_for_people, is_order, knows, knows_demand, knows_entity, policy,
};
use crate::{
    difference::{Difference, DifferenceKind, Side, Unknown, Wrong},
    graph::{Choice, Condition, Demand, Dialect, Graph, Held, Node, Requirement, Symbol, Value},
    read::Place,
};

/// A resource, an input or an output, as each graph states it.
pub(super) struct Entity<'g> {
    graphs: &'g [Graph],
    domains: &'g Domains,
    kind: DifferenceKind,
    name: String,
    noun: &'static str,
    has_model: bool,
    /// Dialects that have no words for it.
    cannot_say: Vec<Dialect>,
    pub attributes: usize,
    pub unknown: Vec<Unknown>,
    pub differences: Vec<Difference>,
}

impl<'g> Entity<'g> {
    pub(super) fn new(
        (graphs, domains): (&'g [Graph], &'g Domains),
        kind: DifferenceKind,
        name: String,
        noun: &'static str,
    ) -> Self {
        let has_model = graphs.iter().any(|graph| graph.dialect == Dialect::Model);
        Self {
            graphs,
            domains,
            kind,
            name,
            noun,
            has_model,
            cannot_say: Vec::new(),
            attributes: 0,
            unknown: Vec::new(),
            differences: Vec::new(),
        }
    }

    pub(super) fn compare<K>(&mut self, nodes: &[Option<&'g Node<K>>]) {
        let can_say: Vec<bool> =
            self.graphs.iter().map(|graph| knows_entity(graph.dialect, self.kind, &self.name)).collect();
        if can_say.iter().filter(|can_say| **can_say).count() < 2 {
            return;
        }
        if nodes.iter().zip(&can_say).any(|(node, can_say)| *can_say && node.is_none()) {
            let whole: Vec<_> = nodes
                .iter()
                .map(|node| node.map(|node| Held::new(&*node.address, node.place.clone())))
                .collect();
            let whole: Vec<_> = whole.iter().map(Option::as_ref).collect();
            self.differ(self.kind, "", &whole);
            return;
        }
        let conditions: Vec<_> = nodes
            .iter()
            .map(|node| node.map(|node| Held::new(&*node.condition.to_string(), node.place.clone())))
            .collect();
        let stated: Vec<&Condition> = nodes.iter().flatten().map(|node| &node.condition).collect();
        let is_same =
            |pair: &[&Condition]| pair[0] == pair[1] || same_condition(pair[0], pair[1], self.domains);
        if stated.windows(2).all(is_same) {
            self.attributes += 1;
        } else {
            let held: Vec<_> = conditions.iter().map(Option::as_ref).collect();
            let kind =
                if self.kind == DifferenceKind::Resource { DifferenceKind::Condition } else { self.kind };
            self.differ(kind, "Condition", &held);
        }
        let names: BTreeSet<&String> =
            nodes.iter().flatten().flat_map(|node| node.properties.keys()).collect();
        for name in names {
            let held: Vec<_> =
                nodes.iter().map(|node| node.and_then(|node| node.properties.get(name))).collect();
            self.property(name, name, &held);
        }
    }

    pub(super) fn requirement(&mut self, demand: &Demand) {
        let dialects = self.graphs.iter().map(|graph| graph.dialect);
        self.cannot_say = dialects.filter(|dialect| !knows_demand(*dialect, demand)).collect();
        let stated: Vec<_> = self
            .graphs
            .iter()
            .filter(|graph| !self.cannot_say.contains(&graph.dialect))
            .map(|graph| graph.requirements.iter().find(|requirement| requirement.demand == *demand))
            .collect();
        if stated.len() < 2 {
            return;
        }
        if stated.iter().all(Option::is_some) {
            self.attributes += 1;
            return;
        }
        let held: Vec<_> = self
            .graphs
            .iter()
            .map(|graph| graph.requirements.iter().find(|requirement| requirement.demand == *demand))
            .map(|requirement| requirement.map(Requirement::held))
            .collect();
        let held: Vec<_> = held.iter().map(Option::as_ref).collect();
        self.differ(self.kind, "", &held);
    }

    fn property(&mut self, path: &str, name: &str, held: &[Option<&'g Held>]) {
        let can_say: Vec<bool> = self
            .graphs
            .iter()
            .map(|graph| {
                knows_entity(graph.dialect, self.kind, &self.name)
                    && knows(graph.dialect, self.kind, self.noun, path)
            })
            .collect();
        if (is_for_people(self.kind, name) || is_order(path)) && !self.has_model {
            return;
        }
        let said: Vec<_> =
            held.iter().zip(&can_say).map(|(held, can_say)| held.filter(|_| *can_say)).collect();
        let missing = said.iter().zip(&can_say).filter(|(held, can_say)| **can_say && held.is_none()).count();
        let stated: Vec<&Held> = said.iter().flatten().copied().collect();
        if can_say.iter().filter(|can_say| **can_say).count() < 2 || stated.is_empty() {
            return;
        }
        let is_same = |pair: &[&Held]| pair[0] == pair[1] || same(pair[0], pair[1], name, self.domains);
        if missing == 0 && stated.windows(2).all(is_same) {
            self.attributes += leaves(&stated[0].value);
            return;
        }
        if missing == 0 {
            if stated.iter().all(|held| matches!(held.value, Value::Map(_))) {
                self.map(path, &said, &stated);
                return;
            }
            if stated.iter().all(|held| matches!(held.value, Value::List(_)))
                && self.list(path, name, &said, &stated)
            {
                return;
            }
        }
        if missing == 0 && stated.iter().any(|held| held.mentions(&Symbol::Unknown)) {
            self.unknown.push(Unknown {
                resource: self.name.clone(),
                resource_kind: self.noun,
                path: path.to_owned(),
            });
            return;
        }
        let kind = if self.kind == DifferenceKind::Resource { DifferenceKind::Attribute } else { self.kind };
        self.differ(kind, path, &said);
    }

    fn map(&mut self, path: &str, said: &[Option<&'g Held>], stated: &[&'g Held]) {
        let entries = |held: &'g Held| match &held.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        };
        let names: BTreeSet<&String> =
            stated.iter().filter_map(|held| entries(held)).flat_map(|map| map.keys()).collect();
        for name in names {
            let held: Vec<_> = said
                .iter()
                .map(|held| held.and_then(entries).and_then(|entries| entries.get(name)))
                .collect();
            self.property(&format!("{path}.{name}"), name, &held);
        }
    }

    /// Whether the lists were compared item by item.
    fn list(&mut self, path: &str, name: &str, said: &[Option<&'g Held>], stated: &[&'g Held]) -> bool {
        let items = |held: &'g Held| match &held.value {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        if name == "Statement" || name == policy::PERMISSIONS {
            if !self.has_model
                && stated.windows(2).all(|pair| policy::mean_the_same(items(pair[0]), items(pair[1])))
            {
                self.attributes += leaves(&stated[0].value);
                return true;
            }
            let documents: Vec<_> = said.iter().map(|held| held.map(items)).collect();
            for statement in policy::line_up(&documents) {
                self.property(&format!("{path}[{}]", statement.name), "statement", &statement.held);
            }
            return true;
        }
        let length = items(stated[0]).len();
        if stated.iter().any(|held| items(held).len() != length) {
            return false;
        }
        for index in 0..length {
            let held: Vec<_> = said.iter().map(|held| held.and_then(|held| items(held).get(index))).collect();
            self.property(&format!("{path}[{index}]"), "item", &held);
        }
        true
    }

    fn differ(&mut self, kind: DifferenceKind, path: &str, held: &[Option<&Held>]) {
        let of = |dialect: Dialect| {
            self.graphs
                .iter()
                .zip(held)
                .find(|(graph, _)| graph.dialect == dialect)
                .and_then(|(_, held)| *held)
        };
        let knows = |dialect: Dialect| {
            knows_entity(dialect, self.kind, &self.name)
                && knows(dialect, self.kind, self.noun, path)
                && !self.cannot_say.contains(&dialect)
        };
        let model = of(Dialect::Model);
        let wrong = |dialect: Dialect| knows(dialect) && of(dialect) != model;
        let wrong =
            self.has_model.then(|| match (wrong(Dialect::Terraform), wrong(Dialect::CloudFormation)) {
                (true, false) => Wrong::Terraform,
                (false, true) => Wrong::CloudFormation,
                (true, true) | (false, false) => Wrong::Both,
            });
        let side = |dialect: Dialect| {
            let stated = of(dialect)?;
            let others = self.graphs.iter().zip(held).filter(|(graph, _)| graph.dialect != dialect);
            let place = place_of_own_item(stated, others.filter_map(|(_, other)| *other));
            Some(Side {
                value: json(&stated.value),
                file: place.file.to_string(),
                line: place.position.map(|position| position.line),
                rule: stated.rule,
            })
        };
        self.differences.push(Difference {
            kind,
            resource: self.name.clone(),
            resource_kind: self.noun,
            path: path.to_owned(),
            terraform: side(Dialect::Terraform),
            cloudformation: side(Dialect::CloudFormation),
            model: model.map(|held| json(&held.value)),
            wrong,
        });
    }
}

/// Where to point for `held`: in a set, at the first item that another set lacks.
fn place_of_own_item<'h>(held: &'h Held, others: impl Iterator<Item = &'h Held>) -> &'h Place {
    let items = |held: &'h Held| match &held.value {
        Value::Set(items) => Some(items),
        _ => None,
    };
    let others: Vec<_> = others.filter_map(items).collect();
    let own = items(held).into_iter().flatten();
    let lacking = |item: &&Held| others.iter().any(|other| !other.contains(item));
    own.filter(lacking).map(|item| &item.place).min().unwrap_or(&held.place)
}

/// How many values a value is made of.
fn leaves(value: &Value) -> usize {
    match value {
        Value::Map(entries) => entries.values().map(|held| leaves(&held.value)).sum(),
        Value::List(items) => items.iter().map(|held| leaves(&held.value)).sum(),
        Value::Json(held) => leaves(&held.value),
        Value::Set(_)
        | Value::Absent
        | Value::Null
        | Value::Flag(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Choice(_) => 1,
    }
}

/// `value` as JSON: text and expressions as in `<name>-scaleup`, a choice as an object with `if`, `then` and `else`.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Absent | Value::Null => Json::Null,
        Value::Flag(flag) => json!(flag),
        Value::Number(number) => {
            number.as_str().parse().map_or_else(|_| json!(number.as_str()), Json::Number)
        }
        Value::Text(text) => json!(text.to_string()),
        Value::List(items) | Value::Set(items) => items.iter().map(|item| json(&item.value)).collect(),
        Value::Map(entries) => Json::Object(
            entries.iter().map(|(name, held)| (name.clone(), json(&held.value))).collect::<Map<_, _>>(),
        ),
        Value::Json(held) => json(&held.value),
        Value::Choice(choice) => {
            let Choice { condition, then, otherwise } = choice.as_ref();
            json!({ "if": condition.to_string(), "then": json(&then.value), "else": json(&otherwise.value) })
        }
    }
}
