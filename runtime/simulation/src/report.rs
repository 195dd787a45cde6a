//! Results of runs, for people and for programs.

use std::{fmt::Write as _, time::Duration};

use clap::ValueEnum;
use serde_json::json;

use crate::{
    campaign::Campaign,
    exhaustive,
    run::Outcome,
    statistics::Statistics,
    tuning::{Figures, Numbers},
};

/// How results are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// One run, with its story.
pub fn one(outcome: &Outcome, format: Format) -> String {
    let violations: Vec<_> = outcome.violations.iter().map(ToString::to_string).collect();
    match format {
        Format::Json => {
            let value = json!({
                "seed": outcome.seed,
                "violations": violations,
                "fingerprint": format!("{:016x}", outcome.fingerprint),
                "paths": outcome.paths,
                "story": outcome.story.lines().collect::<Vec<_>>(),
            });
            format!("{value:#}\n")
        }
        Format::Text => {
            let mut text = outcome.story.clone();
            for violation in violations {
                let _ = writeln!(text, "{violation}");
            }
            text
        }
    }
}

/// Many runs, which took `took`.
pub fn campaign(all: &Campaign, took: Duration, format: Format) -> String {
    match format {
        Format::Json => format!("{:#}\n", as_json(all, took)),
        Format::Text => as_text(all, took),
    }
}

fn as_json(all: &Campaign, took: Duration) -> serde_json::Value {
    let statistics = &all.statistics;
    json!({
        "seeds": all.seeds,
        "failed": all.failed,
        "failures": all.failures.iter().map(|failure| json!({
            "seed": failure.seed, "what": failure.what, "replay": replay(failure.seed),
        })).collect::<Vec<_>>(),
        "never_happened": all.missing(),
        "seconds": took.as_secs_f64(),
        "seeds_per_second": rate(all.seeds, took),
        "simulated_hours": hours(all.simulated()),
        "steps": all.steps,
        "time_to_start_seconds": {
            "p50": statistics.wait(50).map(|wait| wait.as_secs_f64()),
            "p99": statistics.wait(99).map(|wait| wait.as_secs_f64()),
        },
        "jobs": statistics.jobs,
        "started": statistics.started,
        "cancelled": statistics.cancelled,
        "stranded": statistics.stranded,
        "instance_minutes": minutes(statistics.instance_time),
        "wasted_instance_minutes": minutes(statistics.wasted()),
        "calls_per_job": {
            "github": per(statistics.github_calls, statistics.jobs),
            "ec2": per(statistics.ec2_calls, statistics.jobs),
            "dynamodb": per(statistics.table_calls, statistics.jobs),
        },
        "calls_per_job_on_its_path": {
            "github": per(statistics.on_path.github, statistics.jobs),
            "ec2": per(statistics.on_path.ec2, statistics.jobs),
            "dynamodb": per(statistics.on_path.table, statistics.jobs),
        },
        "peaks": statistics.peaks,
        "paths": all.paths.iter().map(|(path, (count, runs))| {
            (*path, json!({ "count": count, "runs": runs }))
        }).collect::<std::collections::BTreeMap<_, _>>(),
    })
}

fn as_text(all: &Campaign, took: Duration) -> String {
    let mut text = String::new();
    let statistics = &all.statistics;
    let lines = [
        format!(
            "{} seeds, {} failed; {:.1} s, {:.0} seeds/s; {:.0} simulated hours, {:.1} a second; {} steps",
            all.seeds,
            all.failed,
            took.as_secs_f64(),
            rate(all.seeds, took),
            hours(all.simulated()),
            hours(all.simulated()) / took.as_secs_f64().max(f64::EPSILON),
            all.steps,
        ),
        summary(statistics),
    ];
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "\nwhat happened (times, in how many runs):");
    for (path, (count, runs)) in &all.paths {
        let _ = writeln!(text, "  {path:<40} {count:>12} {runs:>10}");
    }
    let missing = all.missing();
    if !missing.is_empty() {
        let _ = writeln!(text, "\nnever happened: {}", missing.join(", "));
    }
    for failure in &all.failures {
        let _ = writeln!(text, "\nseed {}: {}", failure.seed, replay(failure.seed));
        for what in &failure.what {
            let _ = writeln!(text, "  {what}");
        }
    }
    text
}

