//! References in one form, where services take several: to APIs, functions and log groups, and to what a resource waits
//! for.

use std::collections::BTreeSet;

use super::{Rule, names::arn};
use crate::graph::{
    Address, Graph, Held, Kind, ResourceAttribute, Symbol, SymbolicText, Value, symbolic_text,
};

/// The address of an API.
pub(super) const API_ADDRESSES: Rule = Rule {
    name: "addresses of APIs",
    says: "A reference to the address of an API is the address, made from its id and the region.",
    source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-publish.html",
    apply: api_addresses,
};

fn api_addresses(graph: &mut Graph) {
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

/// Functions by name or by ARN.
pub(super) const FUNCTION_NAMES: Rule = Rule {
    name: "functions by name",
    says: "Where a function may be given by its name or its ARN, its ARN in this account and region is its name.",
    source: "https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html",
    apply: function_names,
};

const PROPERTIES: [(Kind, &str); 4] = [
    (Kind::Permission, "FunctionName"),
    (Kind::EventSourceMapping, "FunctionName"),
    (Kind::EventInvokeConfig, "FunctionName"),
    (Kind::CustomResource, "ServiceToken"),
];

fn function_names(graph: &mut Graph) {
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

/// What an API calls: a function, or the path at which Lambda invokes it.
pub(super) const INTEGRATION_URIS: Rule = Rule {
    name: "what an API calls",
    says: "The path at which Lambda invokes a function is the function's ARN, as HTTP APIs take it.",
    source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html",
    apply: integration_uris,
};

fn integration_uris(graph: &mut Graph) {
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

/// Where an API logs its requests.
pub(super) const LOG_DESTINATIONS: Rule = Rule {
    name: "log groups of stages",
    says: "The ARN of the log group that a stage writes to is the same with `:*` at its end and without.",
    source: "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/apigatewayv2_stage.html.markdown",
    apply: log_destinations,
};

fn log_destinations(graph: &mut Graph) {
    for node in graph.resources_of(Kind::Stage) {
        let Some(settings) = node.properties.get_mut("AccessLogSettings") else { continue };
        settings.each_object(&mut |settings| {
            let Some(destination) = settings.get_mut("DestinationArn") else { return };
            destination.each_text(&mut |arn| {
                if let Some(group) = arn.strip_end(":*") {
                    *arn = group;
                }
            });
        });
    }
}

/// What a resource waits for.
pub(super) const ORDER: Rule = Rule {
    name: "order of creation",
    says: "What a resource waits for is a reference to it, so that it bears the name that all files know.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html",
    apply: order,
};

fn order(graph: &mut Graph) {
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
    use super::{
        super::tests::{Sketch, attribute, held, list_of, map},
        *,
    };

    #[test]
    fn an_address_is_made_from_the_id() {
        let mut sketch = Sketch::terraform();
        sketch.resource(Kind::Api, "a", []);
        sketch.output("Url", [("Value", attribute("a", ResourceAttribute::Endpoint))]);
        sketch.apply(&API_ADDRESSES);
        assert_eq!(sketch.outputs("Url"), r#"{Value: "https://<a.id>.execute-api.<region>.<url suffix>"}"#);
    }

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
            sketch.apply(&FUNCTION_NAMES);
            assert_eq!(sketch.resources("p"), format!("{{FunctionName: {expected:?}}}"));
        }
    }

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
        sketch.apply(&INTEGRATION_URIS);
        assert_eq!(sketch.resources("i"), r#"{IntegrationUri: "<f.arn>"}"#);
        assert!(sketch.resources("other").contains("apigateway"));
    }

    #[test]
    fn a_star_at_the_end_means_nothing() {
        for written in ["arn:aws:logs:r:1:log-group:g:*", "arn:aws:logs:r:1:log-group:g"] {
            let mut sketch = Sketch::cloudformation();
            let settings = map([("DestinationArn", held(written))]);
            sketch.resource(Kind::Stage, "s", [("AccessLogSettings", settings)]);
            sketch.apply(&LOG_DESTINATIONS);
            assert_eq!(
                sketch.resources("s"),
                r#"{AccessLogSettings: {DestinationArn: "arn:aws:logs:r:1:log-group:g"}}"#
            );
        }
    }

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
        sketch.apply(&ORDER);
        assert_eq!(
            sketch.resources("f"),
            r#"{DependsOn: ["<aws_iam_role.a.id>", "elsewhere", "<aws_iam_role.a.id>"]}"#
        );
    }
}
