//! `cloudformation/README.md`: the commands, and what the template takes, makes and gives.

use jit_runners_model::{
    Concern, Deployment,
    parameter::{DefaultValue, Parameter},
};
use minijinja::{Environment, context};

use super::{print::LARGEST_BODY, tree::Template};
use crate::emit::NOTICE;

/// The page, for a template file of `size` bytes.
pub(super) fn render(deployment: &Deployment, template: &Template, size: usize) -> String {
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
                        kind => resource.kind,
                        condition => resource.condition.as_deref(),
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
                needs_bucket => size > LARGEST_BODY,
                parameters,
                concerns,
                outputs,
            },
        )
        .expect("the page's own template renders")
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
