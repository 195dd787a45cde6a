//! What infrastructure and handlers must agree on, declared once: environment variables, messages, keys of the
//! table, tags, metrics, log lines, and what each handler may do.

mod effect;
pub mod environment;
mod handler;
pub mod message;
pub mod runner_release;
pub mod table;

pub use effect::{Effect, InstanceEffect, Targets, arn, handler_policy, instance_policy};
pub use handler::{Handler, PerHandler};

/// Timing of the queues, which handlers and infrastructure both rely on.
///
/// How long messages are hidden, how often they are received, and the default time limits of the two functions were tried in the
/// simulated world (`docs/simulation.md` has the figures, and the command).
pub mod queue {
    use crate::unit::Seconds;

    /// For how many of a function's time limits its queue hides a message: Lambda tries a batch that it throttles for as long as
    /// that, and the last try needs room as well
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>).
    pub const TIMEOUTS_HIDDEN: u32 = 6;
    /// How long a job stays hidden while scale-up works on it.
    pub const SCALE_UP_VISIBILITY: Seconds = Seconds::from_minutes(9);
    /// The number of receives after which a job goes to the dead-letter queue.
    pub const SCALE_UP_MAX_RECEIVES: u32 = 5;
    /// How long an event stays hidden while lifecycle works on it.
    pub const LIFECYCLE_VISIBILITY: Seconds = Seconds::new(180);
    /// The number of receives after which an event goes to the dead-letter queue.
    pub const LIFECYCLE_MAX_RECEIVES: u32 = 5;
    /// How long an event waits at most: what it says is found by scale-down by then.
    pub const LIFECYCLE_RETENTION: Seconds = Seconds::from_days(1);
    /// How long a job waits at most, `SQS`'s default.
    pub const SCALE_UP_RETENTION: Seconds = Seconds::from_days(4);
    /// How long a dead letter is kept, the longest that `SQS` offers.
    pub const DEAD_LETTER_RETENTION: Seconds = Seconds::from_days(14);
    /// Bytes of a message, at most: far more than ours have, and what version 5 of the Terraform provider takes at most.
    pub const MAXIMUM_MESSAGE_SIZE: u32 = 262_144;
    /// Messages that a function is handed at once, the most without a batching window, which would delay each job.
    pub const BATCH_SIZE: u32 = 10;
    /// Batches of jobs that scale-up works on at the same time. `RunInstances` takes two calls a second (five at first) in an
    /// account and region: more at once would only be throttled.
    pub const SCALE_UP_CONCURRENCY: u32 = 10;
    /// Batches of events that lifecycle works on at the same time.
    pub const LIFECYCLE_CONCURRENCY: u32 = 10;
}

/// How often the two scheduled functions run, and how long a deployment waits for scale-down.
pub mod schedule {
    use crate::unit::Seconds;

    /// A run that Lambda could not start within this time is dropped, because the next one is there by then.
    pub const LONGEST_DELAY: Seconds = Seconds::from_minutes(1);
    /// Time between two runs of scale-down.
    pub const SCALE_DOWN_RATE: Seconds = Seconds::from_minutes(5);
    /// Time between two runs of the rebalancer, the shortest that EventBridge Scheduler knows.
    pub const REBALANCER_RATE: Seconds = Seconds::from_minutes(1);
    /// How long `CloudFormation` waits for scale-down's answer when runners are prepared, or ended: instances take minutes to shut
    /// down. The default, an hour, is what a function that cannot answer would cost a deployment.
    pub const FLEET_ANSWER_LIMIT: Seconds = Seconds::from_minutes(10);
}

/// What an instance does with its time, and what stands where on it. Its user data follows this, the handlers count on
/// the limits, and an image with the runner on it is built to fit.
pub mod instance {
    use crate::unit::Seconds;

