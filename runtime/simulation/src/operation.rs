//! The services and operations that handlers call; and counts of calls: how many, by which function, and how many at
//! a time.

use std::time::Duration;

use jit_runners_model::contract::Handler;
use jit_runners_runtime::time::Time;

/// A service that handlers call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// `DynamoDB`.
    Table,
    /// EC2.
    Compute,
    /// GitHub.
    Github,
    /// SQS.
    Queue,
    /// IAM and CloudFormation.
    Account,
}

/// How many services there are.
pub const SERVICES: usize = Service::ALL.len();

impl Service {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Table, Self::Compute, Self::Github, Self::Queue, Self::Account];

    /// How long a caller waits for an answer: the timeouts of the clients that the handlers use.
    pub const fn timeout(self) -> Duration {
        match self {
            Self::Table => Duration::from_secs(3),
            Self::Compute | Self::Github | Self::Account => Duration::from_secs(10),
            Self::Queue => Duration::from_secs(2),
        }
    }

    /// The shortest and the longest time that a call takes, including the answer.
    pub(crate) const fn latency(self) -> (Duration, Duration) {
        let (from, to) = match self {
            Self::Table => (3, 12),
            Self::Compute => (150, 1_200),
            Self::Github => (80, 700),
            Self::Queue => (5, 25),
            Self::Account => (50, 400),
        };
        (Duration::from_millis(from), Duration::from_millis(to))
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident: $service:ident, $words:literal;)+) => {
        /// What is called.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Operation { $($(#[$doc])* $name,)+ }

        impl Operation {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Whose operation it is.
            pub const fn service(self) -> Service {
                match self { $(Self::$name => Service::$service,)+ }
            }

            /// What it does, in words.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)+ }
            }
        }
    };
}

operations! {
    /// Reads an item.
    Get: Table, "read an item";
    /// Changes items.
    Commit: Table, "change items";
    /// Queries a label set.
    OpenOfLabelSet: Table, "query a label set";
    /// Queries a kind.
    OpenOfKind: Table, "query a kind";
    /// Launches instances.
    RunInstances: Compute, "launch instances";
    /// Launches instances from the first of several pools that has capacity.
    CreateFleet: Compute, "launch a fleet";
    /// Looks at an image.
    DescribeImages: Compute, "look at an image";
    /// Lists instances.
    DescribeInstances: Compute, "list instances";
    /// Looks at single instances.
    DescribeSomeInstances: Compute, "look at instances";
    /// Ends instances.
    TerminateInstances: Compute, "end instances";
    /// Registers a runner.
    Register: Github, "register a runner";
    /// Removes a runner.
    Remove: Github, "remove a runner";
    /// Finds a runner.
    Find: Github, "find a runner";
    /// Lists runners.
    Runners: Github, "list runners";
    /// Looks at a job.
    Job: Github, "look at a job";
    /// Lists runs.
    Runs: Github, "list runs";
    /// Lists jobs.
    Jobs: Github, "list jobs";
    /// Lists repositories.
    Repositories: Github, "list repositories";
    /// Asks which release of the runner to use.
    Downloads: Github, "ask for the runner's release";
    /// Asks how long a release gets jobs.
    ReleaseEnd: Github, "ask for a release's end";
    /// Sends jobs to scale-up.
    SendJobs: Queue, "send jobs";
    /// Sends an event to lifecycle.
    SendEvent: Queue, "send an event";
    /// Makes EC2 Spot's own role.
    CreateSpotRole: Account, "make EC2 Spot's own role";
    /// Looks at a stack.
    DescribeStack: Account, "look at a stack";
    /// Answers a request of CloudFormation.
    AnswerRequest: Account, "answer CloudFormation";
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

const OPERATIONS: usize = Operation::ALL.len();

/// Counts of calls.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    total: u64,
    operations: [Count; OPERATIONS],
    by_handler: [[u64; OPERATIONS]; 5],
    under_way: [u32; SERVICES],
    most_under_way: [u32; SERVICES],
}

/// Counts of the calls of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Calls that were made.
    pub made: u64,
    /// Calls that the service refused.
    pub refused: u64,
    /// Calls whose answer the caller never got.
    pub unanswered: u64,
    /// Most calls that began in one second of the clock.
    pub most_in_a_second: u32,
    /// Most calls that began in one minute of the clock.
    pub most_in_a_minute: u32,
    second: (u64, u32),
    minute: (u64, u32),
}

