//! Shared by these witnesses: the files that they check, findings of linters, policies, and packages for a deployment.

pub(crate) mod deployer;
pub(crate) mod findings;
pub(crate) mod outputs;
pub(crate) mod parliament;
pub(crate) mod zips;
