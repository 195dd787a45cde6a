//! Outputs, each exported as `<stack>-<output>` for other stacks to import.

use jit_runners_model::{Deployment, Expr, text};

use super::tree::{Map, Value};

/// The section `Outputs`.
pub(super) fn section(deployment: &Deployment) -> Map {
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
