//! What an API calls: a function, or the path at which Lambda invokes it.

use super::{
    Rule,
    fragment::{Part, strip_end, strip_start, text},
    walk,
};
use crate::graph::{Graph, Kind, Symbol, SymbolicText};

pub(super) const RULE: Rule = Rule {
    name: "what an API calls",
    says: "The path at which Lambda invokes a function is the function's ARN, as HTTP APIs take it.",
    source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html",
    apply,
};

fn apply(graph: &mut Graph) {
    let start = text([
        Part::Literal("arn:"),
        Part::Symbol(Symbol::Partition),
        Part::Literal(":apigateway:"),
        Part::Symbol(Symbol::Region),
        Part::Literal(":lambda:path/2015-03-31/functions/"),
    ]);
    for node in walk::resources(graph, Kind::Integration) {
        let Some(held) = node.properties.get_mut("IntegrationUri") else { continue };
        walk::texts(held, &mut |uri: &mut SymbolicText| {
            let function = strip_start(uri, &start).and_then(|rest| strip_end(&rest, "/invocations"));
            if let Some(function) = function {
                *uri = function;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held};
    use super::*;
    use crate::graph::ResourceAttribute;

    #[test]
    fn a_path_of_lambda_is_the_function() {
        let function = Symbol::attribute("f", ResourceAttribute::Arn);
        let path = |end: &'static str| {
            held(text([
                Part::Literal("arn:"),
                Part::Symbol(Symbol::Partition),
                Part::Literal(":apigateway:"),
                Part::Symbol(Symbol::Region),
                Part::Literal(":lambda:path/2015-03-31/functions/"),
                Part::Symbol(function.clone()),
                Part::Literal(end),
            ]))
        };
        let mut sketch = Sketch::terraform();
        sketch.resource(Kind::Integration, "i", [("IntegrationUri", path("/invocations"))]);
        sketch.resource(Kind::Integration, "other", [("IntegrationUri", path("/elsewhere"))]);
        sketch.apply(&RULE);
        assert_eq!(sketch.resources("i"), r#"{IntegrationUri: "<f.arn>"}"#);
        assert!(sketch.resources("other").contains("apigateway"));
    }
}
