//! Which resource refers to which: the same shape for the model and for either dialect, and as a Mermaid flowchart
//! (<https://mermaid.js.org/syntax/flowchart.html>).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use jit_runners_model::Deployment;

use crate::docs::quoted;

/// A resource in a dependency graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DependencyNode {
    /// Its name in its dialect: `ScaleUpQueue`, `aws_sqs_queue.scaleup`.
    pub id: String,
    /// Its type in its dialect: `Queue`, `AWS::SQS::Queue`, `aws_sqs_queue`.
    pub kind: String,
}

/// Resources and their references.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DependencyGraph {
    /// The resources, in the order in which people read them.
    pub nodes: Vec<DependencyNode>,
    /// Pairs of ids: the first refers to the second.
    pub edges: BTreeSet<(String, String)>,
    /// Under which heading people look for a resource, by its id. Dialects need not say.
    pub groups: BTreeMap<String, String>,
}

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

impl DependencyGraph {
    /// A flowchart from left to right, one subgraph for each group. Nodes are numbered, because the names of a
    /// dialect (`aws_sqs_queue.scaleup`) and Mermaid's own words (`end`) are no safe names of nodes.
    pub fn to_mermaid(&self) -> String {
        let number: BTreeMap<&str, usize> =
            self.nodes.iter().enumerate().map(|(index, node)| (node.id.as_str(), index)).collect();
        // In the order of the nodes; those without a group stand by themselves.
        let mut groups: Vec<(Option<&str>, Vec<&DependencyNode>)> = Vec::new();
        let mut place: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        for node in &self.nodes {
            let group = self.groups.get(&node.id).map(String::as_str);
            let index = *place.entry(group).or_insert_with(|| {
                groups.push((group, Vec::new()));
                groups.len() - 1
            });
            groups[index].1.push(node);
        }

        let mut text = "flowchart LR\n".to_owned();
        for (index, (group, nodes)) in groups.iter().enumerate() {
            let indent = if group.is_some() { "    " } else { "  " };
            if let Some(title) = group {
                line(&mut text, format_args!("  subgraph g{index}[{}]", quoted(&[title])));
            }
            for DependencyNode { id, kind } in nodes {
                let number = number[id.as_str()];
                line(&mut text, format_args!("{indent}n{number}[{}]", quoted(&[id, kind])));
            }
            if group.is_some() {
                line(&mut text, format_args!("  end"));
            }
        }
        for (from, to) in &self.edges {
            if let (Some(from), Some(to)) = (number.get(from.as_str()), number.get(to.as_str())) {
                line(&mut text, format_args!("  n{from} --> n{to}"));
            }
        }
        text
    }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jit_runners_model::{Choices, Deployment};

    use super::{DependencyGraph, DependencyNode};

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

    #[test]
    fn names_that_mermaid_would_trip_over_are_only_ever_text() {
        let node = |id: &str, kind: &str| DependencyNode { id: id.to_owned(), kind: kind.to_owned() };
        let dependency_graph = DependencyGraph {
            nodes: vec![node("aws_sqs_queue.a", "aws_sqs_queue"), node("end", "say \"x\""), node("B", "<b>")],
            edges: [("aws_sqs_queue.a".to_owned(), "end".to_owned())].into(),
            groups: [
                ("end".to_owned(), "Queues, [all]".to_owned()),
                ("B".to_owned(), "Queues, [all]".to_owned()),
            ]
            .into(),
        };
        assert_eq!(
            dependency_graph.to_mermaid(),
            "flowchart LR\n\
             \x20 n0[\"aws_sqs_queue.a<br/>aws_sqs_queue\"]\n\
             \x20 subgraph g1[\"Queues, [all]\"]\n\
             \x20   n1[\"end<br/>say #quot;x#quot;\"]\n\
             \x20   n2[\"B<br/>#lt;b#gt;\"]\n\
             \x20 end\n\
             \x20 n0 --> n1\n"
        );
    }
}
