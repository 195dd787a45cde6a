//! A simulated EC2: client tokens, quotas, token buckets, pools without capacity, interruptions, and answers that are
//! out of date.

mod launch;
mod machine;
mod settings;
mod supply;
mod throttle;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use jit_runners_model::contract::message::Repository;
use jit_runners_runtime::{
    port::{ComputeError, Instance, Launch},
    record::{InstanceId, Pool},
    time::Time,
};

pub use self::{
    launch::InstantFleet,
    machine::{EndCause, Machine, interruption_warning},
    settings::{BucketSize, Ec2Settings, Scarcity, Span},
    supply::Absent,
    throttle::ActionCalls,
};
use self::{supply::Supply, throttle::TokenBucket};
use crate::random::Random;

/// How long a terminated instance is still shown
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html>).
const SHOWN_AFTER_END: Duration = Duration::from_hours(1);
/// The longest client token (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html>).
const LONGEST_TOKEN: usize = 64;
/// The first instance's number; ids count on from it.
const FIRST_ID: u64 = 0x0a00_0000_0000_0000;
/// When something happens. The number orders what happens at the same time.
type When = (Time, u64);

/// What happens by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ec2Event {
    /// The first line of user data runs.
    Booted {
        /// Which instance.
        instance: InstanceId,
    },
    /// The instance can see that it will be interrupted in two minutes.
    Interrupting {
        /// Which instance.
        instance: InstanceId,
    },
    /// The instance stops running now.
    Ended {
        /// Which instance.
        instance: InstanceId,
        /// Why.
        cause: EndCause,
    },
    /// EventBridge puts an event into the lifecycle queue.
    Notice {
        /// The event, as JSON.
        body: String,
    },
}

/// What is planned.
#[derive(Debug, Clone)]
enum Change {
    Boot(usize),
    FailBoot(usize),
    FailStart(usize),
    Interrupt(usize),
    Warn(usize),
    SayEnded(usize, EndCause),
    Terminate(usize),
    Say(String),
}

/// What a client token was used for in one zone.
#[derive(Debug)]
struct Used {
    launch: Launch,
    instances: Vec<usize>,
}

/// Counts of what was done.
#[derive(Debug, Clone, Default)]
pub struct Ec2Statistics {
    /// Calls of `RunInstances`.
    pub run_instances: ActionCalls,
    /// Calls of `DescribeImages`.
    pub describe_images: ActionCalls,
    /// Calls of `DescribeInstances`.
    pub describe_instances: ActionCalls,
    /// Calls of `TerminateInstances`.
    pub terminate_instances: ActionCalls,
    /// Instances that were launched.
    pub launched: u32,
    /// Calls that got some instances, but fewer than they asked for.
    pub in_part: u32,
    /// Calls that got none, because there was no capacity or because of a quota.
    pub empty_handed: u32,
    /// Of those, calls for a type that the zone or the region does not have.
    pub absent: u32,
    /// Of those, calls for spot where the account may not have any.
    pub forbidden_spot: u32,
    /// Of those, calls for machines of another architecture than the image's.
    pub misfits: u32,
    /// Calls that were answered with the instances of an earlier call.
    pub repeated: u32,
    /// Calls with a token that was used with other parameters: a mistake of the caller.
    pub mismatches: u32,
    /// Second sets of instances that a token made in another zone while the first set lived: a mistake of the caller.
    pub second_sets: u32,
    /// The most instances that lived at the same time.
    pub most_live: u32,
    /// Interruptions, warned of or not.
    pub interruptions: u32,
}

/// The simulated EC2 of one account and region. Time only goes forward: before a call, [`Ec2World::advance`] must
/// carry out what is due by then.
#[derive(Debug)]
pub struct Ec2World {
    settings: Ec2Settings,
    random: Random,
    machines: Vec<Machine>,
    /// Those that a call may show.
    listed: Vec<usize>,
    planned: BTreeMap<When, Change>,
    number: u64,
    /// By client token: one use for each zone, which a subnet stands for. It is only looked up, never iterated over.
    tokens: HashMap<String, Vec<Used>>,
    pools: BTreeMap<Pool, Supply>,
    buckets: Buckets,
    live: u32,
    /// Spot and on-demand instances that are not terminated: both count against their quota until then.
    held: [u32; 2],
    live_of: BTreeMap<Repository, u32>,
    statistics: Ec2Statistics,
}

