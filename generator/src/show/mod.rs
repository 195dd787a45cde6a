//! The whole model as JSON, for people and programs that want to look at it.

mod choices;
mod resources;
mod values;

use jit_runners_model::{Deployment, Node, Output, parameter::Parameter, requirement::Requirement};
use serde_json::{Map, Value, json};

/// Choices, inputs, resources with every field, and outputs of `deployment`. Resources and inputs are named as in
/// `CloudFormation`; a link to a resource is its logical id. The keys stand in the order of the model.
pub(crate) fn model_json(deployment: &Deployment) -> Value {
    let tags: Map<_, _> =
        deployment.tags().into_iter().map(|(key, value)| (key.to_owned(), values::text(&value))).collect();
    json!({
        "choices": choices::choices(deployment.choices()),
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
        "type": values::parameter_type(kind),
        "expected": expected,
        "default": default.as_ref().map(values::default_value),
        "example": example,
    })
}

fn requirement(requirement: &Requirement) -> Value {
    let Requirement { name, demand, message: _, broken_by } = requirement;
    let broken_by: Map<_, _> =
        broken_by.iter().map(|(input, value)| (input.cloudformation.to_owned(), json!(value))).collect();
    json!({
        "name": name,
        "demand": values::demand(demand),
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
        "fields": resources::fields(resource),
    })
}

fn output(output: &Output) -> Value {
    let Output { cloudformation, terraform, description, value } = output;
    json!({
        "cloudformation": cloudformation,
        "terraform": terraform,
        "description": description,
        "value": values::text(value),
    })
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
