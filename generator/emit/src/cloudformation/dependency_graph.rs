//! Which resource refers to which, read from the finished template.

use std::collections::BTreeSet;

use super::tree::{Intrinsic, SubPiece, Template, Value};
use crate::{DependencyGraph, DependencyNode};

/// Which resource of `template` refers to which.
pub(super) fn dependency_graph(template: &Template) -> DependencyGraph {
    let resources: BTreeSet<_> = template.resources.iter().map(|resource| resource.id.logical_id).collect();
    let mut dependency_graph = DependencyGraph::default();
    for resource in &template.resources {
        let id = resource.id.logical_id;
        dependency_graph.nodes.push(DependencyNode { id: id.to_owned(), kind: resource.kind.clone() });
        let mut names = BTreeSet::new();
        for (_, value) in resource.properties.entries() {
            collect(value, &mut names);
        }
        // The other names are parameters.
        let edges = names.intersection(&resources).map(|name| (id.to_owned(), (*name).to_owned()));
        dependency_graph.edges.extend(edges);
    }
    dependency_graph
}

/// Every name that `value` refers to.
fn collect(value: &Value, names: &mut BTreeSet<&'static str>) {
    match value {
        Value::Text(_) | Value::Number(_) | Value::Flag(_) => {}
        Value::List(items) => items.iter().for_each(|item| collect(&item.value, names)),
        Value::Map(map) => map.entries().iter().for_each(|(_, value)| collect(value, names)),
        Value::Call(call) => match call {
            Intrinsic::Ref(name) | Intrinsic::GetAtt(name, _) => {
                names.insert(name);
            }
            Intrinsic::Sub(pieces) => names.extend(pieces.iter().filter_map(|piece| match piece {
                SubPiece::Literal(_) => None,
                SubPiece::Ref(name) | SubPiece::GetAtt(name, _) => Some(*name),
            })),
            Intrinsic::Join(_, list) => collect(list, names),
            Intrinsic::If(_, yes, no) => {
                collect(yes, names);
                collect(no, names);
            }
            Intrinsic::Equals(left, right) => {
                collect(left, names);
                collect(right, names);
            }
            Intrinsic::Not(condition) => collect(condition, names),
            Intrinsic::Or(conditions) => conditions.iter().for_each(|condition| collect(condition, names)),
        },
    }
}
