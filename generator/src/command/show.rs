//! `jit-runners show`: the model, or a dialect, as JSON or as a graph.
//!
//! In the model's JSON, resources and inputs are named as in `CloudFormation`; a link to a resource is its logical id. The keys
//! stand in the order of the model.

use jit_runners_emit::{DependencyGraph, cloudformation, terraform};
use jit_runners_model::{
    Choices, Deployment, Expr, LabelMappings, Node, Output, Piece, Text,
    choices::{EgressRule, FunctionChoices, RunnerChoices},
    contract::Handler,
    parameter::{DefaultValue, Parameter, ParameterType},
    policy::{Policy, PolicyCondition, Service, Statement},
    requirement::{Demand, Fact, Requirement},
    resource::{Encryption, FieldValue, Fields},
};
use serde_json::{Map, Value, json};

use super::{Error, Session, say_advice, say_source};
use crate::{
    cli::{Format, Show, What},
    config, exit,
};

/// Prints a view of the deployment.
pub(super) fn run(arguments: &Show, session: &mut Session<'_>) -> Result<u8, Error> {
    let loaded = config::load(arguments.config.file.as_deref())?;
    say_advice(session.err, &loaded)?;
    // What is printed is for a program.
    say_source(session.err, &loaded)?;
    let deployment = loaded.deployment;
    session.out.write_all(view(&deployment, arguments.what, arguments.format).as_bytes())?;
    Ok(exit::FINE)
}

fn view(deployment: &Deployment, what: What, format: Format) -> String {
    match format {
        Format::Json => {
            let json = match what {
                What::Model => model_json(deployment),
                What::Terraform => terraform::tree_json(deployment),
                What::Cloudformation => cloudformation::template_json(deployment),
            };
            format!("{json:#}\n")
        }
        Format::Mermaid => {
            let dependency_graph = match what {
                What::Model => DependencyGraph::from_model(deployment),
                What::Terraform => terraform::dependency_graph(deployment),
                What::Cloudformation => cloudformation::dependency_graph(deployment),
            };
            dependency_graph.to_mermaid()
        }
    }
}

/// Choices, inputs, resources with every field, and outputs of `deployment`. Resources and inputs are named as in
/// `CloudFormation`; a link to a resource is its logical id. The keys stand in the order of the model.
fn model_json(deployment: &Deployment) -> Value {
    let tags: Map<_, _> =
        deployment.tags().into_iter().map(|(key, value)| (key.to_owned(), text(&value))).collect();
    json!({
        "choices": choices(deployment.choices()),
        "parameters": deployment.parameters().iter().map(parameter).collect::<Vec<_>>(),
        "requirements": deployment.requirements().iter().map(requirement).collect::<Vec<_>>(),
        "tags": tags,
        "resources": deployment.resources().iter().map(resource).collect::<Vec<_>>(),
        "outputs": deployment.outputs().iter().map(output).collect::<Vec<_>>(),
    })
}

fn parameter(parameter: &Parameter) -> Value {
    let Parameter { id, group, description, kind, expected, default, example } = parameter;
    json!({
        "cloudformation": id.cloudformation,
        "terraform": id.terraform,
        "group": group.title(),
        "description": description,
        "type": parameter_type(kind),
        "expected": expected,
        "default": default.as_ref().map(default_value),
        "example": example,
    })
}

fn requirement(requirement: &Requirement) -> Value {
    let Requirement { name, demand, message: _, broken_by } = requirement;
    let broken_by: Map<_, _> =
        broken_by.iter().map(|(input, value)| (input.cloudformation.to_owned(), json!(value))).collect();
    json!({
        "name": name,
        "demand": self::demand(demand),
        "message": requirement.message(|input| input.cloudformation),
        "broken_by": broken_by,
    })
}

fn resource(node: &Node) -> Value {
    let Node { id, concern, resource } = node;
    json!({
        "logical_id": id.logical_id,
        "label": id.label,
        "kind": resource.kind().as_str(),
        "concern": concern.title(),
        "tagged": resource.kind().is_tagged(),
        "links": resource.links().iter().map(|link| link.logical_id).collect::<Vec<_>>(),
        "fields": object(&resource.fields()),
    })
}

