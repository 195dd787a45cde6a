//! The adapter of GitHub against a fake GitHub on this machine. The fake checks the App's signature, keeps tokens,
//! runners and jobs, and fails on request. The conversation is compared with GitHub's own description of its API.

pub(crate) mod bodies;
mod description;
pub(crate) mod fake;
mod methods;
mod redirects;
mod refusals;
mod schema;
mod sign_in;
mod silence;
pub(crate) mod world;
