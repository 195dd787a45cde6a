//! Timing of the queues, which handlers and infrastructure both rely on.
//!
//! How long messages are hidden, how often they are received, and the default time limits of the two functions were tried in the
//! simulated world (`docs/simulation.md` has the figures, and the command).

use crate::unit::Seconds;

/// For how many of a function's time limits its queue hides a message: Lambda tries a batch that it throttles for as long as
/// that, and the last try needs room as well
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>).
pub const TIMEOUTS_HIDDEN: u32 = 6;
/// How long a job stays hidden while scale-up works on it.
pub const SCALE_UP_VISIBILITY: Seconds = Seconds::from_minutes(9);
/// A job that was received so often without success goes to the dead-letter queue.
pub const SCALE_UP_MAX_RECEIVES: u32 = 5;
/// How long an event stays hidden while lifecycle works on it.
pub const LIFECYCLE_VISIBILITY: Seconds = Seconds::new(180);
/// An event that was received so often without success goes to the dead-letter queue.
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
