//! Outside witnesses: tools that know nothing of our model judge the files that we ship.
//!
//! `outside` asks the linters and Terraform itself about every file in `generated/`; `deploy` deploys
//! both dialects to an emulator with the commands that users type. One binary, so that the waiting of
//! one overlaps with the work of another. A tool that is missing skips its check loudly, and fails it
//! under `CI=true` (see `jit_runners_witnesses::tools`).
#![expect(
    clippy::print_stderr,
    reason = "skipped checks and deployment summaries are for the person who watches"
)]

mod deploy;
mod outside;
mod support;
