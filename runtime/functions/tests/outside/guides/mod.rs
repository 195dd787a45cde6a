//! The guides of `docs/`, followed as readers do: every block of commands is typed into one shell, with the generated
//! files, the real packages and the emulator. A command must print what the guide says.

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
