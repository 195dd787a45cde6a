//! Compares one thing as all graphs state it: a resource, an input, a requirement or an output, property by property.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::{
    alternatives::{Domains, same, same_condition},
    is_for_people, is_order, knows, knows_demand, knows_entity, policy,
    unread::is_unread,
};
use crate::{
    difference::{Difference, DifferenceKind, LeftOut, Side, Unknown, Wrong},
    graph::{
        Choice, Condition, Demand, Dialect, Graph, Held, Kind, Node, Requirement, Symbol, Value,
        value::visit::Visit as _,
    },
    read::Place,
    rules::may_depend,
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
    /// Whether what could not be read is left out.
    is_partial: bool,
    /// Which graphs lack something of it whose name nobody knows.
    incomplete: Vec<bool>,
    /// Whether something of it could not be read.
    has_unread: bool,
    pub resources: usize,
    pub attributes: usize,
    pub left_out: Vec<LeftOut>,
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
            is_partial: graphs.iter().any(|graph| graph.omitted.is_partial),
            incomplete: graphs
                .iter()
                .map(|graph| kind == DifferenceKind::Parameter && graph.omitted.lacks_bounds)
                .collect(),
            has_unread: false,
            resources: 0,
            attributes: 0,
            left_out: Vec::new(),
            unknown: Vec::new(),
            differences: Vec::new(),
        }
    }

    /// Compares a resource. Graphs that are `excused` may have it although nobody found it there.
    pub(super) fn resource(&mut self, nodes: &[Option<&'g Node<Kind>>], excused: &[bool]) {
        let lacks = || nodes.iter().zip(excused).filter(|(node, _)| node.is_none());
        if lacks().count() > 0 && lacks().all(|(_, excused)| *excused) {
            self.leave_out(nodes);
            return;
        }
        self.resources += 1;
        self.incomplete = nodes
            .iter()
            .zip(self.graphs)
            .map(|(node, graph)| node.is_some_and(|node| graph.omitted.incomplete.contains(&node.address)))
            .collect();
        self.compare(nodes);
    }

    /// Notes a resource that is compared nowhere.
    pub(super) fn leave_out(&mut self, nodes: &[Option<&'g Node<Kind>>]) {
        let out = |node: &&Node<Kind>| LeftOut::new(self.noun, &self.name, "", &node.place);
        self.left_out.extend(nodes.iter().flatten().map(out));
    }

    pub(super) fn compare<K>(&mut self, nodes: &[Option<&'g Node<K>>]) {
        let properties = || nodes.iter().flatten().flat_map(|node| node.properties.values());
        self.has_unread = self.is_partial && properties().any(is_unread);
        // Of an input whose type could not be read, nothing is known.
        let unread_input = nodes.iter().flatten().find(|node| {
            self.kind == DifferenceKind::Parameter && node.properties.get("Type").is_some_and(is_unread)
        });
        if let Some(node) = unread_input.filter(|_| self.is_partial) {
            self.left_out.push(LeftOut::new(self.noun, &self.name, "", &node.place));
            return;
        }
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
        let is_unknown = |condition: &Condition| condition.has_symbol(|symbol| *symbol == Symbol::Unknown);
        if self.is_partial && stated.iter().any(|condition| is_unknown(condition)) {
            if let Some(node) = nodes.iter().flatten().next() {
                self.left_out.push(LeftOut::new(self.noun, &self.name, "Condition", &node.place));
            }
        } else if stated.windows(2).all(is_same) {
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
        // It may stand in what could not be read.
        let may_be_unread = |graph: &Graph| !graph.omitted.is_empty();
        if let (true, Some(Some(stated))) =
            (self.graphs.iter().any(may_be_unread), stated.iter().find(|stated| stated.is_some()))
        {
            self.left_out.push(LeftOut::new(self.noun, &self.name, "", &stated.place));
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
        let has_unread = self.is_partial && stated.iter().any(|held| is_unread(held));
        if missing == 0 && !has_unread && stated.windows(2).all(is_same) {
            self.attributes += leaves(&stated[0].value);
            return;
        }
        if missing == 0 {
            if stated.iter().all(|held| matches!(held.value, Value::Map(_))) {
                self.map(path, &said, &stated);
                return;
            }
            // Which statement is which, nobody knows where something of one could not be read.
            let in_order = !(has_unread && (name == "Statement" || name == policy::PERMISSIONS));
            if in_order
                && stated.iter().all(|held| matches!(held.value, Value::List(_)))
                && self.list(path, name, &said, &stated)
            {
                return;
            }
        }
        if self.is_partial && self.may_be_unread(path, &said) {
            let place = stated.iter().find(|held| is_unread(held)).or(stated.first());
            if let Some(held) = place {
                self.left_out.push(LeftOut::new(self.noun, &self.name, path, &held.place));
            }
            return;
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

    /// Whether a difference may come from what could not be read: it stands there, or a side does not say it itself and lacks something
    /// whose name nobody knows, or nobody says it and the defaults follow from what could not be read.
    fn may_be_unread(&self, path: &str, said: &[Option<&'g Held>]) -> bool {
        let is_silent = |held: Option<&Held>| held.is_none_or(|held| held.rule.is_some());
        // A default that follows from what could not be read is not filled in.
        let may_follow = self.has_unread && may_depend(self.noun, path);
        let mut sides = said.iter().zip(&self.incomplete);
        said.iter().flatten().any(|held| is_unread(held))
            || sides.any(|(held, incomplete)| *incomplete && is_silent(*held))
            || (may_follow && said.iter().any(Option::is_none))
            || (self.has_unread && said.iter().copied().all(is_silent))
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
