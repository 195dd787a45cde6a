//! How well EC2 behaves.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_runtime::time::Time;

use super::Absent;

/// A shortest and a longest time.
pub type Span = (Duration, Duration);

/// A bucket of tokens: what it holds, and how many come back in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketSize {
    /// Tokens when it is full.
    pub capacity: u32,
    /// Tokens that come back in a second.
    pub per_second: u32,
}

/// How scarce capacity is. Each pool has its own supply, which changes from one period to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scarcity {
    /// How long a supply stays as it is.
    pub period: Span,
    /// The probability that a pool has no capacity in a period.
    pub drought: f64,
    /// The probability that capacity is limited in a period.
    pub limited: f64,
    /// The largest number of instances then; at least 1.
    pub limit: u32,
}

/// The settings of the simulated EC2. [`Default`] is a quiet world: EC2 as it always is, without faults.
///
/// The sizes of the buckets: <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>.
#[derive(Debug, Clone, PartialEq)]
pub struct Ec2Settings {
    /// Calls of `RunInstances`.
    pub run_instances: BucketSize,
    /// Instances in calls of `RunInstances`.
    pub launched: BucketSize,
    /// Calls of `TerminateInstances`.
    pub terminate_instances: BucketSize,
    /// Instances in calls of `TerminateInstances`.
    pub terminated: BucketSize,
    /// Calls of `DescribeImages`.
    pub describe_images: BucketSize,
    /// Calls of `DescribeInstances`, filtered or paginated.
    pub describe_instances: BucketSize,
    /// What other users of the account take of each bucket, in percent.
    pub others_percent: u32,
    /// Types that the region, or one of its zones, does not have.
    pub absent: Vec<Absent>,
    /// Whether the account lacks spot's service-linked role, and nobody may create it
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html>).
    pub spot_forbidden: bool,
    /// Architectures of images that are not `x86_64`, by id.
    pub architectures: BTreeMap<String, String>,
    /// Images that do not exist; every other one does, except
    /// [`NOBODYS_IMAGE`](jit_runners_runtime::conformance::NOBODYS_IMAGE).
    pub missing_images: BTreeSet<String>,
    /// Whether a policy of the organization forbids `DescribeImages`.
    pub questions_forbidden: bool,
    /// How scarce capacity is; `None` for unlimited capacity.
    pub scarcity: Option<Scarcity>,
    /// The period in which no pool has spot capacity.
    pub spot_drought: Option<(Time, Time)>,
    /// Spot instances that the account may have, as if each took one unit of the quota.
    pub spot_quota: Option<u32>,
    /// On-demand instances that the account may have.
    pub on_demand_quota: Option<u32>,
    /// Whether a call for more than is left of a quota gets what is left; otherwise it gets nothing. AWS documents the
    /// former for capacity only (`MaxCount` in
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html>).
    pub quota_in_part: bool,
    /// The time from the launch until the first line of user data.
    pub boot: Span,
    /// The probability that a boot takes much longer.
    pub slow_boot: f64,
    /// How long it takes then.
    pub slow: Span,
    /// The probability that an instance never runs its user data.
    pub boot_failure: f64,
    /// The share of those that hang for ever; the others end with `Server.InternalError`
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html>).
    pub hanging: f64,
    /// The probability that an instance cannot start because its volume is encrypted with a key that the caller may not use. It goes
    /// from pending to terminated
    /// (<https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html>).
    pub key_forbidden: f64,
    /// Interruptions of a spot instance in an hour.
    pub interruptions: f64,
    /// The share of interruptions with a warning two minutes before, which is given on a best effort basis
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>).
    pub warned: f64,
    /// The probability that an event is lost: EC2 emits events on a best-effort basis
    /// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-delivery-level.html>).
    pub event_lost: f64,
    /// How long an event takes.
    pub event_delay: Span,
    /// How long calls do not see changes of an instance: a new one is missing, an ended one looks alive
    /// (<https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>).
    pub describe_late: Span,
    /// The probability that a call fails with an error of the service.
    pub internal_error: f64,
    /// The share of those in which the call was carried out all the same.
    pub internal_error_done: f64,
    /// The probability that a call is throttled although the bucket has tokens.
    pub throttle: f64,
    /// The probability that `RunInstances` is refused as if somebody had to repair the account, who does so at once.
    pub fatal: f64,
    /// The time an instance takes to shut down.
    pub ending: Span,
}

impl Default for Ec2Settings {
    fn default() -> Self {
        let size = |capacity, per_second| BucketSize { capacity, per_second };
        let seconds = |from, to| (Duration::from_secs(from), Duration::from_secs(to));
        Self {
            run_instances: size(5, 2),
            launched: size(1_000, 2),
            terminate_instances: size(100, 5),
            terminated: size(1_000, 20),
            describe_images: size(100, 20),
            describe_instances: size(100, 20),
            others_percent: 0,
            absent: Vec::new(),
            spot_forbidden: false,
            architectures: BTreeMap::new(),
            missing_images: BTreeSet::new(),
            questions_forbidden: false,
            scarcity: None,
            spot_drought: None,
            spot_quota: None,
            on_demand_quota: None,
            quota_in_part: true,
            boot: seconds(20, 45),
            slow_boot: 0.0,
            slow: seconds(120, 480),
            boot_failure: 0.0,
            hanging: 0.5,
            key_forbidden: 0.0,
            interruptions: 0.0,
            warned: 1.0,
            event_lost: 0.0,
            event_delay: (Duration::from_millis(500), Duration::from_secs(3)),
            describe_late: (Duration::ZERO, Duration::ZERO),
            internal_error: 0.0,
            internal_error_done: 0.0,
            throttle: 0.0,
            fatal: 0.0,
            ending: seconds(5, 40),
        }
    }
}

impl Ec2Settings {
    /// The same account without faults: its limits stay.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        Self {
            run_instances: self.run_instances,
            launched: self.launched,
            terminate_instances: self.terminate_instances,
            terminated: self.terminated,
            describe_images: self.describe_images,
            describe_instances: self.describe_instances,
            others_percent: self.others_percent,
            absent: self.absent.clone(),
            spot_forbidden: self.spot_forbidden,
            architectures: self.architectures.clone(),
            missing_images: self.missing_images.clone(),
            questions_forbidden: self.questions_forbidden,
            spot_quota: self.spot_quota,
            on_demand_quota: self.on_demand_quota,
            quota_in_part: self.quota_in_part,
            ..Self::default()
        }
    }
}
