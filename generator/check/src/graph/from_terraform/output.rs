//! `output` blocks.

use super::{body::alike, problem::TranslationProblem};
use crate::{
    graph::{Condition, GraphProblem, Node, Properties},
    terraform::NamedBlock,
};

/// Arguments that are no part of what the output says.
pub(super) const IGNORED: &[(&str, &str)] = &[
    ("depends_on", "the order in which Terraform works"),
    ("ephemeral", "whether Terraform keeps the value in its state"),
];

/// The output that `block` declares.
pub(super) fn output(block: NamedBlock, problems: &mut Vec<GraphProblem>) -> Node<()> {
    let NamedBlock { name: address, place, arguments } = block;
    let mut properties = Properties::new();
    for (name, held) in arguments {
        let property = match name.as_str() {
            "value" => "Value",
            "description" => "Description",
            "sensitive" => "NoEcho",
            _ if IGNORED.iter().any(|(ignored, _)| *ignored == name) => continue,
            _ => {
                let known =
                    IGNORED.iter().map(|(name, _)| *name).chain(["value", "description", "sensitive"]);
                let suggestion = alike(&name, known);
                let kind = TranslationProblem::UnknownSetting { of: "an output", name, suggestion };
                problems.push(GraphProblem { place: held.place, kind: kind.into() });
                continue;
            }
        };
        properties.insert(property.to_owned(), held);
    }
    Node { kind: (), address, place, condition: Condition::Always, properties }
}
