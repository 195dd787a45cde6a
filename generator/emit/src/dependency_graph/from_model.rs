//! The outline of the model.

use jit_runners_model::Deployment;

use super::{Outline, OutlineNode};

impl Outline {
    /// The resources of `deployment` by their logical ids, grouped by concern, and their links.
    pub fn from_model(deployment: &Deployment) -> Self {
        let mut outline = Self::default();
        for node in deployment.resources() {
            let id = node.id.logical_id.to_owned();
            outline
                .nodes
                .push(OutlineNode { id: id.clone(), kind: node.resource.kind().as_str().to_owned() });
            for link in node.resource.links() {
                outline.edges.insert((id.clone(), link.logical_id.to_owned()));
            }
            outline.groups.insert(id, node.concern.title().to_owned());
        }
        outline
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jit_runners_model::{Choices, Deployment};

    use super::Outline;

    #[test]
    fn every_resource_is_a_node_and_every_edge_joins_two_of_them() {
        let deployment = Deployment::new(Choices::default()).unwrap();
        let outline = Outline::from_model(&deployment);
        let ids: BTreeSet<_> = outline.nodes.iter().map(|node| node.id.as_str()).collect();
        assert_eq!(ids, deployment.resources().iter().map(|node| node.id.logical_id).collect());
        for (from, to) in &outline.edges {
            assert!(ids.contains(from.as_str()) && ids.contains(to.as_str()), "{from} -> {to}");
        }
        assert!(outline.edges.contains(&("ScaleUpEventSource".to_owned(), "ScaleUpQueue".to_owned())));
        assert_eq!(outline.groups.len(), outline.nodes.len());
    }
}
