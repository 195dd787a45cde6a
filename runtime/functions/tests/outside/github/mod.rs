//! The adapter of GitHub against a GitHub on this machine, which checks the App's signature, keeps tokens, runners and jobs,
//! and misbehaves when it is told to. What both say to each other is held against GitHub's own description of its API.

pub(crate) mod bodies;
mod description;
pub(crate) mod fake;
mod methods;
mod refusals;
mod schema;
mod sign_in;
mod silence;
pub(crate) mod world;
