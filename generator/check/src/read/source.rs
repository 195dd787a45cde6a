//! A file as it was found.

use std::sync::Arc;

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