#[derive(Debug)]
struct Buckets {
    run_instances: TokenBucket,
    launched: TokenBucket,
    terminate_instances: TokenBucket,
    terminated: TokenBucket,
    describe_images: TokenBucket,
    describe_instances: TokenBucket,
}

impl Ec2World {
    /// An account without instances.
    pub fn new(settings: Ec2Settings, random: Random) -> Self {
        let bucket = |size| TokenBucket::new(size, settings.others_percent);
        let buckets = Buckets {
            run_instances: bucket(settings.run_instances),
            launched: bucket(settings.launched),
            terminate_instances: bucket(settings.terminate_instances),
            terminated: bucket(settings.terminated),
            describe_images: bucket(settings.describe_images),
            describe_instances: bucket(settings.describe_instances),
        };
        Self {
            settings,
            random,
            machines: Vec::new(),
            listed: Vec::new(),
            planned: BTreeMap::new(),
            number: 0,
            tokens: HashMap::new(),
            pools: BTreeMap::new(),
            buckets,
            live: 0,
            held: [0, 0],
            live_of: BTreeMap::new(),
            statistics: Ec2Statistics::default(),
        }
    }

    /// `RunInstances` with `MinCount` 1 and `MaxCount` `launch.count`.
    ///
    /// A token with a subnet is zonal (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html>): the
    /// same call in the same zone gets the same instances, in another zone it launches a second set.
    pub fn run_instances(&mut self, now: Time, launch: &Launch) -> Result<Vec<InstanceId>, ComputeError> {
        self.statistics.run_instances.count(now);
        if !self.buckets.run_instances.take(1, now) {
            self.statistics.run_instances.over_bucket += 1;
            return Err(throttled());
        }
        let fault = self.fault();
        if let Some(Fault { error, done: false }) = fault {
            return Err(error);
        }
        if self.random.chance(self.settings.fatal) {
            let (code, message) = self.random.pick(&FATAL).copied().unwrap_or(UNAUTHORIZED);
            return Err(refused(code, message));
        }
        if launch.count == 0 || launch.token.len() > LONGEST_TOKEN || !launch.token.is_ascii() {
            return Err(refused("InvalidParameterValue", "the count or the client token is not valid"));
        }
        let launched = self.launch(now, launch)?;
        fault.map_or(Ok(launched), |fault| Err(fault.error))
    }

    /// `DescribeInstances` of some.
    pub fn look_at(&mut self, now: Time, instances: &[InstanceId]) -> Result<Vec<Instance>, ComputeError> {
        let mut shown = self.instances(now)?;
        shown.retain(|instance| instances.contains(&instance.id));
        Ok(shown)
    }

    /// `DescribeInstances` of all that the deployment has.
    pub fn instances(&mut self, now: Time) -> Result<Vec<Instance>, ComputeError> {
        self.statistics.describe_instances.count(now);
        if !self.buckets.describe_instances.take(1, now) {
            self.statistics.describe_instances.over_bucket += 1;
            return Err(throttled());
        }
        if let Some(fault) = self.fault() {
            return Err(fault.error);
        }
        let machines = &self.machines;
        self.listed.retain(|index| machines.get(*index).is_some_and(|machine| !machine.is_forgotten(now)));
        let listed = self.listed.iter().filter_map(|index| machines.get(*index));
        Ok(listed.filter(|machine| machine.is_known(now)).map(|machine| machine.shown(now)).collect())
    }

    /// `TerminateInstances`: all or none; one that has ended is no error.
    pub fn terminate(&mut self, now: Time, instances: &[InstanceId]) -> Result<(), ComputeError> {
        self.statistics.terminate_instances.count(now);
        let count = u32::try_from(instances.len()).unwrap_or(u32::MAX);
        if !(self.buckets.terminate_instances.take(1, now) && self.buckets.terminated.take(count, now)) {
            self.statistics.terminate_instances.over_bucket += 1;
            return Err(throttled());
        }
        let fault = self.fault();
        if let Some(Fault { error, done: false }) = fault {
            return Err(error);
        }
        if instances.is_empty() {
            return Err(refused("MissingParameter", "the request must contain the parameter InstanceId"));
        }
        let mut known = Vec::with_capacity(instances.len());
        for id in instances {
            let is_known = |index: &usize| self.machines.get(*index).is_some_and(|it| it.is_known(now));
            let Some(index) = self.index(id).filter(is_known) else {
                let message = format!("the instance ID '{id}' does not exist");
                return Err(refused("InvalidInstanceID.NotFound", message));
            };
            known.push(index);
        }
        for index in known {
            self.end(now, index, EndCause::Terminated);
        }
        fault.map_or(Ok(()), |fault| Err(fault.error))
    }

