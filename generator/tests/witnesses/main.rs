//! Outside witnesses: tools that know nothing of our model judge the files that we ship.
//!
//! `outside` asks the linters and Terraform itself about every file in `generated/`; `deploy` deploys
//! both dialects to an emulator with the commands that users type. They are one program, because one
//! test can work while another waits. Without its tool a check is skipped, and named at the end of the
//! run; under `CI=true` it fails (see `jit_runners_witnesses::tools`).
#![expect(
    clippy::print_stderr,
    reason = "skipped checks and deployment summaries are for the person who watches"
)]

mod deploy;
mod outside;
mod support;
