//! What becomes of a resource that is taken out of the files.

use super::{super::Rule, Filling};
use crate::graph::{Graph, Value};

pub(in super::super) const RULE: Rule = Rule {
    name: "deletion",
    says: "A resource that is taken out of the files is deleted, unless they say otherwise.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
    apply,
};

const PROPERTY: &str = "DeletionPolicy";

fn apply(graph: &mut Graph) {
    for node in &mut graph.resources {
        if node.kind.facts().fields.iter().any(|field| field.name == PROPERTY) {
            let filling = Filling { place: &node.place, rule: RULE.name };
            let delete = filling.held(Value::from("Delete"));
            filling.fill(&mut node.properties, &[PROPERTY], &delete);
        }
    }
}
