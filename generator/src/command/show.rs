//! `jit-runners show`.

use jit_runners_emit::{DependencyGraph, cloudformation, terraform};
use jit_runners_model::Deployment;

use super::{Error, Session, told};
use crate::{
    cli::{Format, Show, What},
    config, exit,
    show::model_json,
};

/// Prints a view of the deployment.
pub(super) fn run(arguments: &Show, session: &mut Session<'_>) -> Result<u8, Error> {
    let loaded = config::load(arguments.config.file.as_deref())?;
    told::advice(session.err, &loaded)?;
    // What is printed is for a program.
    told::source(session.err, &loaded)?;
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