    /// How long an instance waits for its configuration before it ends itself: longer than a job's message needs to come back
    /// after scale-up was cut off.
    pub const CONFIGURATION_WAIT: Seconds = Seconds::from_minutes(5);
    /// How long a runner listens without a job before its instance ends itself. GitHub drops idle just-in-time runners after
    /// two to six minutes (<https://github.com/actions/runner/issues/4726>), and a ghost, whose registration is used up, never
    /// gets a job (<https://github.com/actions/runner/issues/4617>).
    pub const IDLE_LIMIT: Seconds = Seconds::from_minutes(3);
    /// How long a runner may update itself, which it does at its start where GitHub tells it to: it downloads a release and starts
    /// again, and gets no job meanwhile (<https://github.com/actions/runner/blob/main/src/Runner.Listener/SelfUpdater.cs>).
    pub const UPDATE_LIMIT: Seconds = Seconds::from_minutes(5);
    /// Time between two looks of an instance: at the table for its configuration, and at its runner. A look that finds nothing
    /// costs one unit of writing, since it would delete, and the notice of an interruption is to be looked for each five seconds
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>).
    pub const LOOK_INTERVAL: Seconds = Seconds::new(2);

    /// The user that runs the runner and its job. It owns [`RUNNER_DIRECTORY`].
    pub const RUNNER_USER: &str = "runner";
    /// Where the runner is unpacked.
    pub const RUNNER_DIRECTORY: &str = "/opt/actions-runner";
    /// An image with everything on it has this file, and in its first line the version of the runner in
    /// [`RUNNER_DIRECTORY`], such as `2.338.0`.
    pub const RUNNER_VERSION_FILE: &str = "/etc/jit-runners/runner-version";
    /// What the runner and the usual jobs need beyond Amazon Linux 2023, as its packages are called: ICU for .NET
    /// (<https://github.com/actions/runner/blob/main/docs/start/envlinux.md>), `git` for checkouts, the others for images that
    /// are smaller than the usual one.
    pub const PACKAGES: &[&str] =
        &["awscli-2", "git", "gzip", "libicu", "procps-ng", "shadow-utils", "tar", "util-linux"];

    /// What every line of an instance's user data starts with, in its console's output.
    pub const LOG_PREFIX: &str = "jit-runners: ";
}

/// Metrics of our own. Functions write them to their log in CloudWatch's embedded metric format
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>),
/// which costs no API call; metric filters add those that follow from log lines.
pub mod metric {
    use crate::{Expr, Text, text};

    /// The namespace: one for each deployment, so that two in one account and region stay apart.
    pub fn namespace() -> Text {
        text!["JitRunners/", Expr::DeploymentName]
    }

    /// Jobs that were queued.
    pub const JOBS_QUEUED: &str = "JobsQueued";
    /// Instances that were launched.
    pub const LAUNCHES: &str = "Launches";
    /// Launches that did not get their first choice of type, zone or market.
    pub const FALLBACKS: &str = "Fallbacks";
    /// Seconds from queued to started.
    pub const TIME_TO_START: &str = "TimeToStart";
    /// Runners that are missing: demand minus supply of each label set, added up where it is above 0. The rebalancer writes
    /// what it found before it published anything. A job that used up its budget of launches is no demand while it rests.
    pub const GAP: &str = "Gap";
    /// Jobs that are queued while no runner is coming for them. The rebalancer writes it at each tick, also when it is 0:
    /// the alarm looks at five minutes in a row.
    pub const STRANDED_JOBS: &str = "StrandedJobs";
    /// Requests that GitHub still accepts in this hour.
    pub const RATE_LIMIT_REMAINING: &str = "RateLimitRemaining";
    /// Days in which GitHub still gives jobs to the runner's release. The rebalancer writes it at each tick, once GitHub has said
    /// when that ends.
    pub const RELEASE_DAYS_LEFT: &str = "ReleaseDaysLeft";
    /// Ticks of the rebalancer, counted by a metric filter.
    pub const REBALANCER_TICKS: &str = "RebalancerTicks";
    /// Webhooks without a valid signature, counted by a metric filter over the API's log.
    pub const REFUSED_WEBHOOKS: &str = "RefusedWebhooks";
    /// What went wrong and was repaired, or was not, by class.
    pub const ERRORS: &str = "Errors";
}

/// Log lines that operators filter on, and the filters over them.
///
/// ```
/// use jit_runners_model::contract::log_line::TickComplete;
///
/// let line = TickComplete { repositories: 4, errors: 0 };
/// assert_eq!(line.to_string(), "tick complete repos=4 errors=0");
/// ```
pub mod log_line {
    use std::fmt;

