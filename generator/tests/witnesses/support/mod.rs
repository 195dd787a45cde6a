//! What only these witnesses share: what they judge, findings of linters, packages for a deployment.

pub(crate) mod findings;
pub(crate) mod outputs;
pub(crate) mod zips;
