//! The scenarios.

use std::time::Duration;

use super::{Push, Scenario, push, spread};
use crate::{random::Random, world::WorldSettings};

/// Those that the comparison is made of.
pub(super) const COMPARED: &[Scenario] = &[
    Scenario {
        name: "one-job",
        shows: "One job in a quiet hour: what a start costs when nothing goes wrong.",
        lasts: HOUR,
        faults_stop: None,
        settings: |_| {},
        demand: |random| push(random, Duration::from_secs(30), 0, 1).into_iter().collect(),
    },
    Scenario {
        name: "fifty-jobs",
        shows: "50 jobs of one repository over ten minutes: runners take each other's jobs.",
        lasts: LONG,
        faults_stop: None,
        settings: |_| {},
        demand: |random| spread(random, 50, 2, 1, Duration::from_mins(10)),
    },
    MATRIX,
    Scenario {
        name: "cancelling-pushes",
        shows: "30 pushes of five jobs, 45 seconds apart, of which each cancels the one before.",
        lasts: LONG,
        faults_stop: None,
        settings: |_| {},
        demand: cancelling,
    },
    Scenario {
        name: "lost-webhooks",
        shows: "200 jobs of ten repositories in half an hour, while 5 % of all webhooks are lost.",
        lasts: LONG,
        faults_stop: None,
        settings: |settings| settings.github.webhook_lost = 0.05,
        demand: |random| spread(random, 200, 5, 10, Duration::from_mins(30)),
    },
    Scenario {
        name: "spot-drought",
        shows: "60 jobs of three repositories in half an hour, 20 minutes of which no zone has a spot instance.",
        lasts: LONG,
        faults_stop: None,
        settings: |settings| {
            let minutes = |minutes| settings.began + Duration::from_mins(minutes);
            settings.ec2.spot_drought = Some((minutes(5), minutes(25)));
        },
        demand: |random| spread(random, 60, 4, 3, Duration::from_mins(30)),
    },
    Scenario {
        name: "github-outage",
        shows: "60 jobs of three repositories in half an hour; for ten minutes GitHub's API answers nothing but errors, and \
                its webhooks come when that is over, a fifth of them never.",
        lasts: LONG,
        faults_stop: None,
        settings: |settings| {
            let minutes = |minutes| settings.began + Duration::from_mins(minutes);
            settings.github.outages = vec![(minutes(5), minutes(15))];
            settings.github.outage_loses_webhooks = 0.2;
        },
        demand: |random| spread(random, 60, 4, 3, Duration::from_mins(30)),
    },
    Scenario {
        name: "five-thousand",
        shows: "5,000 jobs in an hour over 300 repositories of one installation.",
        lasts: LONG,
        faults_stop: None,
        settings: |settings| {
            cap(settings, 1_000);
            many_repositories(settings);
        },
        demand: |random| spread(random, 5_000, 8, 300, HOUR),
    },
];

/// A burst.
pub(super) const MATRIX: Scenario = Scenario {
    name: "matrix",
    shows: "One push with a matrix of 256 jobs: how a burst meets the limits of EC2 and GitHub.",
    lasts: LONG,
    faults_stop: None,
    settings: |settings| cap(settings, 300),
    demand: |random| push(random, Duration::from_secs(30), 0, 256).into_iter().collect(),
};

/// Scenarios that show how the number of calls grows with the number of jobs.
pub(super) const GROWING: &[Scenario] = &[
    Scenario {
        name: "jobs-1",
        shows: "One job.",
        lasts: HOUR,
        faults_stop: None,
        settings: |_| {},
        demand: |random| push(random, Duration::from_secs(30), 0, 1).into_iter().collect(),
    },
    Scenario {
        name: "jobs-100",
        shows: "100 jobs of ten repositories in ten minutes.",
        lasts: LONG,
        faults_stop: None,
        settings: |_| {},
        demand: |random| spread(random, 100, 8, 10, Duration::from_mins(10)),
    },
    Scenario {
        name: "jobs-10000",
        shows: "10,000 jobs of 300 repositories in two hours.",
        lasts: LONGEST,
        faults_stop: None,
        settings: |settings| {
            cap(settings, 1_000);
            many_repositories(settings);
        },
        demand: |random| spread(random, 10_000, 8, 300, Duration::from_hours(2)),
    },
];

/// Scenarios in which the settings of the queues are tried, besides [`MATRIX`].
pub(super) const QUEUES: &[Scenario] = &[
    Scenario {
        name: "busy-account",
        shows: "One push with a matrix of 256 jobs, while other functions leave one invocation at a time to ours, for half an hour.",
        lasts: LONG,
        faults_stop: Some(Duration::from_mins(30)),
        settings: |settings| {
            cap(settings, 300);
            settings.lambda.concurrency = 1;
        },
        demand: |random| push(random, Duration::from_secs(30), 0, 256).into_iter().collect(),
    },
    Scenario {
        name: "crashing-launches",
        shows: "60 jobs of three repositories in half an hour, of whose launches one in five dies at its beginning and more in the \
                middle.",
        lasts: LONG,
        faults_stop: None,
        settings: |settings| {
            settings.faults.functions.stillborn = 0.2;
            settings.faults.table.crash_after_applying = 0.02;
            settings.faults.compute.crash_after_applying = 0.1;
            settings.faults.github.crash_before_applying = 0.1;
        },
        demand: |random| spread(random, 60, 4, 3, Duration::from_mins(30)),
    },
    Scenario {
        name: "no-permission",
        shows: "20 jobs in ten minutes; EC2 refuses every launch for an hour.",
        lasts: LONG,
        faults_stop: Some(HOUR),
        settings: |settings| settings.ec2.fatal = 1.0,
        demand: |random| spread(random, 20, 2, 3, Duration::from_mins(10)),
    },
];

const HOUR: Duration = Duration::from_hours(1);
const LONG: Duration = Duration::from_hours(3);
const LONGEST: Duration = Duration::from_hours(5);

/// 30 pushes of five jobs, of which each cancels the one before.
fn cancelling(random: &mut Random) -> Vec<Push> {
    let pushes = (0..30_usize).filter_map(|number| {
        let at = Duration::from_secs(30) + Duration::from_secs(45) * u32::try_from(number).ok()?;
        Some(Push { cancels: number.checked_sub(1), ..push(random, at, 0, 5)? })
    });
    pushes.collect()
}

/// Sets both caps on instances.
fn cap(settings: &mut WorldSettings, most: u32) {
    for name in ["MAX_RUNNERS", "MAX_RUNNERS_PER_REPOSITORY"] {
        settings.variables.insert(name.to_owned(), most.to_string());
    }
}

/// 5,000 requests an hour, and 50 more for each repository above 20, up to 12,500
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>).
const fn many_repositories(settings: &mut WorldSettings) {
    settings.github.primary_limit = 12_500;
}
