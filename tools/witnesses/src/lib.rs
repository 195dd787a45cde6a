//! What tests share that ask tools from outside: where the tools are and how they are run, an emulator of AWS and its
//! clients; JSON that nobody would write; and the cases of the check. For tests only.
//!
//! Without its tool a check is skipped, and named at the end of the run; under `CI=true` it fails (see [`tools`]).
#![expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "skipped checks are for the person who watches; the environment is the one of the tests"
)]

pub mod cases;
pub mod emulator;
pub mod files;
pub mod json;
pub mod prerequisites;
pub mod process;
pub mod terraform;
pub mod tools;
