//! The functions against the outside world: the cases that the simulated ports answer, a fake GitHub that is checked
//! against GitHub's own description, and the whole deployment on an emulator of AWS. They are one program, so that
//! one test can work while another waits. A check without its tool is skipped, and named at the end of the run. Under
//! `CI=true` it fails.
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
