//! Compares our handlers with others' policies: `cargo run --release -p jit-runners-simulation --bin compare -- --help`.

use std::{fs, io::IsTerminal as _, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Parser;
use jit_runners_simulation::comparison::{Comparison, chart, digest_of_first_seeds, page};

/// Runs jit-runners and the policies that others use in the same simulated worlds, and writes docs/comparison.json, and .md and .svg from it.
#[derive(Parser)]
struct Arguments {
    /// Write nothing; exit code 4 when a file is not what would be written. Of each scenario only the first seed is run: if it ends
    /// otherwise than in docs/comparison.json, so do others.
    #[arg(long)]
    check: bool,
    /// Seeds of each scenario with thousands of jobs; others have five times as many.
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// Where the files are.
    #[arg(long, default_value = "docs")]
    directory: PathBuf,
}

#[expect(clippy::print_stderr, clippy::disallowed_methods, reason = "people run this to write files")]
fn main() -> anyhow::Result<ExitCode> {
    let Arguments { check, seeds, directory } = Arguments::parse();
    // A line that is written over again and again says nothing in a log.
    let watched = std::io::stderr().is_terminal();
    let progress = |done, all| {
        if watched {
            eprint!("\r{done} of {all} runs ");
        }
    };
    let numbers = directory.join("comparison.json");
    let mut stale = Vec::new();
    let comparison = if check {
        let text =
            fs::read_to_string(&numbers).with_context(|| format!("cannot read {}", numbers.display()))?;
        let read: Comparison = serde_json::from_str(&text).with_context(|| {
            format!("{} is not what this program wrote; run it without --check", numbers.display())
        })?;
        if digest_of_first_seeds(progress)? != read.first_seeds {
            stale.push(numbers.clone());
        }
        read
    } else {
        Comparison::run(seeds, progress)?
    };
    if watched {
        eprintln!();
    }
    let texts = [
        (numbers, serde_json::to_string_pretty(&comparison)? + "\n"),
        (directory.join("comparison.md"), page(&comparison)),
        (directory.join("comparison.svg"), chart(&comparison)),
    ];
    for (path, text) in texts {
        if !check {
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        } else if fs::read_to_string(&path).ok() != Some(text) {
            stale.push(path);
        }
    }
    for path in &stale {
        eprintln!("{} is stale: run the same command without --check", path.display());
    }
    Ok(ExitCode::from(if stale.is_empty() { 0 } else { 4 }))
}
