//! Matches resources without names that say the same by what surrounds them: which of two equal queues feeds which function.
//!
//! Each resource gets a mark, made of its kind and what it says. Then, a few times over, each gets a new one, made of its own,
//! of the marks of those that it refers to, and of the marks of those that refer to it. Equal marks are equal surroundings.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hasher as _},
};

use super::matching::Row;
use crate::graph::{Address, Graph, Symbol, SymbolicText, Value, value::visit::Visit as _};

/// How far away a resource is that still makes a difference.
const ROUNDS: usize = 4;

/// A row and a node with the same surroundings, of those that have no partner yet. One pair at a time: once it is matched, it
/// tells others apart.
pub(super) fn same(
    rows: &[Row],
    graphs: &[Graph],
    current: usize,
    open: &[usize],
    addresses: &BTreeMap<Address, Address>,
) -> Option<(usize, usize)> {
    let is_free = |row: &&(usize, &Row)| row.1.nodes.get(current).copied().flatten().is_none();
    let rows: Vec<(usize, &Row)> = rows.iter().enumerate().collect();
    let free: Vec<_> = rows
        .iter()
        .filter(is_free)
        .filter_map(|(index, row)| {
            let (graph, node) = row.nodes.iter().enumerate().find_map(|(at, node)| Some((at, (*node)?)))?;
            Some((*index, graph, node))
        })
        .collect();
    // Two of a kind on one side, or there is nothing to tell apart.
    let resources = &graphs[current].resources;
    let is_several = |index: &&usize| {
        let kind = resources[**index].kind;
        open.iter().filter(|other| resources[**other].kind == kind).count() > 1
            && free.iter().any(|(_, graph, node)| graphs[*graph].resources[*node].kind == kind)
    };
    let unclear: Vec<usize> = open.iter().filter(is_several).copied().collect();
    if unclear.is_empty() {
        return None;
    }
    let own = marks(&graphs[current], addresses);
    let matched = rows.iter().filter(|row| !is_free(row)).map(|(_, row)| row.address.clone());
    let named: BTreeMap<Address, Address> = matched.map(|address| (address.clone(), address)).collect();
    let mut others: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for (row, graph, node) in free {
        let marks = others.entry(graph).or_insert_with(|| marks(&graphs[graph], &named));
        let index = unclear.iter().find(|index| {
            resources[**index].kind == graphs[graph].resources[node].kind && own[**index] == marks[node]
        });
        if let Some(index) = index {
            return Some((row, *index));
        }
    }
    None
}

/// The marks of the resources of `graph`. Those that are matched bear the addresses of their rows, which both sides know.
fn marks(graph: &Graph, matched: &BTreeMap<Address, Address>) -> Vec<u64> {
    let mut marks: BTreeMap<&Address, u64> = graph
        .resources
        .iter()
        .map(|node| (&node.address, hash(&matched.get(&node.address).map(ToString::to_string))))
        .collect();
    for _ in 0..ROUNDS {
        let mut referrers: BTreeMap<&Address, Vec<u64>> = BTreeMap::new();
        let mut next = BTreeMap::new();
        for node in &graph.resources {
            let own = marks.get(&node.address).copied().unwrap_or_default();
            let mut said = Vec::new();
            for (name, held) in &node.properties {
                held.symbols(|symbol| {
                    if let Symbol::Attribute { of, .. } = symbol {
                        referrers.entry(of).or_default().push(hash(&(name, own)));
                    }
                });
                let mut held = held.clone();
                held.rewrite(&mut |symbol: &Symbol| {
                    let Symbol::Attribute { of, attribute } = symbol else { return None };
                    let mark = marks.get(of).copied().unwrap_or_default();
                    Some(SymbolicText::literal(format!("<{mark}.{attribute}>")))
                });
                said.push((name, held.value));
            }
            let said: Vec<_> =
                said.iter().map(|(name, value): &(&String, Value)| (name, value.to_string())).collect();
            let condition = node.condition.to_string();
            next.insert(&node.address, hash(&(node.kind, condition, said, own)));
        }
        for (address, mark) in &mut next {
            let mut of = referrers.remove(*address).unwrap_or_default();
            of.sort_unstable();
            *mark = hash(&(*mark, of));
        }
        marks = next;
    }
    graph.resources.iter().map(|node| marks.get(&node.address).copied().unwrap_or_default()).collect()
}

fn hash(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