impl Calls {
    /// Calls of the whole run.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Counts of one operation.
    pub fn of(&self, operation: Operation) -> Count {
        self.operations.get(operation as usize).copied().unwrap_or_default()
    }

    /// Calls of one operation that one function made.
    pub fn by(&self, handler: Handler, operation: Operation) -> u64 {
        self.by_handler
            .get(handler as usize)
            .and_then(|counts| counts.get(operation as usize))
            .copied()
            .unwrap_or_default()
    }

    /// Calls of one service.
    pub fn of_service(&self, service: Service) -> u64 {
        let operations = Operation::ALL.iter().filter(|operation| operation.service() == service);
        operations.map(|operation| self.of(*operation).made).sum()
    }

    /// The most calls of one service at the same time.
    pub fn most_under_way(&self, service: Service) -> u32 {
        self.most_under_way.get(service as usize).copied().unwrap_or_default()
    }

    /// Counts a call that begins; returns its number in the run, from 1.
    pub(crate) fn begin(&mut self, handler: Handler, operation: Operation, now: Time) -> u64 {
        self.total += 1;
        if let Some(count) = self.operations.get_mut(operation as usize) {
            count.made += 1;
            count.most_in_a_second =
                count.most_in_a_second.max(Count::in_piece(&mut count.second, now, SECOND));
            count.most_in_a_minute =
                count.most_in_a_minute.max(Count::in_piece(&mut count.minute, now, MINUTE));
        }
        let by_handler = self.by_handler.get_mut(handler as usize);
        if let Some(made) = by_handler.and_then(|counts| counts.get_mut(operation as usize)) {
            *made += 1;
        }
        let service = operation.service() as usize;
        if let (Some(under_way), Some(most)) =
            (self.under_way.get_mut(service), self.most_under_way.get_mut(service))
        {
            *under_way += 1;
            *most = (*most).max(*under_way);
        }
        self.total
    }

    /// Counts a call that is over for its caller.
    pub(crate) fn end(&mut self, service: Service) {
        if let Some(under_way) = self.under_way.get_mut(service as usize) {
            *under_way = under_way.saturating_sub(1);
        }
    }

    /// Counts what the service said.
    pub(crate) fn answered(&mut self, operation: Operation, success: bool) {
        if let Some(count) = self.operations.get_mut(operation as usize) {
            count.refused += u64::from(!success);
        }
    }

    /// Counts a call whose answer its caller did not get.
    pub(crate) fn unanswered(&mut self, operation: Operation) {
        if let Some(count) = self.operations.get_mut(operation as usize) {
            count.unanswered += 1;
        }
    }
}

impl Count {
    fn in_piece(piece: &mut (u64, u32), now: Time, length: Duration) -> u32 {
        let number = u128::from(now.as_millis()).checked_div(length.as_millis());
        let number = number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0);
        if piece.0 != number {
            *piece = (number, 0);
        }
        piece.1 += 1;
        piece.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_of_one_second_and_one_minute() {
        let mut calls = Calls::default();
        for at in [10_000, 10_999, 11_000, 12_000, 13_000, 70_000] {
            calls.begin(Handler::ScaleUp, Operation::Register, Time::from_millis(at));
        }
        let count = calls.of(Operation::Register);
        assert_eq!((count.made, count.most_in_a_second, count.most_in_a_minute), (6, 2, 5));
        assert_eq!(calls.by(Handler::ScaleUp, Operation::Register), 6);
        assert_eq!(calls.by(Handler::ScaleDown, Operation::Register), 0);
        assert_eq!((calls.of_service(Service::Github), calls.of_service(Service::Table)), (6, 0));
    }

    #[test]
    fn calls_are_under_way_until_they_end() {
        let mut calls = Calls::default();
        let now = Time::from_millis(1);
        calls.begin(Handler::ScaleUp, Operation::Get, now);
        calls.begin(Handler::ScaleUp, Operation::Commit, now);
        calls.end(Service::Table);
        calls.begin(Handler::ScaleUp, Operation::Get, now);
        assert_eq!((calls.most_under_way(Service::Table), calls.total()), (2, 3));
    }
}
