//! The real adapters answer like the simulated ports: the same cases run against an AWS emulator.

mod account;
mod compute;
mod emulated;
mod github;
mod queue;
mod table;
