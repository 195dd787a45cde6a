//! The adapters against what is outside of them: the same cases that the simulated ports answer, and a GitHub held against
//! its own description. One binary, so that the waiting of one overlaps with the work of another. A tool that is missing
//! skips its check loudly, and fails it under `CI=true`.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod conformance;
mod connection;
mod github;
