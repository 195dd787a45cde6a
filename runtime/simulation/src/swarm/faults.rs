//! Faults of the network, of GitHub and of AWS.

use std::time::Duration;

use jit_runners_model::{InstanceType, choices::Throttling, contract::runner_release::RunnerRelease};
use jit_runners_runtime::{port::Download, time::Time};

use crate::{
    ec2::{Absent, Ec2Settings, Scarcity},
    fault::{CallFaults, Faults, FunctionFaults, MachineFaults},
    github::{GithubSettings, downloads_of},
    queue::QueueSettings,
    random::Random,
    table::TableSettings,
    world::WorldSettings,
};

/// A probability up to `most`, and often 0. Small ones are as likely as large ones.
pub(super) fn some(random: &mut Random, most: f64) -> f64 {
    if random.chance(0.6) {
        return 0.0;
    }
    let exponents = [1.0, 0.5, 0.2, 0.1, 0.05, 0.02];
    most * random.pick(&exponents).copied().unwrap_or(1.0)
}

pub(super) fn faults(random: &mut Random) -> Faults {
    if random.chance(0.15) {
        return Faults::default();
    }
    let mut calls = |scale: f64| CallFaults {
        request_lost: some(random, 0.2 * scale),
        answer_lost: some(random, 0.2 * scale),
        late: some(random, 0.1 * scale),
        slow: some(random, 0.2 * scale),
        crash_before_sending: some(random, 0.05 * scale),
        crash_before_applying: some(random, 0.05 * scale),
        crash_after_applying: some(random, 0.1 * scale),
        partial: some(random, 0.3 * scale),
    };
    let (table, compute, github, queue) = (calls(0.5), calls(1.5), calls(1.5), calls(1.0));
    Faults {
        table,
        compute,
        github,
        queue,
        account: CallFaults::default(),
        functions: FunctionFaults {
            stillborn: some(random, 0.2),
            slow_start: some(random, 0.5),
            tick_missed: some(random, 0.5),
            tick_doubled: some(random, 0.5),
            tick_jitter: random.between(Duration::ZERO, Duration::from_secs(30)),
            deletion_lost: some(random, 0.3),
        },
        machines: MachineFaults {
            silent: some(random, 0.3),
            unreadable: some(random, 0.3),
            configuration_lost: some(random, 0.2),
            runner_crash: some(random, 0.3),
            never_ends: some(random, 0.3),
        },
    }
}

pub(super) fn github(random: &mut Random, began: Time, faults_stop_at: Time) -> GithubSettings {
    let mut outages = Vec::new();
    if random.chance(0.15) {
        let from = began + random.between(Duration::ZERO, faults_stop_at.since(began));
        let until =
            (from + random.between(Duration::from_mins(1), Duration::from_mins(12))).min(faults_stop_at);
        outages.push((from, until));
    }
    let idle_drop = random.chance(0.7).then_some((Duration::from_mins(2), Duration::from_mins(6)));
    let downloads = releases(random, began, faults_stop_at);
    GithubSettings {
        oldest_first: random.pick(&[1.0, 0.8, 0.3, 0.0]).copied().unwrap_or(1.0),
        webhook_lost: some(random, 0.5),
        webhook_doubled: some(random, 0.5),
        webhook_late: some(random, 0.5),
        idle_drop,
        ghost: some(random, 0.3),
        requeued_though_started: some(random, 0.5),
        left_behind: some(random, 1.0),
        server_error: some(random, 0.3),
        refuse_limited: some(random, 0.1),
        refuse_with_wait: some(random, 0.1),
        outages,
        outage_loses_webhooks: random.pick(&[0.0, 0.5, 1.0]).copied().unwrap_or(0.0),
        stale_reads: some(random, 0.5),
        downloads,
        ..GithubSettings::default()
    }
}

/// The releases that GitHub offers: first the shipped one, and later another one, which is sometimes unusable.
fn releases(random: &mut Random, began: Time, faults_stop_at: Time) -> Vec<(Time, Vec<Download>)> {
    let shipped: Vec<_> = RunnerRelease::shipped().map(|release| downloads_of(&release)).collect();
    let mut downloads = vec![(Time::default(), random.pick(&shipped).cloned().unwrap_or_default())];
    if random.chance(0.5) {
        let mut other = random.pick(&shipped).cloned().unwrap_or_default();
        if random.chance(0.3) {
            for download in &mut other {
                download.checksum = None;
            }
        }
        downloads.push((began + random.between(Duration::ZERO, faults_stop_at.since(began)), other));
    }
    downloads
}

