//! What handlers report to their operators.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{
    Label, RunnerVersion,
    contract::message::{JobRef, Repository},
};

use crate::record::{EndReason, InstanceId, IntentId, NoLaunches, Pool};

/// What jobs wait for before something is launched for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deferral {
    /// A free slot: one of the caps is reached.
    Slots,
    /// GitHub's rate limit: a runner that is launched now could not be registered before the invocation ends.
    Registrations,
    /// GitHub refuses to register their runners, and is asked again later.
    Refused,
}

/// Something worth a log line, and often a metric. It cannot hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// A job was queued.
    JobQueued(JobRef),
    /// A runner started a job, this long after it was queued.
    JobStarted {
        /// The job.
        job: JobRef,
        /// Since it was queued.
        after: Duration,
    },
    /// A job is over.
    JobCompleted(JobRef),
    /// Jobs wait although a runner is missing for them.
    Deferred {
        /// The repository.
        repository: Repository,
        /// How many jobs.
        jobs: usize,
        /// What they wait for.
        until: Deferral,
    },
    /// Instances were launched.
    Launched {
        /// The launch.
        intent: IntentId,
        /// The pool.
        pool: Pool,
        /// How many.
        instances: usize,
        /// How many pools were tried before.
        fallbacks: u32,
    },
    /// A pool had no capacity.
    NoCapacity {
        /// The pool.
        pool: Pool,
        /// EC2's error code.
        code: String,
    },
    /// A pool is skipped for some time, because its zone or the region does not have the type.
    NotOffered {
        /// The pool.
        pool: Pool,
        /// EC2's code and words.
        error: String,
    },
    /// The account cannot have spot instances, so none are requested for some time.
    NoSpot {
        /// EC2's code and words.
        error: String,
    },
    /// A type is skipped, because the image is for another architecture.
    Misfit {
        /// The image.
        image: String,
        /// The type, and the architectures of both.
        reason: String,
    },
    /// Nothing can be launched for jobs, so they wait. EC2 was not called.
    Unlaunchable {
        /// The repository.
        repository: Repository,
        /// How many jobs.
        jobs: usize,
        /// What is wrong and what to do.
        reason: String,
        /// For how long.
        wait: Duration,
    },
    /// No pool could be launched from.
    LaunchFailed {
        /// The launch.
        intent: IntentId,
        /// Why.
        reason: String,
    },
    /// A launch of another invocation was taken over.
    Resumed(IntentId),
    /// A launch was given up.
    Abandoned(IntentId),
    /// A runner got its configuration.
    Configured(InstanceId),
    /// A name was taken: the answer to an earlier registration was lost.
    NameTaken {
        /// The instance.
        instance: InstanceId,
        /// The attempt that was taken.
        attempt: u32,
    },
    /// A job was queued whose labels no runner can have.
    Unservable {
        /// The job.
        job: JobRef,
        /// What is wrong with them.
        why: String,
    },
    /// GitHub refuses to register runners, for a reason that does not pass by itself.
    RegistrationRefused {
        /// The repository or the organization.
        place: String,
        /// The labels, if the refusal concerns only these.
        labels: Option<BTreeSet<Label>>,
        /// The HTTP status.
        status: u16,
        /// GitHub's words.
        reason: String,
        /// How often it has refused since a registration last succeeded.
        times: u32,
        /// The time until a registration is tried again.
        wait: Duration,
        /// Instances that were ended for it.
        ended: usize,
    },
    /// GitHub registers runners again.
    RegistrationAccepted {
        /// The repository or the organization.
        place: String,
    },
    /// An item was open for longer than anything can be, and was closed.
    Overdue {
        /// Its key.
        key: String,
        /// Its age.
        age: Duration,
    },
    /// GitHub asked to slow down.
    RateLimited {
        /// For how long.
        wait: Duration,
    },
    /// A runner that no job needs was removed.
    Retired(InstanceId),
    /// A runner was to be removed, but has a job.
    Busy(InstanceId),
    /// A runner never got ready.
    Stale(InstanceId),
    /// A runner reached the maximum age.
    TooOld(InstanceId),
    /// EC2 announced that it takes an instance back.
    Interrupted(InstanceId),
    /// An instance ended.
    InstanceGone {
        /// The instance.
        instance: InstanceId,
        /// It had taken a job.
        had_job: bool,
    },
    /// Why an instance ended that nobody terminated and that never had a job.
    EndedEarly {
        /// The instance.
        instance: InstanceId,
        /// The time from its launch until that was noticed.
        after: Duration,
        /// What EC2 says.
        reason: EndReason,
    },
    /// An instance that nobody owns was ended.
    Orphan(InstanceId),
    /// A registration that nobody owns was removed.
    Zombie {
        /// The runner's name.
        name: String,
    },
    /// Jobs were published again, because no runner was coming for them.
    Published {
        /// The repository.
        repository: Repository,
        /// How many.
        jobs: usize,
    },
    /// GitHub queued a job again, because the runner that had taken it was lost at once.
    QueuedAgain(JobRef),
    /// A job that GitHub has and whose webhook never came.
    LostWebhook(JobRef),
    /// A job used up its budget of launches, and waits.
    Stranded(JobRef),
    /// One repository of the rebalancer's tick.
    Cycle {
        /// The repository.
        repository: Repository,
        /// Queued jobs that nobody has started.
        demand: usize,
        /// Runners that have not started a job.
        supply: usize,
        /// Messages sent.
        published: usize,
        /// Different label sets.
        label_sets: usize,
    },
    /// The rebalancer's tick.
    Tick {
        /// Repositories that it looked at.
        repositories: usize,
        /// Repositories that it could not look at.
        errors: usize,
        /// Jobs that are queued while no runner is coming for them.
        stranded: usize,
        /// Demand minus supply over all label sets.
        gap: usize,
        /// What GitHub said is left of the rate limit.
        rate_limit_remaining: Option<u32>,
        /// Days in which the runner's release still gets jobs, once GitHub has said when that ends.
        release_days_left: Option<u64>,
    },
    /// GitHub offers another release of the runner: launches have it from now on.
    ReleaseOffered(RunnerVersion),
    /// GitHub did not answer a question about the runner's releases, or its answer cannot be used.
    ReleaseUnknown {
        /// What was asked.
        question: ReleaseQuestion,
        /// Why nobody knows.
        why: String,
    },
    /// The runner's release will soon get no more jobs.
    ReleaseEnds {
        /// The release.
        version: RunnerVersion,
        /// Days that are left, rounded up.
        days: u64,
    },
    /// Nothing at all is launched.
    NoLaunches {
        /// Why.
        why: NoLaunches,
        /// How many jobs wait.
        jobs: usize,
    },
    /// Everything that a deployment needs is there.
    Prepared,
    /// The resource was deleted although its stack is not being removed.
    NothingEnded {
        /// The stack's status.
        stack: String,
    },
    /// The deployment is being ended.
    Ending {
        /// Instances that are left.
        instances: usize,
    },
    /// The deployment has ended.
    Ended {
        /// Instances that were ended for it.
        instances: usize,
        /// Runners that GitHub did not remove when asked. It removes them by itself later.
        registrations: usize,
    },
    /// Something failed that will be tried again.
    Failed {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        error: String,
    },
}

/// What GitHub is asked about the runner's releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseQuestion {
    /// Which one to use.
    Which,
    /// How long the one in force gets jobs.
    HowLong,
}

/// Takes observations of handlers.
pub trait Observe {
    /// Takes one observation; cannot fail.
    fn observe(&self, observation: Observation);
}
