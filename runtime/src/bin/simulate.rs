//! Runs the handlers in a simulated world: `cargo run --release -p jit-runners-runtime --bin simulate -- --help`.

use std::{io::IsTerminal as _, process::ExitCode, time::Instant};

use anyhow::Context as _;
use clap::Parser;
use jit_runners_runtime::simulation::{
    campaign::{Campaign, exhaust_all},
    report::{Format, campaign, exhaustive, one, summary},
    run::{Mode, run, run_scenario},
    scenario::Scenario,
};

/// Runs the handlers of jit-runners in a simulated world full of faults, and checks what they promise.
#[derive(Parser)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The seed, or the first of several.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Run a named scenario, not what the seed describes.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Tell one run as a story.
    #[arg(long)]
    trace: bool,
    /// Run every seed twice and compare, instead of one in sixteen.
    #[arg(long)]
    twice: bool,
    /// Instead of seeds: small scenarios with every single fault, and every two faults.
    #[arg(long, conflicts_with_all = ["seeds", "seed", "scenario", "trace", "twice"])]
    exhaustive: bool,
    /// How to tell the results.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what people run")]
fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(name) = &arguments.scenario {
        let names = || Scenario::all().map(|scenario| scenario.name).collect::<Vec<_>>().join(", ");
        let scenario = Scenario::named(name).with_context(|| format!("scenarios are {}", names()))?;
        let outcome = run_scenario(&scenario, arguments.seed, arguments.trace)?;
        print!("{}", one(&outcome, arguments.format));
        eprintln!("{}", summary(&outcome.statistics));
        return Ok(ExitCode::from(u8::from(!outcome.violations.is_empty())));
    }
    if arguments.trace {
        let outcome = run(arguments.seed, Mode { with_story: true, ..Mode::default() })
            .context("the world cannot be made")?;
        print!("{}", one(&outcome, arguments.format));
        return Ok(ExitCode::from(u8::from(!outcome.violations.is_empty())));
    }
    let began = Instant::now();
    if arguments.exhaustive {
        let results = exhaust_all(|name| eprintln!("{name}, {:.0} s", began.elapsed().as_secs_f64()))?;
        print!("{}", exhaustive(&results, arguments.format));
        return Ok(ExitCode::from(u8::from(results.iter().any(|result| !result.failures.is_empty()))));
    }
    let total = arguments.seeds;
    // A line that is written over again and again says nothing in a log.
    let watched = std::io::stderr().is_terminal();
    let all = Campaign::run(arguments.seed, total, arguments.twice, |done, failed| {
        if watched {
            eprint!("\r{done} of {total} seeds, {failed} failed, {:.0} s", began.elapsed().as_secs_f64());
        }
    })
    .context("the world cannot be made")?;
    if watched {
        eprintln!();
    }
    print!("{}", campaign(&all, began.elapsed(), arguments.format));
    Ok(ExitCode::from(u8::from(all.failed > 0)))
}
