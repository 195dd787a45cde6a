//! What could not be compared, because one of the files could not be read there.

use std::collections::BTreeSet;

use super::matching::Row;
use crate::{
    difference::LeftOut,
    graph::{Address, Graph, Held, Kind, Node, Symbol},
};

/// The resources that could not be read as a whole.
pub(super) fn resources(graphs: &[Graph]) -> Vec<LeftOut> {
    let omitted = graphs.iter().flat_map(|graph| &graph.omitted.resources);
    omitted.map(|one| LeftOut::new(&one.type_name, &one.address, "", &one.place)).collect()
}

/// For each graph, whether it may have the resource of `row` although nobody found it there: because it lacks resources of that kind,
/// or has one left whose name could not be read, or because the name of this one could not be read.
pub(super) fn excused(graphs: &[Graph], rows: &[Row], row: &Row, kind: Kind) -> Vec<bool> {
    if !graphs.iter().any(|graph| graph.omitted.is_partial) {
        return vec![false; graphs.len()];
    }
    let node =
        |row: &Row, graph: usize| graphs[graph].resources.get(row.nodes.get(graph).copied().flatten()?);
    let all = || 0..graphs.len();
    let is_nameless = all().filter_map(|graph| node(row, graph)).any(has_unread_name);
    let may_have = |graph: usize| {
        // A policy stands alone where nobody found who has it.
        let is_alone = matches!(kind, Kind::RolePolicy | Kind::ManagedPolicy);
        if is_alone && graphs.iter().any(|graph| !graph.omitted.is_empty()) {
            return true;
        }
        // A row without a partner here, in which this graph alone has a resource of the kind.
        let strange = |row: &&Row| {
            node(row, graph).is_some_and(|node| node.kind == kind && has_unread_name(node))
                && all().filter(|other| *other != graph).any(|other| node(row, other).is_none())
        };
        graphs[graph].omitted.may_have(kind) || rows.iter().any(|row| strange(&row))
    };
    all().map(|graph| is_nameless || may_have(graph)).collect()
}

/// The rows whose resources may be others: the name of one of them could not be read, and there are several of its kind.
pub(super) fn guesses(graphs: &[Graph], rows: &[Row]) -> BTreeSet<Address> {
    let mut guesses = BTreeSet::new();
    for row in rows {
        let nodes = || row.nodes.iter().zip(graphs).filter_map(|(node, graph)| graph.resources.get((*node)?));
        let has_several = |kind: Kind| {
            let several = |graph: &Graph| graph.resources.iter().filter(|node| node.kind == kind).count() > 1;
            graphs.iter().any(several)
        };
        if nodes().count() > 1 && nodes().any(|node| has_unread_name(node) && has_several(node.kind)) {
            guesses.insert(Address::clone(&row.address));
        }
    }
    guesses
}

/// Takes references to the rows in `guesses` for values that could not be read.
pub(super) fn forget(graphs: &mut [Graph], guesses: &BTreeSet<Address>) {
    for graph in graphs.iter_mut().filter(|_| !guesses.is_empty()) {
        graph.rewrite(&mut |symbol: &Symbol| match symbol {
            Symbol::Attribute { of, .. } if guesses.contains(of) => Some(Symbol::Unknown.into()),
            _ => None,
        });
    }
}

/// Whether what tells `node` from others could not be read.
fn has_unread_name(node: &Node<Kind>) -> bool {
    let identity = node.kind.facts().identity.iter();
    identity.filter_map(|property| node.properties.get(*property)).any(is_unread)
}

/// Whether something of a value could not be read.
pub(super) fn is_unread(held: &Held) -> bool {
    held.mentions(&Symbol::Unknown)
}
