//! What the witnesses share: where things are, how tools are found and run, the emulator and its clients.

pub(crate) mod aws;
pub(crate) mod emulator;
pub(crate) mod files;
pub(crate) mod findings;
pub(crate) mod outputs;
pub(crate) mod process;
pub(crate) mod terraform;
pub(crate) mod tools;
pub(crate) mod zips;
