//! The page: what is compared, the numbers, and where we are not ahead.

use std::fmt::Write as _;

use super::{Cell, Comparison, Contender, Growth, MORE, Row, chart::grouped};
use crate::operation::{SERVICES, Service};

/// A number that is compared; less is better.
struct Measure {
    title: &'static str,
    of: fn(&Cell) -> f64,
    text: fn(f64) -> String,
    /// Why somebody else may be ahead.
    why: &'static str,
    /// Smaller differences do not count.
    least: f64,
}

/// The measures of worlds in which something lasts that people reported.
const OF_REPORTED: [Measure; 3] = [
    Measure {
        title: "Jobs that were not started",
        of: |cell| cell.stranded,
        text: |value| format!("{value:.0}"),
        why: "",
        least: 0.5,
    },
    Measure {
        title: "Instances launched",
        of: |cell| cell.instances,
        text: |value| format!("{value:.0}"),
        why: "",
        least: 0.5,
    },
    Measure {
        title: "Requests to GitHub",
        of: |cell| cell.requests,
        text: |value| format!("{value:.0}"),
        why: "",
        least: 0.5,
    },
];

const MEASURES: [Measure; 6] = [
    Measure {
        title: "Stranded jobs",
        of: |cell| cell.stranded,
        text: |value| format!("{value:.0}"),
        why: "",
        least: 0.5,
    },
    Measure {
        title: "Time to start, half of the jobs",
        of: |cell| cell.half,
        text: time,
        why: "A policy that launches for jobs which are cancelled, or for the same job twice, has runners up that nobody needs; the next \
              push finds them listening. We retire them.",
        least: 2.0,
    },
    Measure {
        title: "Time to start, 99 % of the jobs",
        of: |cell| cell.most,
        text: time,
        why: "Spare runners help the last jobs as well, and who does not look at what is there already decides sooner. A job whose \
              webhook was lost waits until the next minute's look at the lists; a policy that launches too much may have a runner for \
              it before.",
        least: 5.0,
    },
    Measure {
        title: "Instance-minutes without a job, per job",
        of: |cell| cell.wasted,
        text: |value| format!("{value:.2}"),
        why: "Who does not launch for a job that waits, or that is about to be cancelled, wastes nothing on it.",
        least: 0.02,
    },
    Measure {
        title: "Requests to GitHub, per job",
        of: |cell| cell.github,
        text: |value| format!("{value:.2}"),
        why: "Ours has a fixed price for each minute and each repository that was active lately: its lists are read to find what no \
              webhook told. With few jobs that is most of the requests.",
        least: 0.02,
    },
    Measure {
        title: "Calls of EC2, per job",
        of: |cell| cell.ec2,
        text: |value| format!("{value:.2}"),
        why: "We call `RunInstances`, whose client token makes a repeated call harmless, once for each pool that is tried; `CreateFleet` \
              tries all pools in one call.",
        least: 0.02,
    },
];

/// The comparison as Markdown.
pub fn page(comparison: &Comparison) -> String {
    let mut page = String::new();
    introduction(&mut page, comparison);
    for measure in &MEASURES {
        put(&mut page, format_args!("## {}\n", measure.title));
        table(&mut page, &comparison.rows, measure);
    }
    not_ahead(&mut page, comparison);
    matrix(&mut page, comparison);
    prompt(&mut page, comparison);
    reported(&mut page, comparison);
    growth(&mut page, &comparison.growth);
    scenarios(&mut page, comparison);
    policies(&mut page);
    page
}

fn introduction(page: &mut String, comparison: &Comparison) {
    put(
        page,
        format_args!(
            "<!-- Written by the binary `compare` of jit-runners-simulation. -->\n\n\
             # Comparison\n\n\
             The handlers of jit-runners and the policies that others use, in the same simulated worlds: the same GitHub, EC2, queues, \
             instances and demand. Each number is the median of {more} seeds, or of {seeds} where there are thousands of jobs.\n\n\
             ```sh\ncargo run --release -p jit-runners-simulation --bin compare\n\
             cargo run --release -p jit-runners-simulation --bin compare -- --check\n```\n\n\
             The first writes this page and its picture; the second says whether they are fresh, and exits with 4 if not.\n\n\
             ![Stranded jobs, time to start, waste and calls per job, by scenario and policy](comparison.svg)\n\n\
             Jobs are stranded when nobody started them within the hours that a scenario lasts. In the times to start they count as \
             endless. They also make a policy look cheap: who does not launch for a job neither wastes nor calls anything for it. \
             Bold is best.\n",
            seeds = comparison.seeds,
            more = comparison.seeds * MORE,
        ),
    );
}

