//! Our handlers and the policies that others use, in the same worlds.

mod chart;
mod contender;
mod page;

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use jit_runners_model::contract::Handler;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use self::{chart::chart, contender::Contender, page::page};
use super::{
    operation::{Operation, SERVICES, Service},
    policy::OurPolicy,
    scenario::{Scenario, ScenarioError, named},
    statistics::Statistics,
    tuning,
    world::{World, WorldError},
};

/// The results of all contenders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// What [`digest_of_first_seeds`] was.
    pub first_seeds: String,
    /// Seeds of each scenario with thousands of jobs; others have [`MORE`] times as many.
    pub seeds: u64,
    /// By scenario.
    pub rows: Vec<Row>,
    /// By scenario that was reported ([`REPORTED`]).
    pub reported: Vec<Row>,
    /// How the number of calls grows with the number of jobs, for our handlers.
    pub growth: Vec<Growth>,
    /// Every scenario that the page speaks of, with what it shows.
    pub scenarios: Vec<(String, String)>,
}

/// The scenarios that the comparison is made of.
pub const COMPARED: [&str; 8] = [
    "one-job",
    "fifty-jobs",
    "matrix",
    "cancelling-pushes",
    "lost-webhooks",
    "spot-drought",
    "github-outage",
    "five-thousand",
];
/// Scenarios of the folder `reported`, for all policies. Those are missing in which the policies do not differ here, because
/// all share our reading of webhooks: events of other installations, and of strangers.
pub const REPORTED: [&str; 13] = [
    "registration-refused-for-ever",
    "refused-jobs-beside-a-healthy-one",
    "label-refused",
    "label-with-blanks",
    "label-with-blanks-refused",
    "names-stay-taken",
    "job-not-found-for-ten-minutes",
    "approval-after-six-hours",
    "one-run-that-fails-to-list",
    "runs-without-jobs",
    "runs-behind-a-cap",
    "renamed-while-jobs-wait",
    "busy-runners-can-be-removed",
];
/// Scenarios that show how the number of calls grows with the number of jobs.
pub const GROWING: [&str; 3] = ["jobs-1", "jobs-100", "jobs-10000"];

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// There is no such scenario.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// There is no such world.
    #[error(transparent)]
    World(#[from] WorldError),
}

/// One scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Where it was reported.
    pub sources: Vec<String>,
    /// Its jobs.
    pub jobs: u64,
    /// By contender, as in [`Contender::ALL`].
    pub cells: Vec<Cell>,
    /// By contender, as in [`Contender::PROMPT`].
    pub prompt: Vec<Cell>,
}

/// The results of one contender in one scenario: the median of its seeds, for each number. Infinite if it never
/// happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Jobs that nobody started and nobody cancelled.
    pub stranded: f64,
    /// Seconds until half of the jobs were started. Stranded jobs count as infinite, and jobs cancelled before their
    /// start do not count.
    #[serde(with = "endless")]
    pub half: f64,
    /// Seconds until 99 of 100 were started.
    #[serde(with = "endless")]
    pub most: f64,
    /// Seconds until the last one was started.
    #[serde(with = "endless")]
    pub last: f64,
    /// Instance-minutes without a job, for each job.
    pub wasted: f64,
    /// Requests to GitHub, for each job.
    pub github: f64,
    /// Calls of EC2, for each job.
    pub ec2: f64,
    /// Calls that launch instances.
    pub launches: f64,
    /// Instances that were launched.
    pub instances: f64,
    /// Requests to GitHub, for all jobs.
    pub requests: f64,
}

/// Calls of our handlers at one number of jobs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// The jobs.
    pub jobs: u64,
    /// Calls for one job, by the webhook function, scale-up and lifecycle; in the order of [`Service::ALL`].
    pub by_job: [f64; SERVICES],
    /// Calls of the two schedules in one minute; in the order of [`Service::ALL`].
    pub by_minute: [f64; SERVICES],
}

/// A scenario with few jobs is run with this many times the seeds: chance has more influence there, and a run costs
/// less.
pub const MORE: u64 = 5;
/// A scenario has few jobs if it has fewer than this.
const FEW: usize = 1_000;

/// The functions that work on jobs.
const ON_THE_WAY: [Handler; 3] = [Handler::Webhook, Handler::ScaleUp, Handler::Lifecycle];
/// The functions that schedules start.
const SCHEDULED: [Handler; 2] = [Handler::ScaleDown, Handler::Rebalancer];

