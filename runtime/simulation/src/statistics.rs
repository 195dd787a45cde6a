//! The results of a run, in numbers.

use std::time::Duration;

use jit_runners_model::contract::Handler;
use jit_runners_runtime::{port::GithubJobStatus, time::Time};
use serde::Serialize;

use crate::{
    operation::{Operation, Service},
    world::World,
};

/// The functions that a job passes through.
const ON_PATH: [Handler; 3] = [Handler::Webhook, Handler::ScaleUp, Handler::Lifecycle];

/// The statistics of a run, or of several.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statistics {
    /// Jobs that were queued.
    pub jobs: u64,
    /// Jobs that a runner started.
    pub started: u64,
    /// Jobs that were cancelled before a runner started them.
    pub cancelled: u64,
    /// Jobs that are still queued at the end, or that GitHub gave up.
    pub stranded: u64,
    /// The wait of each started job, in milliseconds; in ascending order after [`Statistics::sort`].
    pub waits: Vec<u64>,
    /// Time that instances lived.
    pub instance_time: Duration,
    /// The part of that time in which they had a job.
    pub job_time: Duration,
    /// Instances that were launched.
    pub launched: u64,
    /// Requests to GitHub.
    pub github_calls: u64,
    /// Of those, registrations of runners.
    pub registrations: u64,
    /// Calls of EC2.
    pub ec2_calls: u64,
    /// Of those, `RunInstances`.
    pub run_instances: u64,
    /// Calls of the table by functions.
    pub table_calls: u64,
    /// Calls of the functions that a job passes through, without those of the two schedules.
    pub on_path: OnPath,
    /// Transactions that functions made, also those that failed.
    pub transactions: u64,
    /// Transactions that met an item that somebody else had changed.
    pub conflicts: u64,
    /// Messages that were sent to queues by functions.
    pub messages: u64,
    /// The most calls in a short time, of each service.
    pub peaks: Peaks,
    /// Simulated time.
    pub simulated: Duration,
}

/// Calls of the webhook, scale-up and lifecycle functions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OnPath {
    /// Requests to GitHub. The question which release of the runner to use is not counted, because it is asked once
    /// for all jobs; nor is the one for a token.
    pub github: u64,
    /// Calls of EC2.
    pub ec2: u64,
    /// Calls of the table.
    pub table: u64,
}

/// The densest calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Peaks {
    /// Requests to GitHub, the densest endpoint, in one minute.
    pub github_per_minute: u32,
    /// Calls of `RunInstances` in one second.
    pub run_instances_per_second: u32,
    /// Calls of the table, the densest kind, in one second.
    pub table_per_second: u32,
}

impl Statistics {
    /// The statistics of `world`, from `began` until now.
    pub fn of(world: &World, began: Time) -> Self {
        let mut statistics = Self { simulated: world.now.since(began), ..Self::default() };
        for job in world.github.all_jobs() {
            let Some(queued_at) = job.queued_at else { continue };
            statistics.jobs += 1;
            if let (Some(_), Some(started_at)) = (job.runner_id, job.started_at) {
                statistics.started += 1;
                statistics.waits.push(millis(started_at.since(queued_at)));
                let until = job.completed_at.unwrap_or(world.now);
                statistics.job_time += until.since(started_at);
            } else if job.cancelled {
                statistics.cancelled += 1;
            } else if matches!(job.status, GithubJobStatus::Queued | GithubJobStatus::Completed) {
                statistics.stranded += 1;
            }
        }
        for machine in world.ec2.machines() {
            let until = machine.ended.map_or(world.now, |(at, _)| at);
            statistics.instance_time += until.since(machine.launched_at);
            statistics.launched += 1;
        }
        statistics.count_calls(world);
        statistics
    }

    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        let Self {
            jobs,
            started,
            cancelled,
            stranded,
            waits,
            instance_time,
            job_time,
            launched,
            github_calls,
            registrations,
            ec2_calls,
            run_instances,
            table_calls,
            on_path,
            transactions,
            conflicts,
            messages,
            peaks,
            simulated,
        } = other;
        self.jobs += jobs;
        self.started += started;
        self.cancelled += cancelled;
        self.stranded += stranded;
        self.waits.extend_from_slice(waits);
        self.instance_time += *instance_time;
        self.job_time += *job_time;
        self.launched += launched;
        self.github_calls += github_calls;
        self.registrations += registrations;
        self.ec2_calls += ec2_calls;
        self.run_instances += run_instances;
        self.table_calls += table_calls;
        self.on_path.github += on_path.github;
        self.on_path.ec2 += on_path.ec2;
        self.on_path.table += on_path.table;
        self.transactions += transactions;
        self.conflicts += conflicts;
        self.messages += messages;
        self.peaks = self.peaks.most(*peaks);
        self.simulated += *simulated;
    }

    /// Puts waits in order.
    pub fn sort(&mut self) {
        self.waits.sort_unstable();
    }

    /// The wait that `percent` of the jobs that started did not exceed. Needs [`Statistics::sort`].
    pub fn wait(&self, percent: usize) -> Option<Duration> {
        let place = (self.waits.len() * percent).div_ceil(100).saturating_sub(1);
        self.waits.get(place).map(|wait| Duration::from_millis(*wait))
    }

    /// Time that instances lived without a job.
    pub fn wasted(&self) -> Duration {
        self.instance_time.saturating_sub(self.job_time)
    }

    fn count_calls(&mut self, world: &World) {
        let calls = &world.calls;
        self.github_calls = calls.of_service(Service::Github);
        self.ec2_calls = calls.of_service(Service::Compute);
        self.table_calls = calls.of_service(Service::Table);
        self.messages = calls.of_service(Service::Queue);
        let table = world.table.statistics();
        self.transactions = table.commits;
        self.conflicts = table.conflicts;
        let on_path = |service: Service| {
            let operations = Operation::ALL.iter().filter(|operation| operation.service() == service);
            operations
                .filter(|operation| **operation != Operation::Downloads)
                .flat_map(|operation| ON_PATH.iter().map(move |handler| (handler, operation)))
                .map(|(handler, operation)| calls.by(*handler, *operation))
                .sum()
        };
        self.on_path = OnPath {
            github: on_path(Service::Github),
            ec2: on_path(Service::Compute),
            table: on_path(Service::Table),
        };
        self.registrations = calls.of(Operation::Register).made;
        self.run_instances =
            Handler::ALL.iter().map(|handler| calls.by(*handler, Operation::RunInstances)).sum();
        let peaks = |service, of: fn(&super::operation::Count) -> u32| {
            let operations = Operation::ALL.iter().filter(|operation| operation.service() == service);
            operations.map(|operation| of(&calls.of(*operation))).max().unwrap_or(0)
        };
        self.peaks = Peaks {
            github_per_minute: peaks(Service::Github, |count| count.most_in_a_minute),
            run_instances_per_second: calls.of(Operation::RunInstances).most_in_a_second,
            table_per_second: peaks(Service::Table, |count| count.most_in_a_second),
        };
    }
}

impl Peaks {
    fn most(self, other: Self) -> Self {
        Self {
            github_per_minute: self.github_per_minute.max(other.github_per_minute),
            run_instances_per_second: self.run_instances_per_second.max(other.run_instances_per_second),
            table_per_second: self.table_per_second.max(other.table_per_second),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