fn output(output: &Output) -> Value {
    let Output { cloudformation, terraform, description, value } = output;
    json!({
        "cloudformation": cloudformation,
        "terraform": terraform,
        "description": description,
        "value": text(value),
    })
}

fn choices(choices: &Choices) -> Value {
    let Choices {
        name,
        tags,
        architecture,
        functions,
        label_mappings,
        runners,
        permissions_boundary,
        kms_key,
        github_api_url,
        throttling,
        alarms,
        dashboard,
    } = choices;
    let of_handler = |handler: Handler| {
        let FunctionChoices { memory, timeout, log_retention } = functions.get(handler);
        let sizes = json!({
            "memory": memory.get(),
            "timeout": timeout.seconds().get(),
            "log_retention": log_retention.get(),
        });
        (handler.name().to_owned(), sizes)
    };
    json!({
        "name": name,
        "tags": tags,
        "architecture": architecture,
        "functions": Handler::ALL.into_iter().map(of_handler).collect::<Map<_, _>>(),
        "label_mappings": label_mappings,
        "runners": self::runners(runners),
        "permissions_boundary": permissions_boundary,
        "kms_key": kms_key,
        "github_api_url": github_api_url,
        "throttling": { "rate": throttling.rate, "burst": throttling.burst },
        "alarms": alarms,
        "dashboard": dashboard,
    })
}

fn runners(runners: &RunnerChoices) -> Value {
    let RunnerChoices { default_instance_type, version, max, max_per_repository, scope, group, egress } =
        runners;
    json!({
        "default_instance_type": default_instance_type,
        "version": version.to_string(),
        "max": max,
        "max_per_repository": max_per_repository,
        "scope": scope,
        "group": group,
        "egress": egress.iter().map(egress_rule).collect::<Vec<_>>(),
    })
}

fn object(fields: &Fields<'_>) -> Value {
    Value::Object(fields.iter().map(|(name, held)| ((*name).to_owned(), value(held))).collect())
}

fn value(held: &FieldValue<'_>) -> Value {
    match held {
        FieldValue::Nothing => Value::Null,
        FieldValue::Flag(flag) => json!(flag),
        FieldValue::Number(number) => json!(number),
        FieldValue::Literal(literal) => json!(literal),
        FieldValue::Text(held) => text(held),
        FieldValue::Link(id) => json!(id.logical_id),
        FieldValue::Input(input) => json!({ "input": input.cloudformation }),
        FieldValue::Encryption(held) => encryption(held),
        FieldValue::Policy(held) => policy(held),
        FieldValue::Conditions(held) => conditions(held),
        FieldValue::Egress(rule) => egress_rule(rule),
        FieldValue::List(items) => items.iter().map(value).collect(),
        FieldValue::Object(held) => object(held),
    }
}

/// Literal text is a string; what depends on the deployment is an object: `{"join": [...]}` of strings and
/// expressions, or one expression. So a string never means anything but itself.
fn text(text: &Text) -> Value {
    match text.pieces() {
        [] => json!(""),
        [one] => piece(one),
        several => json!({ "join": several.iter().map(piece).collect::<Vec<_>>() }),
    }
}

fn piece(piece: &Piece) -> Value {
    match piece {
        Piece::Literal(text) => json!(text),
        Piece::Expr(expr) => match expr {
            Expr::DeploymentName => json!({ "expression": "deployment name" }),
            Expr::Region => json!({ "expression": "region" }),
            Expr::AccountId => json!({ "expression": "account id" }),
            Expr::Partition => json!({ "expression": "partition" }),
            Expr::Parameter(id) => json!({ "input": id.cloudformation }),
            Expr::JoinedParameter(id) => json!({ "input": id.cloudformation, "joined": "," }),
            Expr::Attribute { kind, of, attribute } => json!({
                "resource": of.logical_id,
                "kind": kind.as_str(),
                "attribute": format!("{attribute:?}"),
            }),
        },
    }
}

fn texts<'a>(values: impl IntoIterator<Item = &'a Text>) -> Value {
    values.into_iter().map(text).collect()
}

fn encryption(encryption: &Encryption) -> Value {
    match encryption {
        Encryption::ServiceOwned => json!("with a key that the service owns"),
        Encryption::CustomerManaged(key) => json!({ "key": text(key) }),
    }
}

