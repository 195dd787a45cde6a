//! The handlers on AWS and GitHub: one adapter for each port of `jit-runners-runtime`, and the start of a function.

pub mod account;
pub mod clock;
pub mod cloud;
pub mod compute;
pub mod event;
pub mod function;
pub mod github;
pub mod log;
pub mod ports;
pub mod queue;
#[cfg(test)]
mod scripted;
pub mod secret;
pub mod table;
