//! Random pairs, on which Terraform and an evaluator of intrinsics have a second opinion (`tools/oracle/`).

use std::process::Command;

use anyhow::{Result, ensure};
use jit_runners_witnesses::{files, process, tools};
use tempfile::TempDir;

const CHECK: &str = "the check, against a second oracle";

/// Fewer pairs would not have every kind of expression; more take longer than the other tests.
const PAIRS: usize = 200;

#[test]
fn random_pairs_are_judged_as_their_values_are() -> Result<()> {
    let (Some(python), Some(terraform)) =
        (tools::require(CHECK, "python3")?, tools::require(CHECK, "terraform")?)
    else {
        return Ok(());
    };
    let out = TempDir::with_prefix("jit-runners-oracle-")?;
    let mut command = Command::new(python);
    command.arg("-B").arg(files::root().join("tools/oracle")).arg(env!("CARGO_BIN_EXE_jit-runners"));
    command.args(["--seed", "18", "--pairs", &PAIRS.to_string(), "--out"]).arg(out.path());
    command.arg("--terraform").arg(terraform);
    let finished = process::run(&mut command)?;
    eprintln!("{}", finished.stdout);
    ensure!(finished.status.success(), "{}", finished.report());
    // A sample that the check refuses, or without mistakes, would prove nothing.
    for (values, verdict, least) in [("same", "equivalent", 40), ("different", "different", 40)] {
        let row = format!("| {values} | {verdict} | ");
        let count = finished
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix(&row)?.strip_suffix(" |")?.parse().ok());
        ensure!(
            count.unwrap_or(0) >= least,
            "fewer than {least} pairs are {values} and {verdict}:\n{}",
            finished.stdout
        );
    }
    Ok(())
}