fn table(page: &mut String, rows: &[Row], measure: &Measure) {
    heading(page);
    for row in rows {
        let best = row.cells.iter().map(measure.of).fold(f64::INFINITY, f64::min);
        let cells: Vec<_> = row
            .cells
            .iter()
            .map(measure.of)
            .map(|value| {
                let text = (measure.text)(value);
                let is_best = text == (measure.text)(best) && value.is_finite();
                if is_best { format!("**{text}**") } else { text }
            })
            .collect();
        put(page, format_args!("| {} | {} |", row.name, cells.join(" | ")));
    }
    put(page, format_args!(""));
}

/// What is told of a table's columns.
fn heading(page: &mut String) {
    let names: Vec<_> = Contender::ALL.iter().map(|contender| contender.name()).collect();
    put(page, format_args!("| | {} |", names.join(" | ")));
    put(page, format_args!("|---|{}", "---:|".repeat(names.len())));
}

/// Every number in which another policy is ahead by more than 5 %.
fn not_ahead(page: &mut String, comparison: &Comparison) {
    put(
        page,
        format_args!(
            "## Where we are not ahead\n\n\
             By more than a twentieth, and who is furthest ahead. Those that launch for each webhook are here also as they are \
             without their delay of 30 seconds, which has a table below.\n"
        ),
    );
    for measure in &MEASURES {
        let found: Vec<_> = comparison.rows.iter().filter_map(|row| behind(row, measure)).collect();
        if found.is_empty() {
            put(page, format_args!("**{}**: nowhere.\n", measure.title));
        } else {
            put(page, format_args!("**{}**: {}. {}\n", measure.title, found.join("; "), measure.why));
        }
    }
}

/// The policy that is furthest ahead of ours in this scenario, in words. Policies without stranded jobs come first.
fn behind(row: &Row, measure: &Measure) -> Option<String> {
    let mut cells = Contender::ALL.iter().chain(&Contender::PROMPT).zip(row.cells.iter().chain(&row.prompt));
    let ours = (measure.of)(cells.next()?.1);
    let (contender, cell) = cells
        .filter(|(_, cell)| {
            let theirs = (measure.of)(cell);
            theirs < ours * 0.95 && ours - theirs >= measure.least
        })
        .min_by(|(_, one), (_, other)| {
            let rank = |cell: &Cell| (cell.stranded > 0.0, (measure.of)(cell));
            let ((strands, value), (other_strands, other_value)) = (rank(one), rank(other));
            strands.cmp(&other_strands).then(value.total_cmp(&other_value))
        })?;
    let stranded = match cell.stranded {
        0.0 => String::new(),
        stranded => format!(", with {stranded:.0} stranded"),
    };
    let (mine, theirs) = ((measure.text)(ours), (measure.text)((measure.of)(cell)));
    let prompt = if matches!(contender, Contender::Prompt(_)) { " without the delay" } else { "" };
    Some(format!("`{}` {mine} ({}{prompt}: {theirs}{stranded})", row.name, contender.name()))
}

/// What people reported of GitHub and AWS.
fn reported(page: &mut String, comparison: &Comparison) {
    put(
        page,
        format_args!(
            "## What people reported\n\n\
             Worlds in which something lasts that operators reported in public: the median of {} seeds, over the hours or days that \
             a scenario lasts. Some of these jobs can never start, because GitHub refuses their runners. Nobody can be better there \
             than to launch little and to ask little for them, and to start all others.\n",
            comparison.seeds
        ),
    );
    for measure in &OF_REPORTED {
        put(page, format_args!("### {}\n", measure.title));
        table(page, &comparison.reported, measure);
    }
}

/// The burst of a matrix, beside what GitHub's limits allow.
fn matrix(page: &mut String, comparison: &Comparison) {
    let Some(row) = comparison.rows.iter().find(|row| row.name == "matrix") else { return };
    put(
        page,
        format_args!(
            "## The matrix of {jobs} jobs\n\n\
             Each runner is registered with a request of five points, and GitHub allows 900 points in a minute: {jobs} \
             registrations take 85 seconds at 180 a minute. A boot takes 20 to 45 seconds more.\n\n\
             | | last job started after | calls that launch |\n|---|---:|---:|",
            jobs = row.jobs,
        ),
    );
    for (contender, cell) in Contender::ALL.iter().zip(&row.cells) {
        put(page, format_args!("| {} | {} | {:.0} |", contender.name(), time(cell.last), cell.launches));
    }
    put(page, format_args!(""));
}

/// What the delay of webhooks costs, and what it gains.
fn prompt(page: &mut String, comparison: &Comparison) {
    put(
        page,
        format_args!(
            "## Without the delay of 30 seconds\n\n\
             The delay is the default of its source, which advises against it for runners that do one job, and does not ask \
             \"still queued?\" for them unless it is told to. Without the delay, little is left of our lead in the time to \
             start, and a question that is asked at once is rarely answered with no, unless a burst takes minutes to work off.\n\n\
             | | per webhook: stranded | half | 99 % | if still queued: stranded | half | 99 % |\n|---|---:|---:|---:|---:|---:|---:|"
        ),
    );
    for row in &comparison.rows {
        let cells = row
            .prompt
            .iter()
            .map(|cell| format!("{:.0} | {} | {}", cell.stranded, time(cell.half), time(cell.most)));
        put(page, format_args!("| {} | {} |", row.name, cells.collect::<Vec<_>>().join(" | ")));
    }
    put(page, format_args!(""));
}

