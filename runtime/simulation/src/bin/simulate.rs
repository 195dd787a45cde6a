//! Runs the handlers in a simulated world: `cargo run --release -p jit-runners-simulation --bin simulate -- --help`.

use std::{io::IsTerminal as _, process::ExitCode, time::Instant};

use anyhow::Context as _;
use clap::Parser;
use jit_runners_simulation::{
    campaign::{Campaign, digests, exhaust_all},
    report::{Format, campaign, exhaustive, one, summary, trials},
    run::{Mode, run, run_scenario},
    scenario::Scenario,
    tuning::{CANDIDATES, Figures, Numbers, in_campaign, in_scenario},
    world::WorldError,
};

/// Seeds of each scenario that a candidate is tried in.
const TRIALS: u64 = 10;

/// Runs the handlers of jit-runners in a simulated world full of faults, and checks what they promise.
#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command")]
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
    /// Print the SHA-256 of each seed's run, which is the same as long as everything happens in the same way.
    #[arg(long, conflicts_with_all = ["scenario", "trace", "twice"])]
    digest: bool,
    /// Instead of seeds: small scenarios with every single fault, and every two faults.
    #[arg(long, conflicts_with_all = ["seeds", "seed", "scenario", "trace", "twice", "digest"])]
    exhaustive: bool,
    /// Instead of seeds: candidates for the numbers of the two queues, each in a few scenarios and in `--seeds` worlds.
    #[arg(long, conflicts_with_all = ["seed", "scenario", "trace", "twice", "digest", "exhaustive"])]
    queues: bool,
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
    if arguments.digest {
        for (seed, digest) in digests(arguments.seed, arguments.seeds).context("the world cannot be made")? {
            println!("{seed} {digest}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let began = Instant::now();
    if arguments.exhaustive {
        let results = exhaust_all(|name| eprintln!("{name}, {:.0} s", began.elapsed().as_secs_f64()))?;
        print!("{}", exhaustive(&results, arguments.format));
        return Ok(ExitCode::from(u8::from(results.iter().any(|result| !result.failures.is_empty()))));
    }
    if arguments.queues {
        let of_all = |tried: &dyn Fn(Numbers) -> Result<Figures, WorldError>| {
            CANDIDATES
                .iter()
                .map(|numbers| Ok((*numbers, tried(*numbers)?)))
                .collect::<Result<Vec<_>, WorldError>>()
        };
        for scenario in Scenario::for_queues() {
            let figures = of_all(&|numbers| in_scenario(&scenario, numbers, TRIALS))?;
            println!("{}: {} {TRIALS} runs.\n\n{}", scenario.name, scenario.shows, trials(&figures));
        }
        let figures = of_all(&|numbers| in_campaign(numbers, arguments.seeds))?;
        println!("{} runs full of faults.\n\n{}", arguments.seeds, trials(&figures));
        return Ok(ExitCode::SUCCESS);
    }
    let total = arguments.seeds;
    // A line that is written over again and again says nothing in a log.
    let watched = std::io::stderr().is_terminal();
    let all = Campaign::run(arguments.seed, total, arguments.twice, Mode::default(), |done, failed| {
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
