//! An outline as JSON.

use serde_json::{Value, json};

use super::{Outline, OutlineNode};

impl Outline {
    /// `{"nodes": [{"id", "kind", "group"}], "edges": [{"from", "to"}]}`; a node without a group has no `group`.
    pub fn to_json(&self) -> Value {
        let node = |node: &OutlineNode| {
            let OutlineNode { id, kind } = node;
            match self.groups.get(id) {
                Some(group) => json!({ "id": id, "kind": kind, "group": group }),
                None => json!({ "id": id, "kind": kind }),
            }
        };
        let edge = |(from, to): &(String, String)| json!({ "from": from, "to": to });
        json!({
            "nodes": self.nodes.iter().map(node).collect::<Vec<_>>(),
            "edges": self.edges.iter().map(edge).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Outline, OutlineNode};

    #[test]
    fn a_group_is_only_there_when_it_is_known() {
        let node = |id: &str| OutlineNode { id: id.to_owned(), kind: "Queue".to_owned() };
        let outline = Outline {
            nodes: vec![node("A"), node("B")],
            edges: [("A".to_owned(), "B".to_owned())].into(),
            groups: [("A".to_owned(), "Queues".to_owned())].into(),
        };
        assert_eq!(
            outline.to_json(),
            json!({
                "nodes": [
                    { "id": "A", "kind": "Queue", "group": "Queues" },
                    { "id": "B", "kind": "Queue" },
                ],
                "edges": [{ "from": "A", "to": "B" }],
            })
        );
    }
}
