//! The address of an API.

use std::collections::BTreeSet;

use super::Rule;
use crate::graph::{Address, Graph, Kind, ResourceAttribute, Symbol, symbolic_text};

pub(super) const RULE: Rule = Rule {
    name: "addresses of APIs",
    says: "A reference to the address of an API is the address, made from its id and the region.",
    source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-publish.html",
    apply,
};

fn apply(graph: &mut Graph) {
    let apis: BTreeSet<Address> = graph
        .resources
        .iter()
        .filter(|node| node.kind == Kind::Api)
        .map(|node| Address::clone(&node.address))
        .collect();
    graph.rewrite(&mut |symbol: &Symbol| {
        let Symbol::Attribute { of, attribute: ResourceAttribute::Endpoint } = symbol else { return None };
        apis.contains(of).then(|| {
            symbolic_text![
                "https://",
                Symbol::attribute(Address::clone(of), ResourceAttribute::Id),
                ".execute-api.",
                Symbol::Region,
                ".",
                Symbol::UrlSuffix,
            ]
        })
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, attribute};
    use super::*;

    #[test]
    fn an_address_is_made_from_the_id() {
        let mut sketch = Sketch::terraform();
        sketch.resource(Kind::Api, "a", []);
        sketch.output("Url", [("Value", attribute("a", ResourceAttribute::Endpoint))]);
        sketch.apply(&RULE);
        assert_eq!(sketch.outputs("Url"), r#"{Value: "https://<a.id>.execute-api.<region>.<url suffix>"}"#);
    }
}
