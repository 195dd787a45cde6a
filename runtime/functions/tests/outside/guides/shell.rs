//! The shell in which a reader runs all commands. It stops at the first command that fails.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use jit_runners_witnesses::{files, process};
use tempfile::TempDir;

/// The longest time for a block of commands.
const TIMEOUT: Duration = Duration::from_mins(5);
/// Marks the end of a block's output.
const END: &str = "\u{1e}end of block";

/// A running bash.
pub(crate) struct Shell {
    bash: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    /// Holds the current block, and the errors that it prints.
    folder: TempDir,
}

impl Shell {
    /// Starts a shell in the folder and with the environment of `bash`.
    pub(crate) fn start(mut bash: Command) -> Result<Self> {
        let mut bash = bash
            .args(["--noprofile", "--norc"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A separate process group, so that all its processes end with it.
            .process_group(0)
            .spawn()
            .context("starting bash")?;
        let input = bash.stdin.take().context("bash has no input")?;
        let output = BufReader::new(bash.stdout.take().context("bash has no output")?);
        let (tell, lines) = mpsc::channel();
        // Ends when bash ends.
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let mut shell = Self { bash, input, lines, folder: TempDir::with_prefix("jit-runners-shell-")? };
        shell.run("set -euo pipefail\n")?;
        Ok(shell)
    }

    /// Runs commands. Returns their output.
    pub(crate) fn run(&mut self, commands: &str) -> Result<String> {
        let (block, errors) = (self.folder.path().join("block.sh"), self.folder.path().join("errors"));
        files::write(&block, commands)?;
        // The block is sourced, so that variables stay. It has its own standard input, so that no command reads the
        // next block.
        let (block, errors) = (block.display(), errors.display());
        writeln!(self.input, "source '{block}' < /dev/null 2> '{errors}'; printf '\\n%s\\n' '{END}'")?;
        self.input.flush()?;
        let mut printed = String::new();
        loop {
            match self.lines.recv_timeout(TIMEOUT) {
                Ok(line) if line == END => return Ok(printed),
                Ok(line) => {
                    printed.push_str(&line);
                    printed.push('\n');
                }
                Err(error) => {
                    let said = fs::read_to_string(self.folder.path().join("errors")).unwrap_or_default();
                    bail!("{error}: these commands failed, or do not end:\n{commands}\n{printed}\n{said}");
                }
            }
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let group = format!("-{}", self.bash.id());
        // The process group may be empty.
        drop(process::run(Command::new("kill").args(["-s", "KILL", "--", &group])));
        drop(self.bash.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell() -> Shell {
        Shell::start(Command::new("bash")).unwrap()
    }

    #[test]
    fn what_one_block_sets_the_next_one_has() {
        let mut shell = shell();
        assert_eq!(shell.run("x=1\n").unwrap().trim(), "");
        assert_eq!(shell.run("echo \"x is $x\"\ncat\n").unwrap().trim(), "x is 1");
    }

    #[test]
    fn a_command_that_fails_is_told_with_its_words() {
        for block in ["echo before; ls /nowhere", "echo \"$unset\"", "false | cat"] {
            assert!(shell().run(block).is_err(), "{block}");
        }
        let said = shell().run("echo before; ls /nowhere").unwrap_err().to_string();
        assert!(said.contains("before") && said.contains("/nowhere"), "{said}");
    }
}
