//! Boots instances: runs the user data in bash, with stand-ins for everything around it.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod boot;
mod configuration;
mod end;
mod machine;
mod real_table;
mod runner;
mod running;
mod script;
