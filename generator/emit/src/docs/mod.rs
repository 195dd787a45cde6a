//! What people read: the architecture as a picture, the page that lists everything, and what can be chosen.

mod configuration;
mod diagram;
mod mermaid;
mod page;
mod readable;
mod svg;
mod template;

use jit_runners_model::Deployment;
use serde_json::Value;

use super::NOTICE;
use crate::GeneratedFile;
use diagram::Diagram;

pub(super) use page::{StatementView, statement};
pub(super) use readable::Reader;
pub(super) use template::render;

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
