//! Compares our handlers with others' policies: `cargo run --release -p jit-runners-simulation --bin compare -- --help`.

use std::{fs, io::IsTerminal as _, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Parser;
use jit_runners_simulation::comparison::{Comparison, chart, page};

/// Runs jit-runners and the policies that others use in the same simulated worlds, and writes docs/comparison.md and .svg.
#[derive(Parser)]
struct Arguments {
    /// Write nothing; exit code 4 when a file is not what would be written.
    #[arg(long)]
    check: bool,
    /// Seeds of each scenario with thousands of jobs; others have five times as many.
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// Where the files are.
    #[arg(long, default_value = "docs")]
    directory: PathBuf,
}
#[expect(clippy::print_stderr, clippy::disallowed_methods, reason = "people run this to write two files")]
fn main() -> anyhow::Result<ExitCode> {
    let Arguments { check, seeds, directory } = Arguments::parse();
    // A line that is written over again and again says nothing in a log.
    let watched = std::io::stderr().is_terminal();
    let comparison = Comparison::run(seeds, |done, all| {
        if watched {
            eprint!("\r{done} of {all} runs ");
        }
    })?;
    if watched {
        eprintln!();
    }
    let mut stale = false;
    for (name, text) in [("comparison.md", page(&comparison)), ("comparison.svg", chart(&comparison))] {
        let path = directory.join(name);
        if !check {
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        } else if fs::read_to_string(&path).ok() != Some(text) {
            eprintln!("{} is stale: run the same command without --check", path.display());
            stale = true;
        }
    }
    Ok(ExitCode::from(if stale { 4 } else { 0 }))
}
