//! What a deployment tells whoever made it.

use crate::value::Text;

/// One output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// `CloudFormation`'s name of it. It is exported as `<stack name>-<this name>`.
    pub cloudformation: &'static str,
    /// Terraform's name of it.
    pub terraform: &'static str,
    /// What it is good for.
    pub description: &'static str,
    /// The value.
    pub value: Text,
}
