//! A file that is meant to stand in the output folder.

/// A file as it should be. What stands on disk is another type, so that the two are never mixed up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GeneratedFile {
    /// Where, relative to the output folder, with `/` between the parts: `terraform/variables.tf`.
    pub path: String,
    /// All of its text, ending in a line break.
    pub contents: String,
}
