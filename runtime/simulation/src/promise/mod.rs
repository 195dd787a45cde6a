//! The promises, checked after every step and at the end of a run.

mod end;
mod launches;
mod owners;
mod runners;
mod starts;
mod states;
mod waste;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::RangeInclusive,
    time::Duration,
};

use jit_runners_model::contract::{environment::Flag, message::JobRef, table::Key};
use jit_runners_runtime::{
    budget::BucketLevel,
    port::Observation,
    record::{Caps, InstanceId, IntentId, Item},
    time::{Time, duration},
};

use self::waste::Waste;
use crate::{ec2::Ec2Event, world::World};

/// The numbers of the promises.
pub const PROMISES: RangeInclusive<u8> = 1..=14;

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which: the number of the promise.
    pub promise: u8,
    /// When it was noticed.
    pub at: Time,
    /// What was found.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "promise {} broken: {}", self.promise, self.what)
    }
}

/// The most violations that are kept of one run. One is enough to look into it.
const KEPT: usize = 20;

/// Watches one run.
#[derive(Debug)]
pub struct Watch {
    violations: Vec<Violation>,
    faults_stop_at: Option<Time>,
    caps: Caps,
    /// How often a job may be launched for again.
    budget: u32,
    max_age: Duration,
    /// Machines that were seen.
    machines: usize,
    live_of_intent: BTreeMap<IntentId, u32>,
    launch_calls: u64,
    launch_bucket: BucketLevel,
    surveyed_at: Time,
    unowned_instances: BTreeMap<InstanceId, Time>,
    unowned_registrations: BTreeMap<u64, Time>,
    stranded: BTreeSet<JobRef>,
    queued_again: BTreeSet<JobRef>,
    /// The fleet or a quota of the account was full after faults had stopped. Then jobs wait for each other.
    was_full: bool,
    /// The identities of repositories that were at their own cap after faults had stopped.
    full_places: BTreeSet<String>,
    waste: Waste,
    /// Launches in vain for one job within an hour, at most.
    most_in_an_hour: usize,
    aged_at: Time,
    /// The deployment has ended.
    has_ended: bool,
    /// Since when launches are stopped, while the deployment is being removed.
    stopped_at: Option<Time>,
    /// Registrations of runners with a job, which GitHub did not remove when the deployment had ended.
    busy_at_end: BTreeSet<u64>,
}

impl Watch {
    /// Begins to watch.
    pub fn new(world: &World) -> Self {
        let settings = &world.environments().scaleup;
        Self {
            violations: Vec::new(),
            faults_stop_at: None,
            caps: Caps::new(settings.max_runners, settings.max_runners_per_repository, Flag(false)),
            budget: settings.max_re_enqueue_attempts.0.get(),
            max_age: duration(world.environments().scaledown.max_runner_age.0),
            machines: 0,
            live_of_intent: BTreeMap::new(),
            launch_calls: 0,
            launch_bucket: BucketLevel::default(),
            surveyed_at: world.now,
            unowned_instances: BTreeMap::new(),
            unowned_registrations: BTreeMap::new(),
            stranded: BTreeSet::new(),
            queued_again: BTreeSet::new(),
            was_full: false,
            full_places: BTreeSet::new(),
            waste: Waste::default(),
            most_in_an_hour: usize::try_from(settings.max_re_enqueue_attempts.0.get())
                .unwrap_or(usize::MAX)
                .saturating_add(1),
            aged_at: world.now,
            has_ended: false,
            stopped_at: None,
            busy_at_end: BTreeSet::new(),
        }
    }

    /// Faults stop now.
    pub fn faults_stopped(&mut self, world: &World) {
        self.faults_stop_at = Some(world.now);
        if let Some(stored) = world.table.peek(&Key::fleet()) {
            self.note_full(world, &stored.item);
        }
    }

    /// What was broken.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Jobs that used up their budget of launches.
    pub fn stranded(&self) -> usize {
        self.stranded.len()
    }