fn growth(page: &mut String, growth: &[Growth]) {
    put(
        page,
        format_args!(
            "## Calls as jobs grow\n\n\
             What our handlers call on the way of one job does not depend on how many there are. Schedules call at a steady pace, \
             whatever happens: GitHub's lists of active repositories, the table, and EC2's list of instances.\n\n\
             | jobs | GitHub | EC2 | table | queues | schedules, per minute: GitHub | EC2 | table | queues |\n\
             |---:|---:|---:|---:|---:|---:|---:|---:|---:|"
        ),
    );
    let order = [Service::Github, Service::Compute, Service::Table, Service::Queue];
    for line in growth {
        let cells = |values: &[f64; SERVICES]| -> String {
            let value = |service: Service| {
                let place = Service::ALL.iter().position(|other| *other == service);
                place.and_then(|place| values.get(place)).copied().unwrap_or_default()
            };
            order.map(|service| format!("{:.2}", value(service))).join(" | ")
        };
        put(
            page,
            format_args!("| {} | {} | {} |", grouped(line.jobs), cells(&line.by_job), cells(&line.by_minute)),
        );
    }
    put(page, format_args!(""));
}

fn scenarios(page: &mut String, comparison: &Comparison) {
    put(
        page,
        format_args!(
            "## Scenarios\n\n\
             Jobs take two to eight minutes, boots 20 to 45 seconds; GitHub drops runners that listen for two to six minutes \
             without a job. At most 100 instances live at a time, 300 in `matrix` and 1,000 in `five-thousand`. \
             `cargo run --release -p jit-runners-simulation --bin simulate -- --scenario NAME` runs one.\n\n| | |\n|---|---|"
        ),
    );
    for (name, about) in &comparison.scenarios {
        let row = comparison.reported.iter().find(|row| row.name == *name);
        let sources = row.into_iter().flat_map(|row| &row.sources).enumerate();
        let sources: Vec<_> = sources.map(|(index, it)| format!(" [{}]({it})", index + 1)).collect();
        put(page, format_args!("| `{name}` | {about}{} |", sources.concat()));
    }
    put(page, format_args!(""));
}

fn policies(page: &mut String) {
    put(page, format_args!("## Policies\n\n| | decides | source | who follows it |\n|---|---|---|---|"));
    for contender in Contender::ALL {
        let links = |all: &[(&str, &str)]| -> String {
            all.iter().map(|(words, address)| format!("[{words}]({address})")).collect::<Vec<_>>().join(", ")
        };
        put(
            page,
            format_args!(
                "| {} | {} | {} | {} |",
                contender.name(),
                contender.decides(),
                links(contender.sources()),
                links(contender.systems()),
            ),
        );
    }
    put(
        page,
        format_args!(
            "\nThe runner scale sets of ARC hear of jobs over a connection of their own, which GitHub offers to no App \
             ([about ARC](https://docs.github.com/en/actions/concepts/runners/actions-runner-controller)). They are not here.\n\n\
             The others have what their sources have: clients of GitHub that wait at limits and repeat what failed, one \
             `CreateFleet` over all types and zones with a fall-back to on-demand, messages that go back to the queue when no runner \
             could be launched or registered, and a clean-up every five minutes that removes idle runners and instances without \
             one. Where a setting matters, it is the default, or what suits them better:\n\n\
             - Three batches of jobs at a time. The default is one, which is 50 runners a minute; more than three would exceed GitHub's \
               180 a minute.\n\
             - `delay_webhook_event` is its default of 30 seconds; what 0 changes is shown above.\n\
             - The fall-back to on-demand is on, although its default is off.\n\
             - Job retry is off by default, and has a column of its own here.\n\
             - The lists are counted by one worker for each repository, as in a controller of Kubernetes, and kept by etag.\n\n\
             The instances run our program for everybody: a runner that listens for three minutes without a job ends its instance. \
             Tags of instances and tokens of the installation, which the others need calls for, are free for them here. None of \
             them keeps a ledger.\n\n\
             Which job a runner gets is documented nowhere. Here it is the one that waits longest in four of five cases, and any \
             other in the fifth; runners that take jobs strictly in order strand about as many.\n\n\
             Not modelled: pools of idle runners that are kept for the next job, which any policy could add at the price of their \
             waste."
        ),
    );
}

/// Seconds, or minutes and seconds.
fn time(seconds: f64) -> String {
    if seconds.is_infinite() {
        return "never".to_owned();
    }
    if seconds < 600.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) }
}

fn put(page: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(page, "{line}");
}
