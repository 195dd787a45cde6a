//! The runner image: the template's text against rules, and whether it takes what
//! the generator writes. Packer itself cannot be asked here.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod template;
mod template_rules;
