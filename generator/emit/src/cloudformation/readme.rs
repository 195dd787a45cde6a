//! `cloudformation/README.md`: the commands, and what the template takes, makes and gives.

use jit_runners_model::{
    Concern, Deployment,
    parameter::{DefaultValue, Parameter},
};
use minijinja::{Environment, context};

use super::{print::LARGEST_BODY, tree::Template};
use crate::{
    NOTICE,
    chosen_defaults::{chosen_defaults, written},
    key_policy,
};

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
    }
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn a_value_is_one_word() {
        assert_eq!(shell_word("m7i.large"), "m7i.large");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word(r#"[{"label":"a'b"}]"#), r#"'[{"label":"a'\''b"}]'"#);
    }
}
