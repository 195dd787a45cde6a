//! Graphs in, differences out: all of them, sorted. Says nothing about files that cannot be read.

mod json;
mod matching;
mod pairing;
mod policy;
mod side;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use pairing::pair;

use crate::{
    difference::{Difference, DifferenceKind, Side, Unknown, Wrong},
    graph::{
        Address, Condition, Demand, Dialect, Graph, GraphProblem, GraphProblemKind, Held, Kind, Node,
        Requirement, Symbol, Value,
    },
    read::Place,
};

/// What a comparison found.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// Resources that were compared.
    pub resources: usize,
    /// Properties that were compared: texts, numbers, flags, sets.
    pub attributes: usize,
    /// Values that were not compared, because nobody knows them yet.
    pub unknown: Vec<Unknown>,
    /// What is not the same everywhere.
    pub differences: Vec<Difference>,
}

/// Resources of one kind and name in one graph: nobody can deploy them, and nobody can tell them apart.
pub(crate) fn doubled_names(graph: &Graph) -> Vec<GraphProblem> {
    let mut seen = BTreeMap::new();
    let mut problems = Vec::new();
    for node in &graph.resources {
        let [name] = node.kind.facts().identity else { continue };
        let Some(held) = node.properties.get(*name) else { continue };
        if let Some(first) = seen.insert((node.kind, held), node) {
            let kind = GraphProblemKind::DoubledName {
                kind: node.kind.as_str(),
                name: display(&held.value),
                first: first.place.clone(),
            };
            problems.push(GraphProblem { place: node.place.clone(), kind });
        }
    }
    problems
}

/// Compares graphs that were brought into the same words: the model's first, if there is one.
pub(crate) fn compare(mut graphs: Vec<Graph>) -> Comparison {
    let rows = matching::match_resources(&mut graphs);
    let mut comparison = Comparison { resources: rows.len(), ..Comparison::default() };
    let names: Names = rows
        .iter()
        .filter_map(|row| {
            let node =
                row.nodes.iter().zip(&graphs).find_map(|(node, graph)| graph.resources.get((*node)?))?;
            let name = node.properties.get(*node.kind.facts().identity.first()?)?;
            Some((Address::clone(&row.address), display(&name.value)))
        })
        .collect();
    for row in &rows {
        if row
            .nodes
            .iter()
            .zip(&graphs)
            .any(|(node, graph)| node.is_some_and(|node| graph.resources[node].kind == Kind::Role))
        {
            policy::put_together(&mut graphs, &row.nodes);
        }
        let nodes: Vec<_> = row
            .nodes
            .iter()
            .zip(&graphs)
            .map(|(node, graph)| node.and_then(|node| graph.resources.get(node)))
            .collect();
        // The first one that has a name, if any has.
        let is_named = |node: &&Node<Kind>| {
            node.kind.facts().identity.first().is_some_and(|name| node.properties.contains_key(*name))
        };
        let stated = || nodes.iter().flatten().copied();
        let Some(first) = stated().find(is_named).or_else(|| stated().next()) else { continue };
        let name = physical_name(first, &names);
        let mut entity = Entity::new(&graphs, DifferenceKind::Resource, name, first.kind.as_str());
        entity.compare(&nodes);
        comparison.take(entity);
    }
    comparison.named(&graphs, DifferenceKind::Parameter, "Input", |graph| &graph.inputs);
    comparison.requirements(&graphs);
    comparison.named(&graphs, DifferenceKind::Output, "Output", |graph| &graph.outputs);
    comparison
        .differences
        .sort_by_cached_key(|one| (one.kind, one.resource_kind, one.resource.clone(), one.path.clone()));
    comparison.unknown.sort();
    comparison
}

impl Comparison {
    fn take(&mut self, entity: Entity<'_>) {
        self.attributes += entity.attributes;
        self.unknown.extend(entity.unknown);
        self.differences.extend(entity.differences);
    }

