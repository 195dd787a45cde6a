//! Which resource refers to which, read from the tree that is printed.

use std::collections::BTreeSet;

use hcl_edit::{
    Decorated,
    expr::{Expression, Traversal, TraversalOperator},
    structure::{Block, Body},
    visit::{Visit, visit_body, visit_traversal},
};

use crate::dependency_graph::{DependencyGraph, DependencyNode};

/// The resources of `bodies` and the references between them.
pub(super) fn dependency_graph<'a>(bodies: impl Iterator<Item = &'a Body>) -> DependencyGraph {
    let mut dependency_graph = DependencyGraph::default();
    let resources: Vec<_> =
        bodies.flat_map(Body::blocks).filter_map(|block| Some((resource(block)?, block))).collect();
    let known: BTreeSet<_> = resources.iter().map(|(node, _)| node.id.as_str()).collect();
    for (node, block) in &resources {
        let mut references = References { known: &known, found: BTreeSet::new() };
        visit_body(&mut references, &block.body);
        dependency_graph.edges.extend(references.found.into_iter().map(|to| (node.id.clone(), to)));
    }
    dependency_graph.nodes = resources.iter().map(|(node, _)| node.clone()).collect();
    dependency_graph
}

fn resource(block: &Block) -> Option<DependencyNode> {
    match (block.ident.as_str(), block.labels.as_slice()) {
        ("resource", [kind, label]) => Some(DependencyNode {
            id: format!("{}.{}", kind.as_str(), label.as_str()),
            kind: kind.as_str().to_owned(),
        }),
        _ => None,
    }
}

struct References<'a> {
    known: &'a BTreeSet<&'a str>,
    found: BTreeSet<String>,
}

impl Visit for References<'_> {
    fn visit_traversal(&mut self, traversal: &Traversal) {
        if let (Expression::Variable(kind), Some(TraversalOperator::GetAttr(label))) =
            (&traversal.expr, traversal.operators.first().map(Decorated::value))
        {
            let id = format!("{}.{}", kind.as_str(), label.as_str());
            // Variables, locals and data sources look the same and are no resources.
            if self.known.contains(id.as_str()) {
                self.found.insert(id);
            }
        }
        visit_traversal(self, traversal);
    }
}