fn egress_rule(rule: &EgressRule) -> Value {
    let EgressRule { protocol, port, cidr, description } = rule;
    json!({
        "protocol": protocol.as_str(),
        "port": port,
        "cidr": cidr.as_str(),
        "description": description,
    })
}

fn policy(policy: &Policy) -> Value {
    let Policy { statements } = policy;
    statements.iter().map(statement).collect()
}

fn statement(statement: &Statement) -> Value {
    let Statement { sid, reason, service, actions, resources, conditions } = statement;
    json!({
        "sid": sid,
        "reason": reason,
        "service": service.map(Service::principal),
        "actions": actions,
        "resources": texts(resources),
        "conditions": self::conditions(conditions),
    })
}

fn conditions(conditions: &[PolicyCondition]) -> Value {
    conditions
        .iter()
        .map(|PolicyCondition { operator, key, values }| {
            json!({ "operator": operator.as_str(), "key": key, "values": texts(values) })
        })
        .collect()
}

fn parameter_type(kind: &ParameterType) -> Value {
    match kind {
        ParameterType::Text { pattern, longest } => json!({ "text": pattern.as_str(), "longest": longest }),
        ParameterType::LabelMappings => json!({
            "label mappings": LabelMappings::PATTERN.as_str(),
            "longest": LabelMappings::MOST_BYTES,
        }),
        ParameterType::Integer { min, max } => json!({ "integer": { "min": min, "max": max } }),
        ParameterType::Flag => json!("true or false"),
        ParameterType::VpcId => json!("VPC id"),
        ParameterType::SubnetIds => json!("subnet ids"),
        ParameterType::ImageId => json!("image id"),
    }
}

/// What must hold of inputs.
fn demand(demand: &Demand) -> Value {
    match demand {
        Demand::AnyOf(facts) => json!({ "any of": facts.iter().map(fact).collect::<Vec<_>>() }),
        Demand::OneArchitecture { default, mappings } => {
            json!({ "one architecture": [default.cloudformation, mappings.cloudformation] })
        }
    }
}

fn fact(fact: &Fact) -> Value {
    match fact {
        Fact::OneOf(input, values) => json!({ "input": input.cloudformation, "one of": values }),
        Fact::IsSet(input) => json!({ "input": input.cloudformation, "is": "set" }),
    }
}

fn default_value(value: &DefaultValue) -> Value {
    match value {
        DefaultValue::Text(text) => json!(text),
        DefaultValue::Integer(number) => json!(number),
        DefaultValue::Flag(flag) => json!(flag),
    }
}

#[cfg(test)]
mod tests {
    use jit_runners_model::{Choices, Deployment};
    use serde_json::{Value, json};

    use super::model_json;

    fn fields(model: &Value, logical_id: &str) -> Value {
        let resources = model["resources"].as_array().unwrap();
        resources.iter().find(|node| node["logical_id"] == logical_id).unwrap()["fields"].clone()
    }

    #[test]
    fn everything_is_there() {
        let deployment = Deployment::new(Choices::default()).unwrap();
        let model = model_json(&deployment);
        let length = |key: &str| model[key].as_array().unwrap().len();
        assert_eq!(length("parameters"), deployment.parameters().len());
        assert_eq!(length("resources"), deployment.resources().len());
        assert_eq!(length("outputs"), deployment.outputs().len());
        assert_eq!(model["choices"]["functions"]["scaleup"]["memory"], 512);
    }

    #[test]
    fn expressions_are_objects_and_literals_are_strings() {
        let model = model_json(&Deployment::new(Choices::default()).unwrap());
        let queue = fields(&model, "ScaleUpQueue");
        assert_eq!(queue["queue_name"], json!({ "join": [{ "expression": "deployment name" }, "-scaleup"] }));
        assert_eq!(
            queue["redrive"],
            json!({ "dead_letter_target": "ScaleUpDeadLetterQueue", "max_receive_count": 5 })
        );
        let policy = &fields(&model, "RunnerRole")["policy"];
        assert_eq!(policy[0]["conditions"][0]["values"], json!(["${aws:userid}"]));
        assert_eq!(
            policy[0]["resources"],
            json!([{ "resource": "RunnersTable", "kind": "Table", "attribute": "Arn" }])
        );
    }
}
