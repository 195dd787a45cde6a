//! What a seed determines: which faults there are, how strong they are, and what people do.
//!
//! Most faults are switched off in most runs: a run with a few strong faults finds what one with a little of everything
//! hides ("Swarm testing", <https://users.cs.utah.edu/~regehr/papers/swarm12.pdf>).

use std::{cell::RefCell, collections::BTreeSet, rc::Rc, time::Duration};

use jit_runners_model::{
    InstanceType, Label,
    choices::Throttling,
    contract::{message::Repository, runner_release::RunnerRelease},
};
use jit_runners_runtime::{port::Download, time::Time, webhook::Request};

use crate::{
    ec2::{Absent, Ec2Settings, Scarcity},
    fault::{CallFaults, Faults, FunctionFaults, MachineFaults},
    github::{GithubSettings, NewJob, RunId, downloads_of},
    queue::QueueSettings,
    random::Random,
    stack::{Deploying, Tool},
    table::TableSettings,
    world::{World, WorldSettings},
};

/// A run that a seed describes.
pub struct Swarm {
    /// The world.
    pub settings: WorldSettings,
    /// When faults stop.
    pub faults_stop_at: Time,
    /// When the run ends at the latest.
    pub until: Time,
    acts: Vec<(Time, Act)>,
}

/// What people do.
enum Act {
    /// Push: a run of these jobs.
    Push(Repository, Vec<NewJob>),
    /// Cancel the run that was pushed as number n.
    Cancel(usize),
    /// Run it again.
    Rerun(usize),
    /// Somebody without the secret posts a webhook.
    Forge,
    /// Somebody changes the deployment, or removes it.
    Deploy(Deploying),
}

/// The time around a job: an instance boots before it, and ends after it.
const AROUND_A_JOB: Duration = Duration::from_mins(3);
/// The time from the end of faults until everything must be over. A job that has used up its budget, and an instance
/// that does not end itself, take longest.
const LIVENESS: Duration = Duration::from_hours(2);
/// The id of the job in forged webhooks: GitHub gives small ones here.
pub const FORGED_JOB: u64 = 666_666_666;

impl Act {
    /// The longest that it keeps one runner busy.
    fn work(&self) -> Duration {
        match self {
            // It may be run again.
            Self::Push(_, jobs) => jobs.iter().map(|job| 2 * (job.duration + AROUND_A_JOB)).sum(),
            Self::Cancel(_) | Self::Rerun(_) | Self::Forge | Self::Deploy(_) => Duration::ZERO,
        }
    }
}

impl Swarm {
    /// The run of `seed`.
    pub fn new(seed: u64, with_story: bool) -> Self {
        let mut random = Random::new(seed).fork("swarm");
        let mut settings = WorldSettings::quiet(seed);
        settings.with_story = with_story;
        settings.began = settings.began + random.between(Duration::ZERO, Duration::from_hours(1));
        let began = settings.began;
        let busy = Duration::from_mins(2 + random.below(20));
        let faults_stop_at = began + busy + random.between(Duration::from_mins(1), Duration::from_mins(15));
        settings.faults = faults(&mut random);
        settings.github = github(&mut random, began, faults_stop_at);
        settings.ec2 = ec2(&mut random);
        settings.table = table(&mut random);
        settings.scale_up = queue(&mut random, &QueueSettings::scale_up());
        settings.lifecycle = queue(&mut random, &QueueSettings::lifecycle());
        variables(&mut random, &mut settings);
        let mut acts = acts(&mut random, began, busy);
        acts.extend(deploying(&mut Random::new(seed).fork("deploying"), &mut settings, faults_stop_at));
        neighbours(&mut random, &mut settings);
        let cap = settings.variables.get("MAX_RUNNERS_PER_REPOSITORY").and_then(|cap| cap.parse().ok());
        let on_demand = settings.ec2.on_demand_quota.unwrap_or(u32::MAX);
        let spot = if settings.ec2.spot_forbidden { 0 } else { settings.ec2.spot_quota.unwrap_or(u32::MAX) };
        let quota = on_demand.max(spot);
        let at_once = cap.unwrap_or(100).min(quota).max(1);
        let until =
            faults_stop_at + LIVENESS + acts.iter().map(|(_, act)| act.work()).sum::<Duration>() / at_once;
        Self { settings, faults_stop_at, until, acts }
    }

    /// Has people do what they do.
    pub fn schedule(acts: Self, world: &mut World) {
        let runs: Rc<RefCell<Vec<RunId>>> = Rc::default();
        for (time, act) in acts.acts {
            let runs = Rc::clone(&runs);
            world.at(time, move |world| {
                let now = world.now;
                match act {
                    Act::Push(repository, jobs) => {
                        let run = world.github.push(now, &repository, jobs);
                        runs.borrow_mut().push(run);
                    }
                    Act::Cancel(number) => {
                        if let Some(run) = runs.borrow().get(number) {
                            world.github.cancel(now, *run);
                        }
                    }
                    Act::Rerun(number) => {
                        if let Some(run) = runs.borrow().get(number) {
                            world.github.rerun(now, *run);
                        }
                    }
                    Act::Forge => world.post(forged()),
                    Act::Deploy(what) => world.deploy(what),
                }
            });
        }
    }
}

/// A probability up to `most`, and often 0. Small ones are as likely as large ones.
fn some(random: &mut Random, most: f64) -> f64 {
    if random.chance(0.6) {
        return 0.0;
    }
    let exponents = [1.0, 0.5, 0.2, 0.1, 0.05, 0.02];
    most * random.pick(&exponents).copied().unwrap_or(1.0)
}

