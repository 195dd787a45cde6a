//! Reads text into trees in which every value knows where it stands: HCL here, YAML and JSON by the crate that reads our own files, too.

mod hcl;

use std::sync::Arc;

pub(crate) use hcl::{HclFile, HclProblemKind, parse as parse_hcl};
pub(crate) use jit_runners_yaml::{
    Entry, Located, MAX_BYTES, Place, Position, Scalar, YamlProblemKind, YamlValue, excerpt, parse,
    parse_tolerantly,
};

/// A file's name, as the person named it, and its bytes.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The name, for messages.
    pub name: Arc<str>,
    /// Everything in it, text or not.
    pub bytes: Vec<u8>,
}

impl SourceFile {
    /// A file called `name`.
    pub fn new(name: impl Into<Arc<str>>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}
