//! Hostile input: what it leads to, what it does not lead to, and that it is never quoted.
//!
//! These tests try a few random inputs; `make fuzz` searches systematically.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod examples;
mod payload;
mod ports;
mod properties;
mod repositories;
mod signatures;
mod webhooks;