    /// Compares what the inputs must fulfil together; a demand is matched by what it demands.
    fn requirements(&mut self, graphs: &[Graph]) {
        let demands: BTreeSet<_> = graphs
            .iter()
            .flat_map(|graph| &graph.requirements)
            .map(|requirement| &requirement.demand)
            .collect();
        for demand in demands {
            let mut entity =
                Entity::new(graphs, DifferenceKind::Requirement, demand.to_string(), "Requirement");
            entity.requirement(demand);
            self.take(entity);
        }
    }

    /// Compares what is matched by name alone.
    fn named(
        &mut self,
        graphs: &[Graph],
        kind: DifferenceKind,
        noun: &'static str,
        of: fn(&Graph) -> &Vec<Node<()>>,
    ) {
        let names: BTreeSet<_> =
            graphs.iter().flat_map(|graph| of(graph).iter().map(|node| &node.address)).collect();
        for name in names {
            let nodes: Vec<_> =
                graphs.iter().map(|graph| of(graph).iter().find(|node| node.address == *name)).collect();
            let mut entity = Entity::new(graphs, kind, name.to_string(), noun);
            entity.compare(&nodes);
            self.take(entity);
        }
    }
}

/// What is compared: a resource, an input, an output, as each graph states it.
struct Entity<'g> {
    graphs: &'g [Graph],
    kind: DifferenceKind,
    name: String,
    noun: &'static str,
    has_model: bool,
    /// Dialects that have no words for it.
    mute: Vec<Dialect>,
    attributes: usize,
    unknown: Vec<Unknown>,
    differences: Vec<Difference>,
}

impl<'g> Entity<'g> {
    fn new(graphs: &'g [Graph], kind: DifferenceKind, name: String, noun: &'static str) -> Self {
        let has_model = graphs.iter().any(|graph| graph.dialect == Dialect::Model);
        Self {
            graphs,
            kind,
            name,
            noun,
            has_model,
            mute: Vec::new(),
            attributes: 0,
            unknown: Vec::new(),
            differences: Vec::new(),
        }
    }

