//! What tests share that use outside tools: finding and running the tools, an emulator of AWS and its clients, random
//! JSON, and the cases of the check. For tests only.
//!
//! A check without its tool is skipped, and named at the end of the run. Under `CI=true` it fails (see [`tools`]).
#![expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "skipped checks are for the person who watches; the environment is the one of the tests"
)]

pub mod cases;
pub mod emulator;
pub mod files;
pub mod json;
pub mod json_schema;
pub mod prerequisites;
pub mod process;
pub mod terraform;
pub mod tools;