impl Comparison {
    /// Runs every contender in every scenario, with seeds from 1 on. `progress` is called after each run: with how
    /// many are done, and how many there are.
    pub fn run(seeds: u64, progress: impl Fn(usize, usize) + Sync) -> Result<Self, ComparisonError> {
        let worlds = Worlds::read()?;
        let tasks: Vec<_> = worlds
            .tasks()
            .flat_map(|(scenario, contender)| {
                // Those that were reported last for hours or days.
                let is_short = scenario.jobs() < FEW && !REPORTED.contains(&scenario.name.as_str());
                let seeds = if is_short { seeds * MORE } else { seeds };
                (1..=seeds).map(move |seed| (scenario, contender, seed))
            })
            .collect();
        let measured = measure_all(&tasks, progress)?;
        let firsts = tasks.iter().zip(&measured).filter(|((.., seed), _)| *seed == 1);
        let of = |scenario: &Scenario, contender: Contender| -> Vec<&Measured> {
            let runs = tasks.iter().zip(&measured);
            runs.filter(|((other, who, _), _)| other.name == scenario.name && *who == contender)
                .map(|(_, measured)| measured)
                .collect()
        };
        let row = |scenario: &Scenario| Row {
            name: scenario.name.clone(),
            sources: scenario.sources.clone(),
            jobs: of(scenario, Contender::Ours).first().map_or(0, |measured| measured.jobs),
            cells: Contender::ALL.map(|contender| Cell::median(&of(scenario, contender))).to_vec(),
            prompt: Contender::PROMPT.map(|contender| Cell::median(&of(scenario, contender))).to_vec(),
        };
        let Worlds { compared, reported, growing } = &worlds;
        Ok(Self {
            first_seeds: digest(firsts.map(|(_, measured)| measured)),
            seeds,
            rows: compared.iter().map(row).collect(),
            reported: reported.iter().map(row).collect(),
            growth: growing.iter().map(|scenario| Growth::median(&of(scenario, Contender::Ours))).collect(),
            scenarios: compared
                .iter()
                .chain(reported)
                .chain(growing)
                .chain(&read(&tuning::SCENARIOS[1..])?)
                .map(|scenario| (scenario.name.clone(), scenario.about.clone()))
                .collect(),
        })
    }
}

/// A digest of what everybody does in every scenario with the first seed. It changes when our handlers, the policies or the worlds
/// behave in another way, and takes a tenth of the time of a whole comparison.
pub fn digest_of_first_seeds(progress: impl Fn(usize, usize) + Sync) -> Result<String, ComparisonError> {
    let worlds = Worlds::read()?;
    let tasks: Vec<_> = worlds.tasks().map(|(scenario, contender)| (scenario, contender, 1)).collect();
    Ok(digest(&measure_all(&tasks, progress)?))
}

fn digest<'a>(measured: impl IntoIterator<Item = &'a Measured>) -> String {
    let all: Vec<_> = measured.into_iter().collect();
    let bytes: Vec<_> = Sha256::digest(format!("{all:?}")).iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.concat()
}

/// The scenarios in which policies are compared.
struct Worlds {
    compared: Vec<Scenario>,
    reported: Vec<Scenario>,
    growing: Vec<Scenario>,
}

impl Worlds {
    fn read() -> Result<Self, ScenarioError> {
        Ok(Self { compared: read(&COMPARED)?, reported: read(&REPORTED)?, growing: read(&GROWING)? })
    }

    /// Who is looked at in which scenario.
    fn tasks(&self) -> impl Iterator<Item = (&Scenario, Contender)> {
        let everybody = self.compared.iter().flat_map(|scenario| {
            let all = Contender::ALL.into_iter().chain(Contender::PROMPT);
            all.map(move |contender| (scenario, contender))
        });
        let reported = self.reported.iter();
        let reported = reported.flat_map(|scenario| Contender::ALL.map(|contender| (scenario, contender)));
        everybody.chain(reported).chain(self.growing.iter().map(|scenario| (scenario, Contender::Ours)))
    }
}

fn read(names: &[&str]) -> Result<Vec<Scenario>, ScenarioError> {
    names.iter().copied().map(named).collect()
}

/// Times of which some are infinite, which JSON does not have: they are `null`.
mod endless {
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde demands this form")]
    pub(super) fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() { to.serialize_f64(*value) } else { to.serialize_none() }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(from)?.unwrap_or(f64::INFINITY))
    }
}

/// One run, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Measured {
    jobs: u64,
    cell: Cell,
    growth: Growth,
}

