//! Compares the numbers and names in the guides of `docs/` with the model and with the output of tests.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod coming_from;
mod cost;
mod examples;
mod ignored;
