//! A dependency graph as a Mermaid flowchart (<https://mermaid.js.org/syntax/flowchart.html>).

use std::{collections::BTreeMap, fmt::Write as _};

use super::{DependencyGraph, DependencyNode};
use crate::mermaid::quoted;

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
    use super::{DependencyGraph, DependencyNode};

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
