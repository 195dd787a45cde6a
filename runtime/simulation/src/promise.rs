//! The promises, checked after every step and at the end of a run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use jit_runners_model::contract::{
    message::{JobMessage, JobRef},
    table::Key,
};
use jit_runners_runtime::{
    budget::{Bucket, BucketLevel},
    gap::TRUST,
    port::{GithubJobStatus, Observation},
    record::{Caps, Fleet, InstanceId, IntentId, Item, RunnerName},
    time::{Time, duration},
};

use crate::{
    ec2::{Ec2Event, EndCause},
    operation::Operation,
    table::Change,
    world::World,
};

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which: the number of the promise, from 1 to 10.
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

/// The longest time from the end of faults, or from when a job is queued, until the job starts. In the worst case,
/// its runner counts as supply and never comes (or takes another job); then a tick finds the gap, an instance boots,
/// and its runner gets the job.
const STARTS_WITHIN: Duration = Duration::from_mins(9);
/// The longest wait of a job that has used up its budget of launches. Then it is tried again.
const STRANDED_WITHIN: Duration = Duration::from_mins(30);
/// The longest time until it is noticed that GitHub queued a job again that a runner had taken. Scale-down sees that
/// the instance is gone, and asks about the job in the run after the next.
const NOTICED_WITHIN: Duration = Duration::from_mins(16);
/// Things without an owner are gone within two ticks of scale-down, counted from when they can be told from things
/// that are being made.
const OWNED_WITHIN: Duration = Duration::from_mins(17);
/// A call that was made before launches were stopped may be carried out this much later.
const STOPPED_WITHIN: Duration = Duration::from_secs(45);
/// What EC2 allows (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>).
const RUN_INSTANCES: Bucket = Bucket { capacity: 5, refill: Duration::from_millis(500) };
/// The most violations that are kept of one run. One is enough to look into it.
const KEPT: usize = 20;

