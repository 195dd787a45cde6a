//! The deployment as a `CloudFormation` template.
//!
//! ```text
//! Deployment -> Template (tree.rs) -> YAML (print.rs), JSON, references
//! ```
//!
//! Readers of the generated files share no table with this module: names of types and properties are spelled
//! here for writing only.

use jit_runners_model::{
    Concern, Deployment, Expr,
    parameter::{DefaultValue, Parameter},
    text,
};
use minijinja::{Environment, context};
use serde_json::json;

use self::tree::{Map, Template, Value};
use crate::{DependencyGraph, GeneratedFile, NOTICE, chosen_defaults, key_policy, written};

mod parameters;
mod print;
mod resource;
mod scalar;
#[cfg(test)]
mod tests;
mod tree;
mod value;

pub(super) use self::parameters::type_name;
pub use self::print::LARGEST_BODY;

/// The template, an example of its parameters, and how to deploy it.
pub(crate) fn files(deployment: &Deployment) -> Vec<GeneratedFile> {
    let template = template(deployment);
    let body = print::print(&template, NOTICE);
    let file = |path: &str, contents| GeneratedFile { path: format!("cloudformation/{path}"), contents };
    vec![
        file("README.md", readme(deployment, &template, body.len())),
        file("parameters.example.json", example_parameters(deployment)),
        GeneratedFile { path: TEMPLATE.to_owned(), contents: body },
    ]
}

/// Where the template stands in the output folder.
pub const TEMPLATE: &str = "cloudformation/template.yaml";

/// The template as JSON, with the long form of each intrinsic function.
pub fn template_json(deployment: &Deployment) -> serde_json::Value {
    template(deployment).to_json()
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

/// The page, for a template file of `size` bytes.
fn readme(deployment: &Deployment, template: &Template, size: usize) -> String {
    let parameters: Vec<_> = deployment
        .parameters()
        .iter()
        .map(|parameter| {
            context! {
                name => parameter.id.cloudformation,
                description => cell(parameter.description),
                default => default(parameter),
                example => parameter.example,
            }
        })
        .collect();
    let chosen_defaults: Vec<_> = chosen_defaults(deployment)
        .into_iter()
        .map(|(parameter, key)| {
            let value = parameter.default.as_ref().map(written).unwrap_or_default();
            context! { name => parameter.id.cloudformation, key, value => shell_word(&value) }
        })
        .collect();
    let concerns: Vec<_> = Concern::ALL
        .into_iter()
        .map(|concern| {
            let resources: Vec<_> = template
                .resources
                .iter()
                .filter(|resource| resource.concern == concern)
                .map(|resource| {
                    context! {
                        id => resource.id.logical_id,
                        kind => resource.kind.as_str(),
                    }
                })
                .collect();
            context! { title => concern.title(), resources }
        })
        .collect();
    let outputs: Vec<_> = deployment
        .outputs()
        .iter()
        .map(|output| context! { name => output.cloudformation, description => cell(output.description) })
        .collect();
    Environment::new()
        .render_str(
            include_str!("readme.md.jinja"),
            context! {
                notice => NOTICE,
                name => deployment.choices().name.as_str(),
                longest_name => deployment.longest_name().0,
                needs_bucket => size > LARGEST_BODY,
                parameters,
                chosen_defaults,
                keys => key_policy::sections(deployment),
                concerns,
                outputs,
            },
        )
        .expect("the page's own template renders")
}

/// `text` as one word of a shell.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn default(parameter: &Parameter) -> String {
    match &parameter.default {
        None => "required".to_owned(),
        Some(DefaultValue::Text(text)) if text.is_empty() => "empty".to_owned(),
        Some(DefaultValue::Text(text)) => format!("`{}`", cell(text)),
        Some(DefaultValue::Integer(number)) => format!("`{number}`"),
        Some(DefaultValue::Flag(flag)) => format!("`{flag}`"),
    }
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
