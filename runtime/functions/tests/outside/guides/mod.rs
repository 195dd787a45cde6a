//! The guides of `docs/`, followed as their readers follow them: every block of commands is typed into one shell, against
//! the generated files, the real packages and the emulator, and what a guide says that a command prints, it has to print.

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
