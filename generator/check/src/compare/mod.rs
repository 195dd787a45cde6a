//! Compares graphs, and gives all differences, sorted.
//!
//! Some facts can be expressed in one dialect only. They are compared with the model, if there is one.

mod alternatives;
mod entity;
mod generated;
mod matching;
mod not_given;
mod policy;
mod surroundings;
mod unread;

use std::collections::{BTreeMap, BTreeSet};

use alternatives::Domains;
use entity::Entity;
use matching::is_known_to_a_stack;
pub(crate) use matching::{has_partner, pair};
pub(crate) use not_given::not_given;

use crate::{
    difference::{Difference, DifferenceKind, LeftOut, Unknown},
    graph::{Address, Demand, Dialect, Graph, Kind, Node, Symbol, Value},
    problem::{Problem, ProblemKind},
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
    /// What could not be compared, as somebody asked to compare the rest.
    pub left_out: Vec<LeftOut>,
    /// What is not the same everywhere.
    pub differences: Vec<Difference>,
}

/// Resources of the same kind and name in one graph, which cannot be deployed, nor told apart.
pub(crate) fn doubled_names(graph: &Graph) -> Vec<Problem> {
    let mut seen = BTreeMap::new();
    let mut problems = Vec::new();
    for node in &graph.resources {
        let [name] = node.kind.facts().identity else { continue };
        let Some(held) = node.properties.get(*name).filter(|held| !unread::is_unread(held)) else { continue };
        if let Some(first) = seen.insert((node.kind, held), node) {
            let kind = ProblemKind::DoubledName {
                kind: node.kind.as_str(),
                name: display(&held.value),
                first: first.place.clone(),
            };
            problems.push(Problem { place: node.place.clone(), kind });
        }
    }
    problems
}

/// Compares graphs that were brought into the same words: the model's first, if there is one.
pub(crate) fn compare(mut graphs: Vec<Graph>) -> Comparison {
    let rows = matching::match_resources(&mut graphs);
    // A model states every name.
    if graphs.iter().all(|graph| graph.dialect != Dialect::Model) {
        for row in &rows {
            generated::name_items(&mut graphs, &row.nodes);
        }
    }
    let is_partial = graphs.iter().any(|graph| graph.omitted.is_partial);
    let guesses = if is_partial { unread::guesses(&graphs, &rows) } else { BTreeSet::new() };
    unread::forget(&mut graphs, &guesses);
    let domains = alternatives::domains(&graphs);
    let mut comparison = Comparison { left_out: unread::resources(&graphs), ..Comparison::default() };
    let names: PhysicalNames = rows
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
            policy::leave_out(&mut graphs, &row.nodes);
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
        let mut entity =
            Entity::new((&graphs, &domains), DifferenceKind::Resource, name, first.kind.as_str());
        if guesses.contains(&row.address) {
            entity.leave_out(&nodes);
        } else {
            let excused = unread::excused(&graphs, &rows, row, first.kind);
            entity.resource(&nodes, &excused);
        }
        comparison.take(entity);
    }
    comparison.named((&graphs, &domains), DifferenceKind::Parameter, "Input", |graph| &graph.inputs);
    comparison.requirements((&graphs, &domains));
    comparison.named((&graphs, &domains), DifferenceKind::Output, "Output", |graph| &graph.outputs);
    comparison
        .differences
        .sort_by_cached_key(|one| (one.kind, one.resource_kind, one.resource.clone(), one.path.clone()));
    comparison.unknown.sort();
    comparison.left_out.sort();
    comparison.left_out.dedup();
    comparison
}

impl Comparison {
    fn take(&mut self, entity: Entity<'_>) {
        self.attributes += entity.attributes;
        self.resources += entity.resources;
        self.left_out.extend(entity.left_out);
        self.unknown.extend(entity.unknown);
        self.differences.extend(entity.differences);
    }

    /// Compares what the inputs must fulfil together; a demand is matched by what it demands.
    fn requirements(&mut self, (graphs, domains): (&[Graph], &Domains)) {
        let demands: BTreeSet<_> = graphs
            .iter()
            .flat_map(|graph| &graph.requirements)
            .map(|requirement| &requirement.demand)
            .collect();
        for demand in demands {
            let mut entity = Entity::new(
                (graphs, domains),
                DifferenceKind::Requirement,
                demand.to_string(),
                "Requirement",
            );
            entity.requirement(demand);
            self.take(entity);
        }
    }

