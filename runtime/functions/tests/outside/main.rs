//! The functions against what is outside of them: the same cases that the simulated ports answer, a GitHub held against
//! its own description, and the whole deployment on an emulator of AWS. One binary, so that the waiting of one overlaps with the work of another. A tool that is missing
//! skips its check loudly, and fails it under `CI=true`.
#![expect(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; what was done is for the person who watches"
)]

mod conformance;
mod connection;
mod end_to_end;
mod github;
mod guides;
mod listener;
