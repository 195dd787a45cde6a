//! What people read: the architecture as a picture, the page that lists everything, and what can be chosen.
//! Pages are templates of Markdown.

use diagram::Diagram;
use jit_runners_model::Deployment;
use minijinja::{Environment, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;
use serde_json::Value;

use super::NOTICE;
use crate::GeneratedFile;

mod configuration;
mod diagram;
mod mermaid;
mod page;
mod readable;
mod svg;

pub(super) use mermaid::quoted;
pub(super) use page::{StatementView, statement};
pub(super) use readable::Reader;

/// The files of `docs/`, sorted by path; `schema` is that of the configuration file.
pub(crate) fn files(deployment: &Deployment, schema: &Value) -> Vec<GeneratedFile> {
    let diagram = Diagram::new(deployment);
    [
        ("docs/architecture.mmd", mermaid::text(&diagram)),
        ("docs/architecture.svg", svg::text(&diagram)),
        ("docs/configuration.md", configuration::text(deployment, schema)),
        ("docs/deployment.md", page::text(deployment)),
    ]
    .map(|(path, contents)| GeneratedFile { path: path.to_owned(), contents })
    .to_vec()
}

/// `template` with the values of `page`.
///
/// # Panics
/// Never: templates are a part of this program and are rendered by its tests.
pub(crate) fn render(template: &str, page: impl Serialize) -> String {
    // Tags of the template leave no blank lines behind, which would end a table.
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    let mut environment = Environment::new();
    environment.set_syntax(syntax.expect("the usual delimiters"));
    environment.add_filter("code", |text: &str| format!("`{text}`"));
    environment.add_filter("code_cell", |text: &str| code_cell(text));
    environment.add_filter("anchor", |heading: &str| anchor(heading));
    environment.add_filter("cell", |text: &str| cell(text));
    environment.render_str(template, Serde(page)).expect("the template fits the page")
}

/// `text` as code in a cell of a table.
fn code_cell(text: &str) -> String {
    // A pipe ends a cell even inside code.
    format!("`{}`", text.replace('|', "\\|"))
}

/// `text` in a cell of a table; what stands between backticks stays code.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// What GitHub makes of `heading`, to link to: lower case, blanks as hyphens, and no punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}