/// Small scenarios with every fault.
pub fn exhaustive(results: &[exhaustive::Result], format: Format) -> String {
    match format {
        Format::Json => {
            let value: Vec<_> = results
                .iter()
                .map(|result| {
                    json!({
                        "scenario": result.scenario.name(),
                        "calls": result.calls,
                        "messages": result.messages,
                        "runs": result.runs,
                        "failures": result.failures.iter().map(|(plan, violation)| json!({
                            "faults": format!("{plan:?}"), "what": violation.to_string(),
                        })).collect::<Vec<_>>(),
                    })
                })
                .collect();
            format!("{:#}\n", json!(value))
        }
        Format::Text => {
            let mut text = String::new();
            for result in results {
                let _ = writeln!(
                    text,
                    "{:<28} {:>3} calls, {:>2} messages, {:>6} runs, {} failures",
                    result.scenario.name(),
                    result.calls,
                    result.messages,
                    result.runs,
                    result.failures.len()
                );
                for (plan, violation) in result.failures.iter().take(5) {
                    let _ = writeln!(text, "  {plan:?}: {violation}");
                }
            }
            text
        }
    }
}

/// Jobs, waits, waste and calls, on a few lines.
pub fn summary(statistics: &Statistics) -> String {
    let seconds = |wait: Option<Duration>| {
        wait.map_or_else(|| "-".to_owned(), |wait| format!("{:.1} s", wait.as_secs_f64()))
    };
    format!(
        "jobs: {} queued, {} started, {} cancelled before, {} stranded\n\
         time to start: p50 {}, p99 {}, longest {}\n\
         instances: {} launched, {:.0} minutes, {:.0} of them without a job\n\
         calls per job: GitHub {:.2}, EC2 {:.2}, DynamoDB {:.2}\n\
         of these without the schedules: GitHub {:.2}, EC2 {:.2}, DynamoDB {:.2}\n\
         transactions per job: {:.2}, {:.2} of them in conflict\n\
         peaks: GitHub {} a minute (one endpoint), RunInstances {} a second, DynamoDB {} a second (one kind)",
        statistics.jobs,
        statistics.started,
        statistics.cancelled,
        statistics.stranded,
        seconds(statistics.wait(50)),
        seconds(statistics.wait(99)),
        seconds(statistics.wait(100)),
        statistics.launched,
        minutes(statistics.instance_time),
        minutes(statistics.wasted()),
        per(statistics.github_calls, statistics.jobs),
        per(statistics.ec2_calls, statistics.jobs),
        per(statistics.table_calls, statistics.jobs),
        per(statistics.on_path.github, statistics.jobs),
        per(statistics.on_path.ec2, statistics.jobs),
        per(statistics.on_path.table, statistics.jobs),
        per(statistics.transactions, statistics.jobs),
        per(statistics.conflicts, statistics.jobs),
        statistics.peaks.github_per_minute,
        statistics.peaks.run_instances_per_second,
        statistics.peaks.table_per_second,
    )
}

/// The results of candidates for the settings of the queues in one kind of world, as a Markdown table.
pub fn trials(figures: &[(Numbers, Figures)]) -> String {
    let seconds = |wait: Option<Duration>| wait.map_or_else(|| "-".to_owned(), |it| it.as_secs().to_string());
    let mut text = "| function, time limit, hidden for, receives | runs that broke a promise | batches given up | dead letters \
                    | most messages | `RunInstances` | wait p50, s | p95 | longest |\n\
                    |---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for (numbers, figures) in figures {
        let Figures { statistics, dead_letters, given_up, most_messages, failed } = figures;
        let [median, most, longest] = [50, 95, 100].map(|percent| seconds(statistics.wait(percent)));
        let _ = writeln!(
            text,
            "| {numbers} | {failed} | {given_up} | {dead_letters} | {most_messages} | {} | {median} | {most} | {longest} |",
            statistics.run_instances,
        );
    }
    text
}

/// The command that runs a seed again and tells what happens.
fn replay(seed: u64) -> String {
    format!("cargo run --release -p jit-runners-simulation --bin simulate -- --seed {seed} --trace")
}

fn hours(duration: Duration) -> f64 {
    duration.as_secs_f64() / 3_600.0
}

fn minutes(duration: Duration) -> f64 {
    duration.as_secs_f64() / 60.0
}

#[expect(clippy::cast_precision_loss, reason = "for people, and far below 2^52")]
fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(f64::EPSILON)
}

#[expect(clippy::cast_precision_loss, reason = "for people, and far below 2^52")]
fn per(count: u64, of: u64) -> f64 {
    count as f64 / (of.max(1)) as f64
}
