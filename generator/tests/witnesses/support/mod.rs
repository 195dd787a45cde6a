//! What only these witnesses share: what they judge, findings of linters, policies and packages for a deployment.

pub(crate) mod deployer;
pub(crate) mod findings;
pub(crate) mod outputs;
pub(crate) mod parliament;
pub(crate) mod zips;
