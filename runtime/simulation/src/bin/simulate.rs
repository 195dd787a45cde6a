//! Runs the handlers in a simulated world: `cargo run --release -p jit-runners-simulation --bin simulate -- --help`.

use std::{
    fs,
    io::IsTerminal as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::Context as _;
use clap::Parser;
use jit_runners_simulation::{
    campaign::{Campaign, digests, exhaust_all},
    report::{Format, campaign, exhaustive, one, summary, trials},
    run::{Mode, run},
    scenario::{self, REFERENCE_FILE, SCHEMA_FILE, Scenario, named},
    tuning::{CANDIDATES, Figures, Numbers, SCENARIOS, in_campaign, in_scenario},
    world::WorldError,
};

/// Seeds of a campaign.
const SEEDS: u64 = 1_000;
/// Seeds of each scenario that a candidate is tried in.
const TRIALS: u64 = 10;

/// Runs the handlers of jit-runners in a simulated world full of faults, and checks what they promise.
#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command")]
struct Arguments {
    /// How many seeds to run; 1,000 if it is missing, and as many as a scenario says.
    #[arg(long)]
    seeds: Option<u64>,
    /// The seed, or the first of several.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Run a scenario, not what the seed describes: a file, or the name of one of ours. Without a value, list ours.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "")]
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
    /// Write the JSON Schema of scenarios, and the page with their keys, into this checkout.
    #[arg(long, value_name = "FOLDER", exclusive = true)]
    write_schema: Option<PathBuf>,
    /// How to tell the results.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what people run")]
fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(folder) = &arguments.write_schema {
        return write_schema(folder);
    }
    if let Some(name) = &arguments.scenario {
        return run_scenario(name, &arguments);
    }
    let seeds = arguments.seeds.unwrap_or(SEEDS);
    if arguments.trace {
        let outcome = run(arguments.seed, Mode { with_story: true, ..Mode::default() })
            .context("the world cannot be made")?;
        print!("{}", one(&outcome, arguments.format));
        return Ok(ExitCode::from(u8::from(!outcome.violations.is_empty())));
    }
    if arguments.digest {
        for (seed, digest) in digests(arguments.seed, seeds).context("the world cannot be made")? {
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
        for name in SCENARIOS {
            let scenario = named(name)?;
            let figures = of_all(&|numbers| in_scenario(&scenario, numbers, TRIALS))?;
            println!("{}: {} {TRIALS} runs.\n\n{}", scenario.name, scenario.about, trials(&figures));
        }
        let figures = of_all(&|numbers| in_campaign(numbers, seeds))?;
        println!("{seeds} runs full of faults.\n\n{}", trials(&figures));
        return Ok(ExitCode::SUCCESS);
    }
    let total = seeds;
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

/// Runs a scenario, or tells one seed of it, or lists those of the folder.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what people run")]
fn run_scenario(name: &str, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if name.is_empty() {
        for Scenario { name, about, .. } in scenario::all()? {
            println!("{name:<32} {about}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let scenario = scenario::find(name)?;
    if arguments.trace {
        let (outcome, figures) = scenario::tell(&scenario, arguments.seed, true)?;
        print!("{}", one(&outcome, arguments.format));
        eprintln!("{}", summary(&outcome.statistics));
        let figures = figures.into_iter().map(|figure| (arguments.seed, figure)).collect();
        let result = scenario::Result { seeds: 1, figures, statistics: outcome.statistics };
        eprint!("{}", result.text(&scenario, |seed| command(&scenario, seed)));
        return Ok(ExitCode::from(u8::from(!result.holds())));
    }
    let began = Instant::now();
    let seeds = arguments.seeds.unwrap_or_else(|| scenario.seeds.into());
    let result = scenario::judge(&scenario, arguments.seed, seeds)?;
    match arguments.format {
        Format::Text => print!("{}", result.text(&scenario, |seed| command(&scenario, seed))),
        Format::Json => println!("{:#}", result.json(&scenario)),
    }
    eprintln!("{}\n{:.1} s", summary(&result.statistics), began.elapsed().as_secs_f64());
    Ok(ExitCode::from(u8::from(!result.holds())))
}

/// The command that tells the story of a seed.
fn command(scenario: &Scenario, seed: u64) -> String {
    let path = scenario.path.display();
    format!(
        "cargo run --release -p jit-runners-simulation --bin simulate -- --scenario {path} --trace --seed {seed}"
    )
}

/// Writes what is made from the decoder.
#[expect(clippy::disallowed_methods, reason = "people run this to write two files")]
fn write_schema(folder: &Path) -> anyhow::Result<ExitCode> {
    let schema = format!("{:#}\n", scenario::schema());
    for (file, text) in [(SCHEMA_FILE, schema), (REFERENCE_FILE, scenario::reference())] {
        let path = folder.join(file);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