/// Watches one run.
#[derive(Debug)]
pub struct Watch {
    violations: Vec<Violation>,
    faults_stop_at: Option<Time>,
    caps: Caps,
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
            caps: Caps::new(settings.max_runners, settings.max_runners_per_repository),
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
            has_ended: false,
            stopped_at: None,
            busy_at_end: BTreeSet::new(),
        }
    }

    /// Faults stop now.
    pub fn faults_stopped(&mut self, world: &World) {
        self.faults_stop_at = Some(world.now);
        self.was_full = world.table.peek(&Key::fleet()).is_some_and(|stored| self.is_full(&stored.item));
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
            if let Some(Item::Job(job)) = change.after.as_ref().map(|after| &after.item)
                && job.not_before.is_some()
            {
                self.stranded.insert(job.job.clone());
            }
            if let Some(Item::Fleet(fleet)) = change.after.as_ref().map(|after| &after.item)
                && fleet.is_stopped()
            {
                self.stopped_at.get_or_insert(world.now);
            }
            if self.faults_stop_at.is_some()
                && change.after.as_ref().is_some_and(|after| self.is_full(&after.item))
            {
                self.was_full = true;
            }
        }
        self.launches(world);
        self.launch_calls(world);
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

    fn is_full(&self, item: &Item) -> bool {
        matches!(item, Item::Fleet(fleet) if fleet.is_full(self.caps))
    }

    /// Promise 8: states only move forward.
    fn moves_forward(&mut self, change: &Change, now: Time) {
        let (Some(before), after) = (&change.before, &change.after) else { return };
        let Some(after) = after else {
            if !matches!(before.item, Item::Configuration(_)) {
                self.broken(8, now, || format!("{} was deleted", before.item.key()));
            }
            return;
        };
        let forward = match (&before.item, &after.item) {
            (Item::Job(before), Item::Job(after)) => {
                (before.queued_again, before.state) <= (after.queued_again, after.state)
                    && before.launches <= after.launches
            }
            (Item::Runner(before), Item::Runner(after)) => {
                before.state() <= after.state()
                    && before.attempt <= after.attempt
                    && (!before.given_up || after.given_up)
                    && (!before.instance_gone || after.instance_gone)
                    && (!before.registration_gone || after.registration_gone)
                    && (before.job.is_none() || before.job == after.job)
                    && (before.ended_because.is_none() || before.ended_because == after.ended_because)
            }
            (Item::Intent(before), Item::Intent(after)) => {
                before.state <= after.state && before.launched.len() <= after.launched.len()
            }
            _ => true,
        };
        if !forward {
            self.broken(8, now, || {
                format!("{} went back: {:?} -> {:?}", before.item.key(), before.item, after.item)
            });
        }
    }

    /// Promises 3 and 7: there are no more instances than a launch has slots, and no more than the caps allow.
    fn launches(&mut self, world: &World) {
        let machines = world.ec2.machines();
        if machines.len() == self.machines {
            return;
        }
        let new = machines.get(self.machines..).unwrap_or_default();
        self.machines = machines.len();
        for machine in new {
            *self.live_of_intent.entry(machine.intent.clone()).or_default() += 1;
        }
        if self.has_ended || self.stopped_at.is_some_and(|at| world.now.since(at) > STOPPED_WITHIN) {
            self.broken(6, world.now, || "an instance was launched although launches are stopped".to_owned());
        }
        for machine in new {
            let live = self.live_of_intent.get(&machine.intent).copied().unwrap_or(0);
            let slots = world.table.peek(&Key::intent(machine.intent.as_str())).and_then(|stored| {
                match &stored.item {
                    Item::Intent(intent) => {
                        Some(intent.unfilled + u32::try_from(intent.launched.len()).unwrap_or(u32::MAX))
                    }
                    _ => None,
                }
            });
            if slots.is_none_or(|slots| live > slots) {
                self.broken(3, world.now, || {
                    format!("launch {} has {live} live instances and {slots:?} slots", machine.intent)
                });
            }
            let own = world.ec2.live_of(&machine.repository);
            if world.ec2.live() > self.caps.total || own > self.caps.per_repository {
                let (all, caps) = (world.ec2.live(), self.caps);
                self.broken(7, world.now, || {
                    format!("{all} instances, {own} of one repository; the caps are {caps:?}")
                });
            }
        }
    }

    /// Promise 7: calls of `RunInstances` are made within EC2's bucket. Delays of the network do not count.
    fn launch_calls(&mut self, world: &World) {
        let made = world.calls.of(Operation::RunInstances).made;
        while self.launch_calls < made {
            self.launch_calls += 1;
            if RUN_INSTANCES.reserve(&mut self.launch_bucket, 1, world.now) > world.now {
                self.broken(7, world.now, || "RunInstances was called beyond EC2's bucket".to_owned());
            }
        }
    }

    /// Promise 4: no busy runner is terminated.
    fn ended(&mut self, world: &World, instance: &InstanceId, cause: EndCause) {
        if let Some(machine) = world.ec2.machine(instance)
            && let Some(live) = self.live_of_intent.get_mut(&machine.intent)
        {
            *live = live.saturating_sub(1);
        }
        // Removing the deployment ends every instance, busy or not.
        if cause != EndCause::Terminated || world.stack.removal_asked_at.is_some() {
            return;
        }
        let deployment = &world.environments().scaleup.deployment;
        let busy = world.github.registrations().find(|registration| {
            registration.job.is_some()
                && RunnerName::parse(registration.name, deployment)
                    .is_some_and(|name| name.instance == *instance)
        });
        let Some(busy) = busy else { return };
        let under_way = busy
            .job
            .and_then(|job| world.github.look_at(job))
            .is_some_and(|job| job.status == GithubJobStatus::InProgress);
        let age = world
            .ec2
            .machine(instance)
            .map_or(Duration::ZERO, |machine| world.now.since(machine.launched_at));
        if under_way && age <= self.max_age {
            let name = busy.name.to_owned();
            self.broken(4, world.now, || format!("{instance} was terminated while {name} had a job"));
        }
    }

    /// Promise 5: everything has an owner, or is gone soon.
    fn survey(&mut self, world: &World) {
        let now = world.now;
        let Some(faults_stop_at) = self.faults_stop_at else { return };
        let mut instances = BTreeMap::new();
        for machine in world.ec2.machines().iter().filter(|machine| machine.ended.is_none()) {
            let of_runner = world
                .table
                .peek(&Key::runner(machine.id.as_str()))
                .is_some_and(|it| it.item.open().is_some());
            let of_intent = world
                .table
                .peek(&Key::intent(machine.intent.as_str()))
                .is_some_and(|it| it.item.open().is_some());
            if !of_runner && !of_intent {
                let since = self.unowned_instances.get(&machine.id).copied().unwrap_or(now);
                instances.insert(machine.id.clone(), since.max(faults_stop_at));
            }
        }
        let deployment = &world.environments().scaleup.deployment;
        let mut registrations = BTreeMap::new();
        for registration in world.github.registrations() {
            let owner = RunnerName::parse(registration.name, deployment)
                .and_then(|name| world.table.peek(&Key::runner(name.instance.as_str())));
            if owner.is_none_or(|owner| owner.item.open().is_none()) && !registration.busy {
                let since = self.unowned_registrations.get(&registration.id).copied().unwrap_or(now);
                registrations.insert(registration.id, since.max(faults_stop_at));
            }
        }
        let late = |since: &Time| now.since(*since) > OWNED_WITHIN;
        if let Some((instance, _)) = instances.iter().find(|(_, since)| late(since)) {
            self.broken(5, now, || format!("{instance} lives and nobody owns it"));
        }
        if let Some((id, _)) = registrations.iter().find(|(_, since)| late(since)) {
            self.broken(5, now, || format!("runner {id} is registered and nobody owns it"));
        }
        self.unowned_instances = instances;
        self.unowned_registrations = registrations;
    }

    /// Promise 1: every job starts.
    fn jobs_started(&mut self, world: &World) {
        let faults_stop_at = self.faults_stop_at.unwrap_or(world.now);
        for job in world.github.all_jobs() {
            let Some(queued_at) = job.queued_at else { continue };
            if job.cancelled {
                continue;
            }
            let from = queued_at.max(faults_stop_at);
            let waited = job.started_at.or(job.completed_at).unwrap_or(world.now).since(from);
            let stranded = self.stranded.contains(job.job);
            let more = |is: bool, more: Duration| if is { more } else { Duration::ZERO };
            let most = STARTS_WITHIN
                + more(stranded, STRANDED_WITHIN + TRUST)
                + more(self.queued_again.contains(job.job), NOTICED_WITHIN);
            let never = job.status == GithubJobStatus::Queued;
            if waited > most && (never || !self.was_full) {
                let (name, id) = (job.job.repository.as_str(), job.job.job_id);
                let ending = if never { "and has not started" } else { "before it started" };
                let note = if stranded { ", though its budget was used up" } else { "" };
                self.broken(1, world.now, || {
                    format!("job {id} of {name} waited {} s {ending}{note}", waited.as_secs())
                });
            }
        }
    }

    /// Promise 2: what was handed to scale-up is in the ledger, in the queue, or in the dead-letter queue.
    fn no_message_lost(&mut self, world: &World) {
        let dead: Vec<_> = world.scale_up.dead_letters().iter().map(|letter| letter.body.as_str()).collect();
        for body in &world.accepted {
            let Ok(message) = serde_json::from_str::<JobMessage>(body) else { continue };
            let known = world.table.peek(&Key::job(&message.job)).is_some();
            if !known && world.scale_up.is_empty() && !dead.contains(&body.as_str()) {
                self.broken(2, world.now, || {
                    format!("job {} was accepted and is nowhere", message.job.job_id)
                });
            }
        }
    }

    /// Promise 6, where the deployment is removed: when that is done, every instance is terminated, and none follows.
    fn end_of_deployment(&mut self, world: &World) {
        if self.has_ended || world.stack.ended_at.is_none() {
            return;
        }
        self.has_ended = true;
        self.busy_at_end = world.github.registrations().filter(|it| it.busy).map(|it| it.id).collect();
        for machine in world.ec2.machines().iter().filter(|machine| !machine.is_terminated(world.now)) {
            self.broken(6, world.now, || format!("the deployment has ended, and {} has not", machine.id));
        }
    }

    /// Promise 6, where the deployment was removed.
    fn nothing_left_behind(&mut self, world: &World) {
        let now = world.now;
        let (Some(asked_at), true) = (world.stack.removal_asked_at, world.stack.is_gone()) else {
            self.broken(6, now, || "the deployment was not removed".to_owned());
            return;
        };
        let live = world.ec2.live();
        if live > 0 {
            self.broken(6, now, || format!("{live} instances live, and the deployment was removed"));
        }
        // The removal does not wait for GitHub while it does not answer, and GitHub does not remove busy runners.
        if self.faults_stop_at.is_some_and(|faults_stop_at| faults_stop_at <= asked_at) {
            let deployment = &world.environments().scaleup.deployment;
            let idle = world.github.registrations().filter(|it| !self.busy_at_end.contains(&it.id));
            let left: Vec<_> = idle
                .filter(|it| RunnerName::parse(it.name, deployment).is_some())
                .map(|it| it.name.to_owned())
                .collect();
            if !left.is_empty() {
                self.broken(6, now, || format!("registered, and the deployment was removed: {left:?}"));
            }
        }
    }

    /// Promise 6: nothing is left.
    fn nothing_left(&mut self, world: &World) {
        let now = world.now;
        if world.github.open_jobs() > 0 {
            return;
        }
        let live = world.ec2.live();
        if live > 0 {
            self.broken(6, now, || format!("{live} instances live, and there is no job"));
        }
        let registered: Vec<_> = world.github.registrations().map(|it| it.name.to_owned()).collect();
        if !registered.is_empty() {
            self.broken(6, now, || format!("registered, and there is no job: {registered:?}"));
        }
        let open: Vec<_> = world
            .table
            .items()
            .filter(|stored| !matches!(stored.item, Item::Repository(_)) && stored.item.open().is_some())
            .map(|stored| stored.item.key().to_string())
            .collect();
        if !open.is_empty() {
            self.broken(6, now, || format!("open, and there is no job: {open:?}"));
        }
        if let Some(taken) = world.table.peek(&Key::fleet()).and_then(|stored| match &stored.item {
            Item::Fleet(fleet) => Some(Fleet::taken(fleet)).filter(|taken| *taken > 0),
            _ => None,
        }) {
            self.broken(6, now, || format!("{taken} slots are taken, and there is no job"));
        }
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
        && world.github.registrations().next().is_none()
        && world
            .table
            .items()
            .all(|stored| matches!(stored.item, Item::Repository(_)) || stored.item.open().is_none())
}