pub(super) fn ec2(random: &mut Random) -> Ec2Settings {
    let seconds = |from, to| (Duration::from_secs(from), Duration::from_secs(to));
    let scarcity = random.chance(0.25).then(|| Scarcity {
        period: seconds(60, 900),
        drought: random.pick(&[0.9, 0.5, 0.2]).copied().unwrap_or(0.5),
        limited: random.pick(&[0.0, 0.3, 1.0]).copied().unwrap_or(0.0),
        limit: 1 + u32::try_from(random.below(4)).unwrap_or(1),
    });
    Ec2Settings {
        absent: absent(random),
        spot_forbidden: random.chance(0.05),
        questions_forbidden: random.chance(0.05),
        scarcity,
        spot_quota: random.chance(0.1).then(|| u32::try_from(random.below(6)).unwrap_or(1)),
        // The jobs must run in the end.
        on_demand_quota: random.chance(0.1).then(|| 1 + u32::try_from(random.below(6)).unwrap_or(1)),
        slow_boot: some(random, 0.5),
        boot_failure: some(random, 0.5),
        hanging: random.pick(&[0.0, 0.5, 1.0]).copied().unwrap_or(0.5),
        key_forbidden: some(random, 0.3),
        interruptions: some(random, 20.0),
        warned: random.pick(&[1.0, 0.5, 0.0]).copied().unwrap_or(1.0),
        event_lost: some(random, 0.7),
        event_delay: if random.chance(0.2) {
            seconds(1, 240)
        } else {
            (Duration::from_millis(500), Duration::from_secs(3))
        },
        describe_late: if random.chance(0.4) { seconds(0, 60) } else { seconds(0, 0) },
        internal_error: some(random, 0.3),
        internal_error_done: some(random, 1.0),
        throttle: some(random, 0.3),
        fatal: some(random, 0.1),
        ..Ec2Settings::default()
    }
}

/// Missing instance types. Each label set keeps at least one pool, because its jobs must run in the end.
fn absent(random: &mut Random) -> Vec<Absent> {
    let zones = ["t3.small", "t3.medium"].map(|it| [(it, Some("subnet-0b")), (it, Some("subnet-0c"))]);
    let all = zones.into_iter().flatten().chain([("c5a.xlarge", None)]);
    if random.chance(0.7) {
        return Vec::new();
    }
    all.filter(|_| random.chance(0.5))
        .filter_map(|(instance_type, subnet)| {
            let instance_type = InstanceType::new(instance_type).ok()?;
            Some(Absent { instance_type, subnet: subnet.map(str::to_owned) })
        })
        .collect()
}

pub(super) fn table(random: &mut Random) -> TableSettings {
    TableSettings {
        slow_index: some(random, 0.3),
        throttle: some(random, 0.2),
        conflict: some(random, 0.2),
        ..TableSettings::default()
    }
}

pub(super) fn queue(random: &mut Random, usual: &QueueSettings) -> QueueSettings {
    QueueSettings {
        straggler: some(random, 0.3),
        duplicate: some(random, 0.5),
        resurrection: some(random, 0.3),
        lost_receive: some(random, 0.3),
        ..usual.clone()
    }
}

pub(super) fn variables(random: &mut Random, settings: &mut WorldSettings) {
    let mut set = |name: &str, value: String| drop(settings.variables.insert(name.to_owned(), value));
    if random.chance(0.3) {
        let total = 1 + random.below(6);
        set("MAX_RUNNERS", total.to_string());
        let own = if random.chance(0.5) { total } else { 1 + random.below(total) };
        set("MAX_RUNNERS_PER_REPOSITORY", own.to_string());
    }
    if random.chance(0.2) {
        set("RUNNER_SCOPE", "organization".to_owned());
    }
    if random.chance(0.2) {
        set("MAX_RUNNER_AGE_MINUTES", (15 + random.below(20)).to_string());
    }
    if random.chance(0.3) {
        set("MAX_RE_ENQUEUE_ATTEMPTS", (1 + random.below(4)).to_string());
    }
    if random.chance(0.5) {
        set("SUBNET_IDS", "subnet-0a".to_owned());
    }
}

/// Other functions of the account use up Lambda's concurrency, and other requests the API's rate.
pub(super) fn neighbours(random: &mut Random, settings: &mut WorldSettings) {
    if random.chance(0.2) {
        settings.lambda.concurrency = *random.pick(&[1, 2, 3, 5, 10]).unwrap_or(&1);
    }
    if random.chance(0.15) {
        let burst = 1 + u32::try_from(random.below(4)).unwrap_or(1);
        settings.throttling = Throttling { rate: 1, burst };
    }
}
