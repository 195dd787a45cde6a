//! The runner image: the template's text against rules, its scripts with stand-ins for the package manager and for
//! downloads, and the `ami.*` commands against an emulator. Packer itself is not asked: see docs/image.md.
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
