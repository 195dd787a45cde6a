//! The address of an API.

use std::collections::BTreeSet;

use super::{
    Rule,
    fragment::{Part, text},
};
use crate::graph::{Address, Attribute, Expr, Graph, Kind};

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
    graph.rewrite(&mut |expr: &Expr| {
        let Expr::Attribute { of, attribute: Attribute::Endpoint } = expr else { return None };
        apis.contains(of).then(|| {
            text([
                Part::Literal("https://"),
                Part::Expr(Expr::attribute(Address::clone(of), Attribute::Id)),
                Part::Literal(".execute-api."),
                Part::Expr(Expr::Region),
                Part::Literal("."),
                Part::Expr(Expr::UrlSuffix),
            ])
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
        sketch.output("Url", [("Value", attribute("a", Attribute::Endpoint))]);
        sketch.apply(&RULE);
        assert_eq!(sketch.outputs("Url"), r#"{Value: "https://<a.id>.execute-api.<region>.<url suffix>"}"#);
    }
}