/// Runs all tasks on all cores; results are in the order of the tasks.
fn measure_all(
    tasks: &[(&Scenario, Contender, u64)],
    progress: impl Fn(usize, usize) + Sync,
) -> Result<Vec<Measured>, WorldError> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = Mutex::new(tasks.iter().map(|_| Ok(Measured::default())).collect::<Vec<_>>());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((scenario, contender, seed)) = tasks.get(index) else { return };
                    let measured = measure(scenario, *contender, *seed);
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(place) = results.get_mut(index) {
                        *place = measured;
                    }
                    drop(results);
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1, tasks.len());
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect()
}

fn measure(scenario: &Scenario, contender: Contender, seed: u64) -> Result<Measured, WorldError> {
    let mut settings = scenario.world(seed);
    let rival = match contender {
        Contender::Ours => {
            let (statistics, simulator) = scenario.run(settings, OurPolicy)?;
            return Ok(Measured::new(&statistics, &simulator.world()));
        }
        Contender::Rival(rival) => {
            rival.set_up(&mut settings);
            rival
        }
        Contender::Prompt(rival) => {
            rival.set_up_with(&mut settings, Duration::ZERO);
            rival
        }
    };
    let (statistics, simulator) = scenario.run(settings, rival.policy())?;
    Ok(Measured::new(&statistics, &simulator.world()))
}

impl Measured {
    /// A run whose waits are in order.
    fn new(statistics: &Statistics, world: &World) -> Self {
        let jobs = number(statistics.jobs);
        let each = |count: u64| number(count) / jobs.max(1.0);
        let wait = |percent: u64| {
            let all = statistics.started + statistics.stranded;
            let place = (all * percent).div_ceil(100).saturating_sub(1);
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            statistics.waits.get(place).map_or(f64::INFINITY, |millis| number(*millis) / 1_000.0)
        };
        let launches = [Operation::RunInstances, Operation::CreateFleet];
        let by = |handlers: &[Handler], service: Service| -> u64 {
            let operations = Operation::ALL.iter().filter(|operation| operation.service() == service);
            operations
                .map(|operation| {
                    handlers.iter().map(|handler| world.calls.by(*handler, *operation)).sum::<u64>()
                })
                .sum()
        };
        let minutes = statistics.simulated.as_secs_f64() / 60.0;
        Self {
            jobs: statistics.jobs,
            cell: Cell {
                stranded: number(statistics.stranded),
                half: wait(50),
                most: wait(99),
                last: wait(100),
                wasted: minutes_of(statistics.wasted()) / jobs.max(1.0),
                github: each(statistics.github_calls),
                ec2: each(statistics.ec2_calls),
                launches: number(launches.iter().map(|operation| world.calls.of(*operation).made).sum()),
                instances: number(statistics.launched),
                requests: number(statistics.github_calls),
            },
            growth: Growth {
                jobs: statistics.jobs,
                by_job: Service::ALL.map(|service| each(by(&ON_THE_WAY, service))),
                by_minute: Service::ALL.map(|service| number(by(&SCHEDULED, service)) / minutes.max(1.0)),
            },
        }
    }
}

impl Cell {
    fn median(runs: &[&Measured]) -> Self {
        let of = |number: fn(&Self) -> f64| median(runs.iter().map(|run| number(&run.cell)).collect());
        Self {
            stranded: of(|cell| cell.stranded),
            half: of(|cell| cell.half),
            most: of(|cell| cell.most),
            last: of(|cell| cell.last),
            wasted: of(|cell| cell.wasted),
            github: of(|cell| cell.github),
            ec2: of(|cell| cell.ec2),
            launches: of(|cell| cell.launches),
            instances: of(|cell| cell.instances),
            requests: of(|cell| cell.requests),
        }
    }
}

impl Growth {
    fn median(runs: &[&Measured]) -> Self {
        let of = |numbers: fn(&Self) -> &[f64; SERVICES]| {
            let mut index = 0;
            [0.0; SERVICES].map(|_: f64| {
                let values = runs.iter().filter_map(|run| numbers(&run.growth).get(index).copied()).collect();
                index += 1;
                median(values)
            })
        };
        Self {
            jobs: runs.first().map_or(0, |run| run.jobs),
            by_job: of(|growth| &growth.by_job),
            by_minute: of(|growth| &growth.by_minute),
        }
    }
}

/// The middle one; of two, the greater.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Counts here are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below what a float holds exactly")]
const fn number(count: u64) -> f64 {
    count as f64
}

fn minutes_of(duration: Duration) -> f64 {
    duration.as_secs_f64() / 60.0
}