fn faults(random: &mut Random) -> Faults {
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

fn github(random: &mut Random, began: Time, faults_stop_at: Time) -> GithubSettings {
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

fn ec2(random: &mut Random) -> Ec2Settings {
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

fn table(random: &mut Random) -> TableSettings {
    TableSettings {
        slow_index: some(random, 0.3),
        throttle: some(random, 0.2),
        conflict: some(random, 0.2),
        ..TableSettings::default()
    }
}

fn queue(random: &mut Random, usual: &QueueSettings) -> QueueSettings {
    QueueSettings {
        straggler: some(random, 0.3),
        duplicate: some(random, 0.5),
        resurrection: some(random, 0.3),
        lost_receive: some(random, 0.3),
        ..usual.clone()
    }
}

fn variables(random: &mut Random, settings: &mut WorldSettings) {
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
fn neighbours(random: &mut Random, settings: &mut WorldSettings) {
    if random.chance(0.2) {
        settings.lambda.concurrency = *random.pick(&[1, 2, 3, 5, 10]).unwrap_or(&1);
    }
    if random.chance(0.15) {
        let burst = 1 + u32::try_from(random.below(4)).unwrap_or(1);
        settings.throttling = Throttling { rate: 1, burst };
    }
}

fn acts(random: &mut Random, began: Time, busy: Duration) -> Vec<(Time, Act)> {
    let names = ["octo/one", "octo/two", "octo/three", "other/four"];
    let count = 1 + random.index(names.len());
    let repositories: Vec<_> =
        names.iter().take(count).filter_map(|name| Repository::new(*name).ok()).collect();
    let pushes = *random.pick(&[1, 1, 2, 3, 5, 8]).unwrap_or(&1);
    let most = *random.pick(&[1, 1, 2, 4, 12]).unwrap_or(&1);
    let together = random.chance(0.3);
    let mut acts = Vec::new();
    for number in 0..pushes {
        let at = if together {
            began + Duration::from_secs(1)
        } else {
            began + random.between(Duration::ZERO, busy)
        };
        let Some(repository) = random.pick(&repositories).cloned() else { continue };
        let jobs = (0..=random.below(most)).map(|_| job(random)).collect();
        acts.push((at, Act::Push(repository, jobs)));
        if random.chance(0.25) {
            acts.push((at + random.between(Duration::ZERO, Duration::from_mins(4)), Act::Cancel(number)));
        }
        if random.chance(0.2) {
            acts.push((
                at + random.between(Duration::from_mins(1), Duration::from_mins(12)),
                Act::Rerun(number),
            ));
        }
    }
    if random.chance(0.1) {
        acts.push((began + random.between(Duration::ZERO, busy), Act::Forge));
    }
    acts
}

/// Changes and removals of the deployment, in some runs. They are drawn from a separate generator, so that the other
/// runs stay as they are.
fn deploying(random: &mut Random, settings: &mut WorldSettings, faults_stop_at: Time) -> Vec<(Time, Act)> {
    settings.tool = random.pick(&[Tool::CloudFormation, Tool::Terraform]).copied().unwrap_or_default();
    let began = settings.began;
    let mut acts = Vec::new();
    for (what, share) in [(Deploying::Create, 0.1), (Deploying::Update, 0.15), (Deploying::RollBack, 0.15)] {
        if random.chance(share) {
            acts.push((
                began + random.between(Duration::ZERO, faults_stop_at.since(began)),
                Act::Deploy(what),
            ));
        }
    }
    if random.chance(0.15) {
        let from = if random.chance(0.4) { faults_stop_at } else { began };
        let at = from + random.between(Duration::ZERO, Duration::from_mins(15));
        acts.push((at, Act::Deploy(Deploying::Remove)));
    }
    if !acts.is_empty() && settings.faults != Faults::default() {
        settings.faults.account = CallFaults {
            request_lost: some(random, 0.3),
            answer_lost: some(random, 0.3),
            late: some(random, 0.2),
            slow: some(random, 0.3),
            crash_before_sending: some(random, 0.1),
            crash_before_applying: some(random, 0.1),
            crash_after_applying: some(random, 0.1),
            partial: 0.0,
        };
    }
    acts
}

fn job(random: &mut Random) -> NewJob {
    let more: &[&str] = match random.below(6) {
        0..3 => &[],
        3 => &["small"],
        4 => &["large"],
        _ => &["small", "large"],
    };
    let labels: BTreeSet<_> =
        std::iter::once(&"self-hosted").chain(more).filter_map(|label| Label::new(*label).ok()).collect();
    let held = Duration::from_secs(random.below(300));
    NewJob {
        labels,
        duration: random.between(Duration::from_secs(5), Duration::from_mins(6)),
        held_for: random.chance(0.05).then_some(held),
    }
}

/// A webhook of somebody who does not know the secret.
fn forged() -> Request {
    let body = format!(
        r#"{{"action":"queued","repository":{{"full_name":"octo/one"}},"workflow_job":{{"id":{FORGED_JOB},"run_attempt":1,"labels":["self-hosted"],"created_at":"2026-01-01T00:00:00Z"}}}}"#
    );
    let signature = format!("sha256={}", "0".repeat(64));
    let headers = [("x-github-event", "workflow_job"), ("x-hub-signature-256", &signature)];
    Request::new(headers.map(|(name, value)| (name.to_owned(), value.to_owned())), body.into_bytes())
}
