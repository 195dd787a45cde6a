//! `docs/configuration.md`: every input of the deployment, and every key of `jit-runners.yaml`.

mod inputs;
mod keys;
#[cfg(test)]
mod tests;

use jit_runners_model::{
    Deployment, LabelMappings,
    requirement::{Demand, Requirement},
    stack::inputs as ids,
};
use serde::Serialize;
use serde_json::Value;

use self::{
    inputs::{GroupView, groups},
    keys::{KeyView, keys},
};
use super::{NOTICE, template::render};

const TEMPLATE: &str = include_str!("configuration.md.j2");

#[derive(Serialize)]
struct Page {
    notice: &'static str,
    groups: Vec<GroupView>,
    requirements: Vec<RequirementView>,
    keys: Vec<KeyView>,
    mapping_example: &'static str,
    most_mapping_bytes: usize,
}

#[derive(Serialize)]
struct RequirementView {
    message: String,
    said_by: &'static str,
}

fn requirement(requirement: &Requirement) -> RequirementView {
    let said_by = match requirement.demand {
        Demand::AnyOf(_) => "Terraform's plan, and CloudFormation",
        Demand::OneArchitecture { .. } => {
            "Terraform's plan; CloudFormation cannot ask for it, and scale-up refuses such a type"
        }
    };
    RequirementView { message: requirement.message(|input| input.cloudformation), said_by }
}

/// The page, with the keys of `schema`.
pub(super) fn text(deployment: &Deployment, schema: &Value) -> String {
    let mappings = deployment.parameters().iter().find(|parameter| parameter.id == ids::LABEL_MAPPINGS);
    render(
        TEMPLATE,
        Page {
            notice: NOTICE,
            groups: groups(deployment),
            requirements: deployment.requirements().iter().map(requirement).collect(),
            keys: keys(schema),
            mapping_example: mappings.map(|parameter| parameter.example).unwrap_or_default(),
            most_mapping_bytes: LabelMappings::MOST_BYTES,
        },
    )
}
