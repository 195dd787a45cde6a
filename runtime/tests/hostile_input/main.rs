//! Input that others can influence, as they might: what it leads to, what it does not lead to, and that nobody is told a
//! word of it.
//!
//! What is found here by chance is looked for in earnest by `make fuzz`.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod examples;
mod payload;
mod ports;
mod properties;
mod repositories;
mod signatures;
mod webhooks;
