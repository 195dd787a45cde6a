//! Runs a scenario with our handlers, and compares what came out with what must hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::json;

use super::{
    FAULTS_GO_ON, Figure, Scenario,
    hold::{End, Ended, Observed, figures},
    story::{Entry, PushedRun},
    world::FaultsStop,
};
use crate::{
    Simulator,
    campaign::on_all_cores,
    operation::Service,
    policy::OurPolicy,
    promise::{Watch, is_quiet},
    run::{Outcome, Paths, advance, outcome},
    statistics::Statistics,
    world::{WorldError, WorldSettings},
};

/// How often a run looks whether it is over.
const LOOKS_EVERY: Duration = Duration::from_secs(30);

/// What came out of a scenario.
#[derive(Debug, Clone)]
pub struct Result {
    /// How many seeds were run.
    pub seeds: u64,
    /// The worst figures, each with the seed in which it came out.
    pub figures: Vec<(u64, Figure)>,
    /// Numbers of all seeds.
    pub statistics: Statistics,
}

impl Result {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.figures.iter().all(|(_, figure)| figure.holds())
    }

    /// What came out, line by line; `command` tells the story of a seed.
    pub fn text(&self, scenario: &Scenario, command: impl Fn(u64) -> String) -> String {
        let mut text = String::new();
        let says = if self.holds() { "holds" } else { "FAILS" };
        let _ = writeln!(text, "{} {says}, {} seeds: {}", scenario.name, self.seeds, scenario.about);
        for (seed, figure) in &self.figures {
            let Figure { what, at_most, found, details } = figure;
            let mark = if figure.holds() { "  " } else { "!!" };
            let _ = writeln!(text, "{mark} {what}: {found}; at most {at_most} (seed {seed})");
            if !figure.holds() {
                for detail in details {
                    let _ = writeln!(text, "     {detail}");
                }
            }
        }
        let failed: BTreeSet<_> =
            self.figures.iter().filter(|(_, figure)| !figure.holds()).map(|(seed, _)| *seed).collect();
        for seed in failed.into_iter().take(1) {
            let _ = writeln!(text, "   to see why: {}", command(seed));
        }
        text
    }
}

impl Result {
    /// The same for programs.
    pub fn json(&self, scenario: &Scenario) -> serde_json::Value {
        let figures = self.figures.iter().map(|(seed, figure)| {
            json!({
                "what": figure.what, "found": figure.found.to_string(), "at_most": figure.at_most.to_string(),
                "holds": figure.holds(), "seed": seed, "details": figure.details,
            })
        });
        json!({
            "scenario": scenario.name, "about": scenario.about, "sources": scenario.sources, "seeds": self.seeds,
            "holds": self.holds(), "figures": figures.collect::<Vec<_>>(),
        })
    }
}

/// Runs `seeds` seeds of a scenario from `first` on, on all cores.
pub fn judge(scenario: &Scenario, first: u64, seeds: u64) -> std::result::Result<Result, WorldError> {
    let next = AtomicU64::new(0);
    let worst: Mutex<BTreeMap<usize, (u64, Figure)>> = Mutex::default();
    let statistics = Mutex::new(Statistics::default());
    on_all_cores(|| {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= seeds {
                return Ok(());
            }
            let seed = first + number;
            let (outcome, figures) = run(scenario, seed, false)?;
            statistics.lock().unwrap_or_else(PoisonError::into_inner).add(&outcome.statistics);
            let mut worst = worst.lock().unwrap_or_else(PoisonError::into_inner);
            for (index, figure) in figures.into_iter().enumerate() {
                let place = worst.entry(index).or_insert_with(|| (seed, figure.clone()));
                // The first of several that are equally bad, whichever thread was faster.
                if figure.found > place.1.found || (figure.found == place.1.found && seed < place.0) {
                    *place = (seed, figure);
                }
            }
        }
    })?;
    let worst = worst.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut statistics = statistics.into_inner().unwrap_or_else(PoisonError::into_inner);
    statistics.sort();
    Ok(Result { seeds, figures: worst.into_values().collect(), statistics })
}

/// Runs one seed and tells its story.
pub fn tell(
    scenario: &Scenario,
    seed: u64,
    with_story: bool,
) -> std::result::Result<(Outcome, Vec<Figure>), WorldError> {
    run(scenario, seed, with_story)
}

fn run(
    scenario: &Scenario,
    seed: u64,
    with_story: bool,
) -> std::result::Result<(Outcome, Vec<Figure>), WorldError> {
    let mut compared = BTreeMap::new();
    for without in scenario.hold.comparisons() {
        let is_left_out = |entry: &&Entry| entry.name().is_some_and(|name| without.contains(name));
        let story: Vec<_> = scenario.story.iter().filter(|entry| !is_left_out(entry)).cloned().collect();
        let run = carry_out(scenario, seed, &story, false)?;
        let requests = run.simulator.world().calls.of_service(Service::Github);
        compared.insert(without, requests);
    }
    let Run { simulator, watch, mut paths, observed, pushed } =
        carry_out(scenario, seed, &scenario.story, with_story)?;
    let outcome = outcome(seed, &simulator, &watch, &mut paths, scenario.world(seed).began);
    let world = simulator.world();
    let figures = figures(&Ended {
        hold: &scenario.hold,
        observed: &observed,
        world: &world,
        pushed: &pushed,
        violations: &outcome.violations,
        compared: &compared,
    });
    drop(world);
    Ok((outcome, figures))
}

/// A run that is over.
struct Run {
    simulator: Simulator<OurPolicy>,
    watch: Watch,
    paths: Paths,
    observed: Observed,
    pushed: Vec<PushedRun>,
}

fn carry_out(
    scenario: &Scenario,
    seed: u64,
    story: &[Entry],
    with_story: bool,
) -> std::result::Result<Run, WorldError> {
    let settings = WorldSettings { with_story, ..scenario.world(seed) };
    let began = settings.began;
    let end = scenario.hold.end;
    let mut simulator = Simulator::new(settings, OurPolicy)?;
    let (pushed, last) = scenario.begin(&mut simulator.world_mut(), seed, story);
    let by_itself = last.max(scenario.setting.settled()) + FAULTS_GO_ON;
    let faults_stop = match scenario.setting.faults_stop {
        FaultsStop::ByThemselves => Some(by_itself),
        FaultsStop::At(time) => Some(time),
        FaultsStop::Never => None,
    };
    let faults_stop = faults_stop.filter(|stop| *stop < end.latest());
    let mut watch = Watch::new(&simulator.world());
    let mut paths = Paths::default();
    let mut observed = Observed::new(&scenario.hold, &simulator.world());
    if let Some(stop) = faults_stop {
        advance(&mut simulator, began + stop, &mut watch, &mut paths, |world| observed.after_step(world));
        simulator.world_mut().stop_faults();
        watch.faults_stopped(&simulator.world());
    }
    let until = began + end.latest();
    let mut next = simulator.world().now;
    while next < until {
        next = (next + LOOKS_EVERY).min(until);
        advance(&mut simulator, next, &mut watch, &mut paths, |world| observed.after_step(world));
        if matches!(end, End::Over(_)) && faults_stop.is_some() && is_quiet(&simulator.world()) {
            break;
        }
    }
    observed.after_step(&simulator.world());
    if faults_stop.is_some() {
        watch.at_end(&simulator.world());
    }
    let pushed = pushed.borrow().clone();
    Ok(Run { simulator, watch, paths, observed, pushed })
}