    /// Checks what the last step changed.
    pub fn after_step(&mut self, world: &World) {
        for change in &world.happened.changes {
            self.moves_forward(change, world.now);
            self.moved(world, change);
            if let Some(Item::Job(job)) = change.after.as_ref().map(|after| &after.item)
                && job.not_before.is_some()
                && (job.in_vain >= self.budget || world.github.last_refused(&job.job).is_none())
            {
                self.stranded.insert(job.job.clone());
            }
            if let Some(Item::Fleet(fleet)) = change.after.as_ref().map(|after| &after.item)
                && fleet.is_stopped()
            {
                self.stopped_at.get_or_insert(world.now);
            }
            if let (Some(_), Some(after)) = (self.faults_stop_at, &change.after) {
                self.note_full(world, &after.item);
            }
        }
        self.launches(world);
        self.launch_calls(world);
        self.waste(world);
        for event in &world.happened.ec2 {
            if let Ec2Event::Ended { instance, cause } = event {
                self.ended(world, instance, *cause);
            }
        }
        for (_, observation) in &world.happened.observations {
            match observation {
                Observation::QueuedAgain(job) => drop(self.queued_again.insert(job.clone())),
                Observation::NoCapacity { .. } => self.was_full |= self.faults_stop_at.is_some(),
                _ => {}
            }
        }
        self.end_of_deployment(world);
        // Afterwards, there are no functions that could do anything.
        let is_gone = world.stack.is_gone();
        if !is_gone && world.now.since(self.surveyed_at) >= Duration::from_mins(1) {
            self.surveyed_at = world.now;
            self.survey(world);
        }
        if !is_gone && world.now.since(self.aged_at) >= Duration::from_hours(1) {
            self.aged_at = world.now;
            self.ages(world);
        }
    }

    /// Checks what is left when everything should be over.
    pub fn at_end(&mut self, world: &World) {
        self.no_message_lost(world);
        if world.stack.removal_asked_at.is_some() {
            self.nothing_left_behind(world);
        } else {
            self.jobs_started(world);
            self.nothing_left(world);
        }
        if world.stack.wrong_answers > 0 {
            let wrong = world.stack.wrong_answers;
            self.broken(10, world.now, || format!("{wrong} answers to CloudFormation were wrong"));
        }
        let (ec2, now) = (world.ec2.statistics(), world.now);
        if ec2.second_sets > 0 || ec2.mismatches > 0 {
            self.broken(3, now, || {
                format!(
                    "client tokens made {} second sets and were refused {} times for other parameters",
                    ec2.second_sets, ec2.mismatches
                )
            });
        }
        for (what, calls) in [
            ("TerminateInstances", &ec2.terminate_instances),
            ("DescribeInstances", &ec2.describe_instances),
            ("DescribeImages", &ec2.describe_images),
        ] {
            if calls.over_bucket > 0 {
                self.broken(7, now, || {
                    format!("{} calls of {what} were over EC2's bucket", calls.over_bucket)
                });
            }
        }
        let github = world.github.calls();
        let hits = (github.primary_hits, github.registration_hits, github.secondary_hits);
        if hits != (0, 0, 0) {
            self.broken(7, now, || format!("calls were over GitHub's limits: {hits:?}"));
        }
        let mistakes = &world.table.statistics().violations;
        if let Some(first) = mistakes.first() {
            self.broken(9, now, || format!("a transaction that DynamoDB never takes: {first}"));
        }
    }

    fn broken(&mut self, promise: u8, at: Time, what: impl FnOnce() -> String) {
        if self.violations.len() < KEPT {
            self.violations.push(Violation { promise, at, what: what() });
        }
    }

    /// Notes whether the fleet, or a repository, has no free slot.
    fn note_full(&mut self, world: &World, item: &Item) {
        let Item::Fleet(fleet) = item else { return };
        if !fleet.is_full(self.caps) {
            return;
        }
        if fleet.taken() >= self.caps.total {
            self.was_full = true;
            return;
        }
        let full = world.github.repositories_of_ours().filter(|it| fleet.free(it, self.caps) == 0);
        self.full_places.extend(full.map(|it| it.identity().into_owned()));
    }
}

/// Whether everything that a run began is over.
pub fn is_quiet(world: &World) -> bool {
    if world.stack.removal_asked_at.is_some() {
        // By then, everything that was sent when the functions were removed has arrived.
        return world.stack.gone_at.is_some_and(|at| world.now.since(at) > Duration::from_mins(5));
    }
    world.github.open_jobs() == 0
        && world.ec2.live() == 0
        && world.scale_up.is_empty()
        && world.lifecycle.is_empty()
        && world.github.registrations().all(|it| world.github.is_kept_for_good(it.id))
        && !world.table.items().any(|stored| is_left(world, &stored.item))
}

/// Whether an item is open that nothing keeps open. GitHub keeps a record open where it refuses for ever what would close
/// it, and where the job is a stranger's that is not over.
fn is_left(world: &World, item: &Item) -> bool {
    let is_kept = match item {
        Item::Job(job) => {
            world.github.refuses_for_good_at(&job.job.repository)
                || world.github.is_open_strangers_job(&job.job)
        }
        Item::Runner(runner) => runner.instance_gone && world.github.refuses_for_good_at(&runner.repository),
        // What is left of a tried registration is a registration, which is looked for itself.
        Item::Repository(_) | Item::Place(_) => true,
        _ => false,
    };
    item.open().is_some() && !is_kept
}
