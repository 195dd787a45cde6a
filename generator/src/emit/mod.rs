//! From the model to files.

use jit_runners_model::Deployment;

use crate::GeneratedFile;

/// Every file of the output folder, sorted by path. A valid deployment can always be emitted.
pub fn files(deployment: &Deployment) -> Vec<GeneratedFile> {
    let _ = deployment;
    let mut files: Vec<GeneratedFile> = Vec::new();
    files.sort();
    files
}
