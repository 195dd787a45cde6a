//! Follows the guides of `docs/` like a reader. Every block of commands runs in one shell, with the generated files,
//! the real packages and the emulator. The output must be as the guide says.

mod all;
mod decide;
mod deploy;
mod guide;
mod links;
mod output;
mod reader;
mod readme;
mod redrive;
mod shell;
mod trouble;
