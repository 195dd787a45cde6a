//! `docs/configuration.md`: every input of the deployment, and every key of `jit-runners.yaml`.

mod inputs;
mod keys;
#[cfg(test)]
mod tests;

use jit_runners_model::{Deployment, LabelMappings, stack::inputs as ids};
use serde::Serialize;

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
    keys: Vec<KeyView>,
    mapping_example: &'static str,
    most_mapping_bytes: usize,
}

/// The page.
pub(super) fn text(deployment: &Deployment) -> String {
    let mappings = deployment.parameters().iter().find(|parameter| parameter.id == ids::LABEL_MAPPINGS);
    render(
        TEMPLATE,
        Page {
            notice: NOTICE,
            groups: groups(deployment),
            keys: keys(),
            mapping_example: mappings.map(|parameter| parameter.example).unwrap_or_default(),
            most_mapping_bytes: LabelMappings::MOST_BYTES,
        },
    )
}
