//! The runner image: rules for the template's text, its scripts with stand-ins for the package manager and for
//! downloads, and the `ami.*` commands against an emulator. Packer itself does not run: see docs/image.md.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account;
mod ami_build;
mod ami_copy;
mod ami_prune;
mod documents;
mod downloads;
mod machine;
mod provision;
mod scripts;
mod template;
mod template_rules;
mod verify;
