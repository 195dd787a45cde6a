//! Tags that AWS sets.

use super::Rule;
use crate::graph::Graph;

pub(super) const RULE: Rule = Rule {
    name: "tags of AWS",
    says: "Tags whose keys begin with `aws:` are set by AWS, and nobody else can.",
    source: "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
    apply,
};

fn apply(graph: &mut Graph) {
    for node in &mut graph.resources {
        if let Some(held) = node.properties.get_mut("Tags") {
            held.each_object(&mut |tags| tags.retain(|key, _| !key.starts_with("aws:")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held, map};
    use super::*;
    use crate::graph::Kind;

    #[test]
    fn tags_of_aws_go() {
        let mut sketch = Sketch::cloudformation();
        let tags = map([("aws:cloudformation:stack-name", held("s")), ("Team", held("a"))]);
        sketch.resource(Kind::Queue, "q", [("Tags", tags)]);
        sketch.apply(&RULE);
        assert_eq!(sketch.resources("q"), r#"{Tags: {Team: "a"}}"#);
    }
}
