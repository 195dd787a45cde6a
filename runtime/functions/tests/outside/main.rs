//! The functions with everything outside of them: the cases of the simulated ports, GitHub's own description, and the
//! whole deployment on an AWS emulator. They are one program, so that one test can work while another waits. If a tool
//! is missing, its check is skipped, and listed at the end of the run. With `CI=true` it fails.
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