#[cfg(test)]
mod tests {
    use super::{chart::Scale, *};

    fn cell(stranded: f64, half: f64) -> Cell {
        Cell {
            stranded,
            half,
            most: half * 2.0,
            last: half * 3.0,
            wasted: 0.5,
            github: 2.0,
            ec2: 1.0,
            launches: 3.0,
            instances: 4.0,
            requests: 5.0,
        }
    }

    fn comparison(cells: &[Cell; 5]) -> Comparison {
        let row = Row {
            name: "matrix".to_owned(),
            sources: vec!["https://example.com/1".to_owned()],
            jobs: 256,
            cells: cells.to_vec(),
            prompt: cells[1..3].to_vec(),
        };
        Comparison {
            first_seeds: String::new(),
            seeds: 3,
            rows: vec![row.clone()],
            reported: vec![row],
            growth: vec![Growth { jobs: 10_000, ..Growth::default() }],
            scenarios: Vec::new(),
        }
    }

    #[test]
    fn the_page_says_where_somebody_else_is_ahead() {
        let page = |theirs| {
            page(&comparison(&[cell(0.0, 50.0), theirs, cell(0.0, 50.0), cell(0.0, 50.0), cell(0.0, 50.0)]))
        };
        let ahead = page(cell(7.0, 40.0));
        assert!(
            ahead
                .contains("half of the jobs**: `matrix` 50 s (per webhook: 40 s, with 7 stranded). A policy"),
            "{ahead}"
        );
        assert!(ahead.contains("**Stranded jobs**: nowhere."));
        let level = page(cell(0.0, 49.0));
        assert!(level.contains("half of the jobs**: nowhere."), "{level}");
    }

    #[test]
    fn a_job_that_never_starts_is_told_as_that_and_is_no_best() {
        let never = cell(9.0, f64::INFINITY);
        let comparison = comparison(&[cell(0.0, 50.0), never, never, never, never]);
        let page = page(&comparison);
        assert!(page.contains("| matrix | **50 s** | never | never | never | never |"), "{page}");
        let chart = chart(&comparison);
        assert!(!chart.contains("inf") && !chart.contains("NaN"), "{chart}");
    }

    #[test]
    fn the_numbers_are_the_same_when_they_are_read_again() {
        let never = cell(9.0, f64::INFINITY);
        let comparison = comparison(&[cell(0.1, 50.3), never, never, never, never]);
        let read: Comparison = serde_json::from_str(&serde_json::to_string(&comparison).unwrap()).unwrap();
        assert_eq!(read, comparison);
    }

    #[test]
    fn the_middle_one_is_taken_and_endless_is_the_greatest() {
        assert!((median(vec![3.0, f64::INFINITY, 1.0]) - 3.0).abs() < 1e-9);
        assert!(median(vec![3.0, f64::INFINITY, f64::INFINITY]).is_infinite());
    }

    #[test]
    fn scales_hold_all_values() {
        for values in [vec![0.0, 18.2], vec![0.0], vec![0.7, 1.4], vec![0.3, 28.0]] {
            for scale in [Scale::linear(&values), Scale::logarithmic(&values), Scale::times(&values)] {
                let places: Vec<_> = values.iter().map(|value| scale.position(*value)).collect();
                assert!(places.iter().all(|place| (0.0..=1.0).contains(place)), "{values:?} {scale:?}");
                assert!((2..=11).contains(&scale.ticks.len()), "{values:?} {scale:?}");
            }
        }
        let linear = Scale::linear(&[0.0, 18.2]);
        assert_eq!(linear.ticks.last().map(|(_, label)| label.as_str()), Some("20"));
        let decades = Scale::logarithmic(&[0.3, 28.0]);
        let labels: Vec<_> = decades.ticks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["0.3", "1", "3", "10", "30"]);
        assert!((decades.position(3.0) - 0.5).abs() < 0.01);
        assert!(Scale::times(&[40.0, f64::INFINITY]).position(f64::INFINITY) >= 1.0);
    }

    #[test]
    fn two_runs_of_the_same_tasks_measure_the_same() {
        let scenario = named("fifty-jobs").unwrap();
        let tasks: Vec<_> = Contender::ALL.iter().map(|contender| (&scenario, *contender, 3)).collect();
        let measured = measure_all(&tasks, |_, _| {}).unwrap();
        assert_eq!(measured, measure_all(&tasks, |_, _| {}).unwrap());
        assert!(measured.iter().all(|measured| measured.jobs == 50));
        assert!(measured[0].cell.stranded < 0.5);
    }
}
