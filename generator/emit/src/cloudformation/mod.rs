//! The deployment as a `CloudFormation` template.
//!
//! ```text
//! Deployment -> Template (tree.rs) -> YAML (print.rs), JSON (json.rs), references
//! ```
//!
//! Readers of the generated files share no table with this module: names of types and properties are spelled
//! here for writing only.

mod json;
mod parameters;
mod print;
mod readme;
mod resource;
mod scalar;
#[cfg(test)]
mod tests;
mod tree;
mod value;

use jit_runners_model::{Deployment, Expr, text};
use serde_json::json;

pub(super) use self::parameters::type_name;
pub use self::print::LARGEST_BODY;
use self::tree::{Map, Template, Value};
use super::NOTICE;
use crate::{DependencyGraph, GeneratedFile};

/// The template, an example of its parameters, and how to deploy it.
pub(crate) fn files(deployment: &Deployment) -> Vec<GeneratedFile> {
    let template = template(deployment);
    let body = print::print(&template, NOTICE);
    let file = |path: &str, contents| GeneratedFile { path: format!("cloudformation/{path}"), contents };
    vec![
        file("README.md", readme::render(deployment, &template, body.len())),
        file("parameters.example.json", example_parameters(deployment)),
        GeneratedFile { path: TEMPLATE.to_owned(), contents: body },
    ]
}

/// Where the template stands in the output folder.
pub const TEMPLATE: &str = "cloudformation/template.yaml";

/// The template as JSON, with the long form of each intrinsic function.
pub fn template_json(deployment: &Deployment) -> serde_json::Value {
    json::template(&template(deployment))
}

/// Which resource of the template refers to which.
pub fn dependency_graph(deployment: &Deployment) -> DependencyGraph {
    tree::dependency_graph(&template(deployment))
}

fn template(deployment: &Deployment) -> Template {
    Template {
        description: format!(
            "GitHub Actions runners on EC2 spot, on demand. The stack's name is the prefix of every name in it, at most {} characters; suggested: {}.",
            deployment.longest_name().0,
            deployment.choices().name
        ),
        metadata: parameters::metadata(deployment),
        parameters: parameters::section(deployment),
        rules: parameters::rules(deployment),
        conditions: parameters::conditions(deployment),
        resources: resource::section(deployment),
        outputs: outputs(deployment),
    }
}

/// The section `Outputs`. Each is exported as `<stack>-<output>` for other stacks to import.
fn outputs(deployment: &Deployment) -> Map {
    let outputs = deployment.outputs().iter().map(|output| {
        let export = text![Expr::DeploymentName, "-", output.cloudformation];
        let entry = Map::new()
            .with("Description", output.description)
            .with("Value", &output.value)
            .with("Export", Map::new().with("Name", &export));
        (output.cloudformation.to_owned(), Value::from(entry))
    });
    outputs.collect()
}

/// The required parameters as `aws cloudformation` reads them from a file, each with a value to replace. The others
/// are left out: a default that was copied into a file is one that never changes again.
fn example_parameters(deployment: &Deployment) -> String {
    let parameters: Vec<_> = deployment
        .parameters()
        .iter()
        .filter(|parameter| parameter.default.is_none())
        .map(|parameter| {
            json!({
                "ParameterKey": parameter.id.cloudformation,
                "ParameterValue": parameter.example,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::from(parameters))
}
