//! The GitHub adapter against a fake GitHub on this machine, which checks the App's signature, keeps tokens, runners
//! and jobs, and misbehaves when it is told to. Requests and answers are checked against GitHub's own description of
//! its API.

pub(crate) mod bodies;
mod description;
pub(crate) mod fake;
mod methods;
mod refusals;
mod schema;
mod sign_in;
mod silence;
pub(crate) mod world;
