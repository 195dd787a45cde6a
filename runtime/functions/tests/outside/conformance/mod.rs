//! The real adapters answer as the simulated ports do: the same cases, against an emulator of AWS.

mod account;
mod compute;
mod emulated;
mod github;
mod queue;
mod table;
