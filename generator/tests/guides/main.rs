//! What the guides in `docs/` say in numbers and names, against the model and against what tests have written.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod coming_from;
mod cost;
mod examples;
mod ignored;