    /// The instance shuts itself down, which terminates it.
    pub fn shut_down(&mut self, now: Time, instance: &InstanceId) {
        if let Some(index) = self.index(instance) {
            self.end(now, index, EndCause::ShutDown);
        }
    }

    /// When something happens next.
    pub fn next_at(&self) -> Option<Time> {
        self.planned.first_key_value().map(|((at, _), _)| *at)
    }

    /// Carries out what is due at `now`.
    pub fn advance(&mut self, now: Time, out: &mut Vec<Ec2Event>) {
        while let Some(entry) = self.planned.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((at, _), change) = entry.remove_entry();
            self.happen(at, change, out);
        }
    }

    /// How well it behaves from now on.
    pub const fn settings_mut(&mut self) -> &mut Ec2Settings {
        &mut self.settings
    }

    /// Stops all faults that have not begun; limits stay.
    pub fn stop_faults(&mut self) {
        self.settings = self.settings.without_faults();
        for machine in self.machines.iter_mut().filter(|machine| !machine.warned) {
            if let Some(when) = machine.interruption.take() {
                self.planned.remove(&when);
            }
        }
    }

    /// Every instance that ever was, in the order of launches.
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// One instance.
    pub fn machine(&self, instance: &InstanceId) -> Option<&Machine> {
        self.machines.get(self.index(instance)?)
    }

    /// Whether an instance is running, or on its way to that.
    pub fn is_live(&self, instance: &InstanceId) -> bool {
        self.machine(instance).is_some_and(Machine::is_live)
    }

    /// Instances that live.
    pub const fn live(&self) -> u32 {
        self.live
    }

    /// Instances that live and were launched for `repository`.
    pub fn live_of(&self, repository: &Repository) -> u32 {
        self.live_of.get(repository).copied().unwrap_or(0)
    }

    /// Counts of what was done.
    pub const fn statistics(&self) -> &Ec2Statistics {
        &self.statistics
    }

    fn index(&self, id: &InstanceId) -> Option<usize> {
        let number = u64::from_str_radix(id.as_str().strip_prefix("i-")?, 16).ok()?;
        let index = usize::try_from(number.checked_sub(FIRST_ID)?).ok()?;
        self.machines.get(index).filter(|machine| machine.id == *id).map(|_| index)
    }

    fn plan(&mut self, at: Time, change: Change) -> When {
        self.number += 1;
        self.planned.insert((at, self.number), change);
        (at, self.number)
    }

    /// What goes wrong with a call, if anything does.
    fn fault(&mut self) -> Option<Fault> {
        if self.random.chance(self.settings.throttle) {
            return Some(Fault { error: throttled(), done: false });
        }
        self.random.chance(self.settings.internal_error).then(|| {
            let code = self.random.pick(&INTERNAL).copied().unwrap_or("InternalError");
            let done = self.random.chance(self.settings.internal_error_done);
            Fault { error: refused(code, "an internal error has occurred"), done }
        })
    }
}

/// A call that fails, whether or not it was carried out.
struct Fault {
    error: ComputeError,
    done: bool,
}

/// Errors of the service (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).
const INTERNAL: [&str; 4] = ["InternalError", "InternalFailure", "Unavailable", "ServiceUnavailable"];
/// What only people can repair (same page).
const FATAL: [(&str, &str); 4] = [
    UNAUTHORIZED,
    ("InvalidAMIID.NotFound", "the image does not exist"),
    ("InvalidSubnetID.NotFound", "the subnet does not exist"),
    ("PendingVerification", "your account is being verified"),
];

const UNAUTHORIZED: (&str, &str) =
    ("UnauthorizedOperation", "you are not authorized to perform this operation");

fn refused(code: &str, message: impl Into<String>) -> ComputeError {
    ComputeError::Refused { code: code.to_owned(), message: message.into() }
}

fn throttled() -> ComputeError {
    refused("RequestLimitExceeded", "request limit exceeded")
}

#[cfg(test)]
mod tests;
