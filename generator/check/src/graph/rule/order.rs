//! What a resource waits for.

use std::collections::BTreeSet;

use super::Rule;
use crate::graph::{Address, Graph, Held, ResourceAttribute, Symbol, SymbolicText, Value};

pub(super) const RULE: Rule = Rule {
    name: "order of creation",
    says: "What a resource waits for is a reference to it, so that it bears the name that all files know.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html",
    apply,
};

fn apply(graph: &mut Graph) {
    let addresses: BTreeSet<Address> =
        graph.resources.iter().map(|node| Address::clone(&node.address)).collect();
    for node in &mut graph.resources {
        let Some(held) = node.properties.get_mut("DependsOn") else { continue };
        held.each_list(&mut |items| items.iter_mut().for_each(|item| refer(item, &addresses)));
    }
}

fn refer(item: &mut Held, addresses: &BTreeSet<Address>) {
    let address = match &item.value {
        Value::Text(text) => match (text.as_literal(), text.as_symbol()) {
            (Some(literal), _) => addresses.get(literal),
            (None, Some(Symbol::Attribute { of, attribute: _ })) => addresses.get(of),
            _ => None,
        },
        _ => None,
    };
    if let Some(address) = address {
        item.value = Value::Text(SymbolicText::from(Symbol::attribute(
            Address::clone(address),
            ResourceAttribute::Id,
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held, list_of};
    use super::*;
    use crate::graph::Kind;

    #[test]
    fn an_address_becomes_a_reference() {
        let mut sketch = Sketch::terraform();
        sketch.resource(Kind::Role, "aws_iam_role.a", []);
        let mut waits = list_of(["aws_iam_role.a", "elsewhere"]);
        if let Value::List(items) = &mut waits.value {
            items
                .push(held(SymbolicText::from(Symbol::attribute("aws_iam_role.a", ResourceAttribute::Name))));
        }
        sketch.resource(Kind::Function, "f", [("DependsOn", waits)]);
        sketch.apply(&RULE);
        assert_eq!(
            sketch.resources("f"),
            r#"{DependsOn: ["<aws_iam_role.a.id>", "elsewhere", "<aws_iam_role.a.id>"]}"#
        );
    }
}
