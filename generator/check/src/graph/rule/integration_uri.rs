//! What an API calls: a function, or the path at which Lambda invokes it.

use super::Rule;
use crate::graph::{Graph, Kind, Symbol, SymbolicText, symbolic_text};

pub(super) const RULE: Rule = Rule {
    name: "what an API calls",
    says: "The path at which Lambda invokes a function is the function's ARN, as HTTP APIs take it.",
    source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html",
    apply,
};

fn apply(graph: &mut Graph) {
    let start = symbolic_text![
        "arn:",
        Symbol::Partition,
        ":apigateway:",
        Symbol::Region,
        ":lambda:path/2015-03-31/functions/",
    ];
    for node in graph.resources_of(Kind::Integration) {
        let Some(held) = node.properties.get_mut("IntegrationUri") else { continue };
        held.each_text(&mut |uri: &mut SymbolicText| {
            let function = uri.strip_start(&start).and_then(|rest| rest.strip_end("/invocations"));
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
            held(symbolic_text![
                "arn:",
                Symbol::Partition,
                ":apigateway:",
                Symbol::Region,
                ":lambda:path/2015-03-31/functions/",
                function.clone(),
                end,
            ])
        };
        let mut sketch = Sketch::terraform();
        sketch.resource(Kind::Integration, "i", [("IntegrationUri", path("/invocations"))]);
        sketch.resource(Kind::Integration, "other", [("IntegrationUri", path("/elsewhere"))]);
        sketch.apply(&RULE);
        assert_eq!(sketch.resources("i"), r#"{IntegrationUri: "<f.arn>"}"#);
        assert!(sketch.resources("other").contains("apigateway"));
    }
}