    fn compare<K>(&mut self, nodes: &[Option<&'g Node<K>>]) {
        let speaks: Vec<bool> = self
            .graphs
            .iter()
            .map(|graph| side::knows_entity(graph.dialect, self.kind, &self.name))
            .collect();
        if speaks.iter().filter(|speaks| **speaks).count() < 2 {
            return;
        }
        if nodes.iter().zip(&speaks).any(|(node, speaks)| *speaks && node.is_none()) {
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
        if stated.windows(2).any(|pair| pair[0] != pair[1]) {
            let held: Vec<_> = conditions.iter().map(Option::as_ref).collect();
            let kind =
                if self.kind == DifferenceKind::Resource { DifferenceKind::Condition } else { self.kind };
            self.differ(kind, "Condition", &held);
        } else {
            self.attributes += 1;
        }
        let names: BTreeSet<&String> =
            nodes.iter().flatten().flat_map(|node| node.properties.keys()).collect();
        for name in names {
            let held: Vec<_> =
                nodes.iter().map(|node| node.and_then(|node| node.properties.get(name))).collect();
            self.property(name, name, &held);
        }
    }

    fn requirement(&mut self, demand: &Demand) {
        let dialects = self.graphs.iter().map(|graph| graph.dialect);
        self.mute = dialects.filter(|dialect| !side::knows_demand(*dialect, demand)).collect();
        let stated: Vec<_> = self
            .graphs
            .iter()
            .filter(|graph| !self.mute.contains(&graph.dialect))
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
        let speaks: Vec<bool> = self
            .graphs
            .iter()
            .map(|graph| {
                side::knows_entity(graph.dialect, self.kind, &self.name)
                    && side::knows(graph.dialect, self.kind, self.noun, path)
            })
            .collect();
        if (side::is_for_people(self.kind, name) || side::is_order(path)) && !self.has_model {
            return;
        }
        let heard: Vec<_> = held.iter().zip(&speaks).map(|(held, speaks)| held.filter(|_| *speaks)).collect();
        let silent = heard.iter().zip(&speaks).filter(|(held, speaks)| **speaks && held.is_none()).count();
        let told: Vec<&Held> = heard.iter().flatten().copied().collect();
        if speaks.iter().filter(|speaks| **speaks).count() < 2 || told.is_empty() {
            return;
        }
        if silent == 0 && told.windows(2).all(|pair| pair[0] == pair[1]) {
            self.attributes += leaves(&told[0].value);
            return;
        }
        if silent == 0 {
            if told.iter().all(|held| matches!(held.value, Value::Map(_))) {
                self.map(path, &heard, &told);
                return;
            }
            if told.iter().all(|held| matches!(held.value, Value::List(_)))
                && self.list(path, name, &heard, &told)
            {
                return;
            }
        }
        if silent == 0 && told.iter().any(|held| held.mentions(&Symbol::Unknown)) {
            self.unknown.push(Unknown {
                resource: self.name.clone(),
                resource_kind: self.noun,
                path: path.to_owned(),
            });
            return;
        }
        let kind = if self.kind == DifferenceKind::Resource { DifferenceKind::Attribute } else { self.kind };
        self.differ(kind, path, &heard);
    }

    fn map(&mut self, path: &str, heard: &[Option<&'g Held>], told: &[&'g Held]) {
        let entries = |held: &'g Held| match &held.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        };
        let names: BTreeSet<&String> =
            told.iter().filter_map(|held| entries(held)).flat_map(|map| map.keys()).collect();
        for name in names {
            let held: Vec<_> = heard
                .iter()
                .map(|held| held.and_then(entries).and_then(|entries| entries.get(name)))
                .collect();
            self.property(&format!("{path}.{name}"), name, &held);
        }
    }

    /// Whether the lists were compared item by item.
    fn list(&mut self, path: &str, name: &str, heard: &[Option<&'g Held>], told: &[&'g Held]) -> bool {
        let items = |held: &'g Held| match &held.value {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        if name == "Statement" || name == policy::PERMISSIONS {
            if !self.has_model
                && told.windows(2).all(|pair| policy::mean_the_same(items(pair[0]), items(pair[1])))
            {
                self.attributes += leaves(&told[0].value);
                return true;
            }
            let documents: Vec<_> = heard.iter().map(|held| held.map(items)).collect();
            for statement in policy::line_up(&documents) {
                self.property(&format!("{path}[{}]", statement.name), "statement", &statement.held);
            }
            return true;
        }
        let length = items(told[0]).len();
        if told.iter().any(|held| items(held).len() != length) {
            return false;
        }
        for index in 0..length {
            let held: Vec<_> =
                heard.iter().map(|held| held.and_then(|held| items(held).get(index))).collect();
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
            side::knows_entity(dialect, self.kind, &self.name)
                && side::knows(dialect, self.kind, self.noun, path)
                && !self.mute.contains(&dialect)
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
                value: json::json(&stated.value),
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
            model: model.map(|held| json::json(&held.value)),
            wrong,
        });
    }
}

/// Physical names of resources, by what references call them.
type Names = BTreeMap<Address, String>;

/// Where to look at `held`: of a set, at the first item that another set lacks.
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
        | Value::Flag(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Choice(_) => 1,
    }
}

/// What people call the resource: its name, or what it joins.
fn physical_name(node: &Node<Kind>, known: &Names) -> String {
    let names: Vec<_> = node
        .kind
        .facts()
        .identity
        .iter()
        .filter_map(|property| node.properties.get(*property))
        .filter_map(|held| match &held.value {
            // What it joins is known by its name, too.
            Value::Text(text) => Some(match text.as_symbol() {
                Some(Symbol::Attribute { of, .. }) => {
                    known.get(of).cloned().unwrap_or_else(|| text.to_string())
                }
                _ => text.to_string(),
            }),
            // What a function is handed is no name.
            Value::Map(_) => None,
            other => Some(display(other)),
        })
        .collect();
    if names.is_empty() { node.address.to_string() } else { names.join(" ") }
}

fn display(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => other.to_string(),
    }
}
