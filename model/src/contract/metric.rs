//! Metrics of our own. Functions write them to their log in CloudWatch's embedded metric format
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>),
//! which costs no API call; metric filters add those that follow from log lines.

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