    /// What the rebalancer logs for each repository that it looked at.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CycleComplete<'a> {
        /// `owner/name`.
        pub repository: &'a str,
        /// Queued jobs that nobody has started.
        pub demand: usize,
        /// Runners that have not started a job.
        pub supply: usize,
        /// Messages sent to the scale-up queue.
        pub published: usize,
        /// Different label sets among the jobs.
        pub label_sets: usize,
    }

    impl fmt::Display for CycleComplete<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Self { repository, demand, supply, published, label_sets } = self;
            write!(
                f,
                "cycle complete repo={repository} demand={demand} supply={supply} published={published} label_sets={label_sets}"
            )
        }
    }

    /// What the rebalancer logs once per tick.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct TickComplete {
        /// Repositories that it looked at.
        pub repositories: usize,
        /// Repositories that it could not look at.
        pub errors: usize,
    }

    impl fmt::Display for TickComplete {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Self { repositories, errors } = self;
            write!(f, "tick complete repos={repositories} errors={errors}")
        }
    }

    /// Finds [`TickComplete`] in a log, in the syntax of CloudWatch Logs.
    pub const TICK_COMPLETE_FILTER: &str = "\"tick complete\"";
    /// Finds webhooks that were refused for their signature in the API's JSON log, where every value is a text.
    pub const REFUSED_WEBHOOK_FILTER: &str = "{ $.status = \"401\" }";
}

/// Tags by which the deployment finds what belongs to it.
pub mod tag {
    use std::collections::BTreeSet;

    use crate::name::Label;

    /// On instances, and on each resource whose kind is tagged: the deployment's name. Roles may only terminate instances that have it,
    /// and may only launch instances with it.
    pub const DEPLOYMENT: &str = "jit-runners:deployment";
    /// On instances: the key of the launch intent in the table, so that an instance whose launch was cut off is
    /// found again.
    pub const INTENT: &str = "jit-runners:intent";
    /// On instances: `owner/name` of the repository whose jobs it was launched for.
    pub const REPOSITORY: &str = "jit-runners:repository";
    /// On instances: the label set that it was launched for, see [`labels`].
    pub const LABELS: &str = "jit-runners:labels";
    /// On instances: what people see first in the console.
    pub const NAME: &str = "Name";

    /// The value of [`LABELS`]: labels joined by blanks, as many as a tag's 256 characters hold. It is for people;
    /// nothing is decided by it.
    pub fn labels(labels: &BTreeSet<Label>) -> String {
        let mut value = String::new();
        for label in labels {
            let blank = if value.is_empty() { "" } else { " " };
            if value.chars().count() + blank.len() + label.as_str().chars().count() > 256 {
                break;
            }
            value.push_str(blank);
            value.extend(label.as_str().chars().map(|c| if is_tag_character(c) { c } else { '_' }));
        }
        value
    }

    fn is_tag_character(c: char) -> bool {
        c.is_alphanumeric() || "_.:/=+-@".contains(c)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{
        log_line::{CycleComplete, TICK_COMPLETE_FILTER, TickComplete},
        tag::labels,
    };
    use crate::name::{Label, TagValue};

    #[test]
    fn any_labels_make_a_tag() {
        let many: BTreeSet<_> = (0..100).map(|index| Label::new(format!("label-{index}")).unwrap()).collect();
        let odd = [Label::new("ß(*)\"").unwrap()].into();
        let long = [Label::new("x".repeat(256)).unwrap(), Label::new("y").unwrap()].into();
        for set in [many, odd, long, BTreeSet::new()] {
            assert!(TagValue::new(labels(&set)).is_ok(), "{}", labels(&set));
        }
    }

    #[test]
    fn lines_are_the_ones_that_operators_filter_on() {
        let cycle = CycleComplete { repository: "o/r", demand: 3, supply: 1, published: 2, label_sets: 1 };
        assert_eq!(cycle.to_string(), "cycle complete repo=o/r demand=3 supply=1 published=2 label_sets=1");
        let tick = TickComplete { repositories: 4, errors: 0 }.to_string();
        assert_eq!(tick, "tick complete repos=4 errors=0");
        assert!(tick.contains(TICK_COMPLETE_FILTER.trim_matches('"')));
    }
}
