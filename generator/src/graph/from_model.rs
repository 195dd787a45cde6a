//! The graph of the model.

use jit_runners_model::Deployment;

use super::{Graph, GraphNode};

impl Graph {
    /// The resources of `deployment` by their logical ids, grouped by concern, and their links.
    pub fn from_model(deployment: &Deployment) -> Self {
        let mut graph = Self::default();
        for node in deployment.resources() {
            let id = node.id.logical_id.to_owned();
            graph.nodes.push(GraphNode { id: id.clone(), kind: node.resource.kind().as_str().to_owned() });
            for link in node.resource.links() {
                graph.edges.insert((id.clone(), link.logical_id.to_owned()));
            }
            graph.groups.insert(id, node.concern.title().to_owned());
        }
        graph
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jit_runners_model::{Choices, Deployment};

    use super::Graph;

    #[test]
    fn every_resource_is_a_node_and_every_edge_joins_two_of_them() {
        let deployment = Deployment::new(Choices::default()).unwrap();
        let graph = Graph::from_model(&deployment);
        let ids: BTreeSet<_> = graph.nodes.iter().map(|node| node.id.as_str()).collect();
        assert_eq!(ids, deployment.resources().iter().map(|node| node.id.logical_id).collect());
        for (from, to) in &graph.edges {
            assert!(ids.contains(from.as_str()) && ids.contains(to.as_str()), "{from} -> {to}");
        }
        assert!(graph.edges.contains(&("ScaleUpEventSource".to_owned(), "ScaleUpQueue".to_owned())));
        assert_eq!(graph.groups.len(), graph.nodes.len());
    }
}
