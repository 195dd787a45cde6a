//! Functions by name or by ARN.

use super::{Rule, fragment::arn};
use crate::graph::{Address, Graph, Kind, ResourceAttribute, Symbol, SymbolicText, symbolic_text};

pub(super) const RULE: Rule = Rule {
    name: "functions by name",
    says: "Where a function may be given by its name or its ARN, its ARN in this account and region is its name.",
    source: "https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html",
    apply,
};

const PROPERTIES: [(Kind, &str); 4] = [
    (Kind::Permission, "FunctionName"),
    (Kind::EventSourceMapping, "FunctionName"),
    (Kind::EventInvokeConfig, "FunctionName"),
    (Kind::CustomResource, "ServiceToken"),
];

fn apply(graph: &mut Graph) {
    for (kind, property) in PROPERTIES {
        for node in graph.resources_of(kind) {
            if let Some(held) = node.properties.get_mut(property) {
                held.each_text(&mut shorten);
            }
        }
    }
}

fn shorten(name: &mut SymbolicText) {
    if let Some(Symbol::Attribute { of, attribute: ResourceAttribute::Arn }) = name.as_symbol() {
        *name = SymbolicText::from(Symbol::attribute(Address::clone(of), ResourceAttribute::Name));
        return;
    }
    let start = symbolic_text![&arn("lambda"), "function:"];
    if let Some(rest) = name.strip_start(&start) {
        *name = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, attribute, held};
    use super::*;

    #[test]
    fn an_arn_is_a_name() {
        let own = symbolic_text![&arn("lambda"), "function:f"];
        let cases = [
            (held(own), "f"),
            (attribute("f", ResourceAttribute::Arn), "<f.name>"),
            (
                held("arn:aws:lambda:us-east-1:123456789012:function:f"),
                "arn:aws:lambda:us-east-1:123456789012:function:f",
            ),
            (held("f"), "f"),
        ];
        for (written, expected) in cases {
            let mut sketch = Sketch::terraform();
            sketch.resource(Kind::Permission, "p", [("FunctionName", written)]);
            sketch.apply(&RULE);
            assert_eq!(sketch.resources("p"), format!("{{FunctionName: {expected:?}}}"));
        }
    }
}