    /// Compares what is matched by name alone.
    fn named(
        &mut self,
        (graphs, domains): (&[Graph], &Domains),
        kind: DifferenceKind,
        noun: &'static str,
        of: fn(&Graph) -> &Vec<Node<()>>,
    ) {
        let names: BTreeSet<_> =
            graphs.iter().flat_map(|graph| of(graph).iter().map(|node| &node.address)).collect();
        for name in names {
            let nodes: Vec<_> =
                graphs.iter().map(|graph| of(graph).iter().find(|node| node.address == *name)).collect();
            let mut entity = Entity::new((graphs, domains), kind, name.to_string(), noun);
            entity.compare(&nodes);
            self.take(entity);
        }
    }
}

/// Physical names of resources, by what references call them.
type PhysicalNames = BTreeMap<Address, String>;

/// What people call the resource: its name, or what it joins.
fn physical_name(node: &Node<Kind>, known: &PhysicalNames) -> String {
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
            // What a function is called with is no name.
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

/// Whether `dialect` can say anything about the entity: a stack knows its name and its region without being told.
fn knows_entity(dialect: Dialect, kind: DifferenceKind, name: &str) -> bool {
    match kind {
        DifferenceKind::Parameter => dialect != Dialect::CloudFormation || !is_known_to_a_stack(name),
        DifferenceKind::Resource
        | DifferenceKind::Condition
        | DifferenceKind::Attribute
        | DifferenceKind::Requirement
        | DifferenceKind::Output => true,
    }
}

/// Whether `dialect` has words for a demand on the inputs.
fn knows_demand(dialect: Dialect, demand: &Demand) -> bool {
    match demand {
        Demand::Holds(_) => true,
        Demand::Written(_) => dialect != Dialect::CloudFormation,
    }
}

/// Whether `dialect` has words for the property at `path` of a `noun`.
fn knows(dialect: Dialect, kind: DifferenceKind, noun: &str, path: &str) -> bool {
    let is_custom = noun == Kind::CustomResource.as_str();
    match (dialect, kind) {
        (Dialect::Model, _) => true,
        // Messages for people, which either dialect asks for in another form.
        (_, DifferenceKind::Parameter) if path == "ConstraintDescription" => false,
        // There, numbers cannot be asked to be whole, lists have no length, texts have only a pattern, and a policy inside
        // a role is in place with it.
        (Dialect::CloudFormation, DifferenceKind::Parameter) => {
            !["Whole", "Nullable", "MinItems", "MaxItems", "OtherChecks"].contains(&path)
        }
        // What a stack gives back, everybody sees who sees the stack.
        (Dialect::CloudFormation, DifferenceKind::Output) => path != "NoEcho",
        // A stack has only one way to tell a function what it does.
        (Dialect::CloudFormation, _) if is_custom => path != "TerraformKey",
        (Dialect::CloudFormation, _) => path != "DependsOn",
        (Dialect::Terraform, DifferenceKind::Output) => path != "Export",
        // Only a stack can state a type, and a time after which it gives up.
        (Dialect::Terraform, _) if is_custom => !["Type", "ServiceTimeout"].contains(&path),
        (Dialect::Terraform, _) => true,
    }
}

/// Whether the property puts resources in an order, which is compared with a model only: a file may merely write down an order
/// that its references give anyway.
fn is_order(path: &str) -> bool {
    path == "DependsOn"
}

/// Whether the property only tells people something, or checks an input more closely than people usually do. Without a
/// model, everybody may say it in their own words.
fn is_for_people(kind: DifferenceKind, name: &str) -> bool {
    match kind {
        // Terraform asks for the id of a VPC as text, and seldom says more.
        DifferenceKind::Parameter => name == "Description" || name == "AwsType",
        DifferenceKind::Output => name == "Description",
        DifferenceKind::Resource | DifferenceKind::Condition | DifferenceKind::Attribute => name == "Sid",
        DifferenceKind::Requirement => false,
    }
}
