//! Outside witnesses: tools that do not know our model check the files that we ship.
//!
//! `outside` runs the linters and Terraform itself on every file in `generated/`. `deploy` deploys both dialects to an
//! emulator, with the commands that users type. They are one program, so that one test can work while another waits. If
//! a tool is missing, its check is skipped, and listed at the end of the run. With `CI=true` it fails (see
//! `jit_runners_witnesses::tools`).
#![expect(
    clippy::print_stderr,
    reason = "skipped checks and deployment summaries are for the person who watches"
)]

mod deploy;
mod outside;
mod support;
