//! The dependency graph of the model.

use jit_runners_model::Deployment;

use super::{DependencyGraph, DependencyNode};

impl DependencyGraph {
    /// The resources of `deployment` by their logical ids, grouped by concern, and their links.
    pub fn from_model(deployment: &Deployment) -> Self {
        let mut dependency_graph = Self::default();
        for node in deployment.resources() {
            let id = node.id.logical_id.to_owned();
            dependency_graph
                .nodes
                .push(DependencyNode { id: id.clone(), kind: node.resource.kind().as_str().to_owned() });
            for link in node.resource.links() {
                dependency_graph.edges.insert((id.clone(), link.logical_id.to_owned()));
            }
            dependency_graph.groups.insert(id, node.concern.title().to_owned());
        }
        dependency_graph
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jit_runners_model::{Choices, Deployment};

    use super::DependencyGraph;

    #[test]
    fn every_resource_is_a_node_and_every_edge_joins_two_of_them() {
        let deployment = Deployment::new(Choices::default()).unwrap();
        let dependency_graph = DependencyGraph::from_model(&deployment);
        let ids: BTreeSet<_> = dependency_graph.nodes.iter().map(|node| node.id.as_str()).collect();
        assert_eq!(ids, deployment.resources().iter().map(|node| node.id.logical_id).collect());
        for (from, to) in &dependency_graph.edges {
            assert!(ids.contains(from.as_str()) && ids.contains(to.as_str()), "{from} -> {to}");
        }
        assert!(
            dependency_graph.edges.contains(&("ScaleUpEventSource".to_owned(), "ScaleUpQueue".to_owned()))
        );
        assert_eq!(dependency_graph.groups.len(), dependency_graph.nodes.len());
    }
}
