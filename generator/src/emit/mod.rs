//! From the model to files.

pub(crate) mod cloudformation;
mod docs;
pub(crate) mod terraform;

use jit_runners_model::Deployment;

use crate::GeneratedFile;

/// Every file of the output folder, sorted by path. A valid deployment can always be emitted.
pub fn files(deployment: &Deployment) -> Vec<GeneratedFile> {
    let mut files = cloudformation::files(deployment);
    files.extend(docs::files(deployment));
    files.extend(terraform::files(deployment));
    files.sort();
    files
}
