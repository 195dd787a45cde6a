//! The five functions.
//!
//! ```
//! use jit_runners_model::contract::Handler;
//!
//! assert_eq!(Handler::of_function("acme-runners-scaleup"), Some(Handler::ScaleUp));
//! assert_eq!(Handler::of_function("somebody-elses"), None);
//! ```

use std::fmt;

use super::{Effect, queue, schedule};
use crate::unit::Seconds;

/// One of the five Lambda functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Handler {
    /// Receives GitHub's webhooks, verifies them and queues what matters.
    Webhook,
    /// Launches runners for queued jobs.
    ScaleUp,
    /// Replaces stuck runners and removes what nobody owns; prepares the deployment, and ends it.
    ScaleDown,
    /// Follows jobs and instances to their end.
    Lifecycle,
    /// Finds demand that nobody serves.
    Rebalancer,
}

impl Handler {
    /// All five, in the order in which a job meets them.
    pub const ALL: [Self; 5] =
        [Self::Webhook, Self::ScaleUp, Self::ScaleDown, Self::Lifecycle, Self::Rebalancer];

    /// Its name: the suffix of the function's name, the zip's name, and its key in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::ScaleUp => "scaleup",
            Self::ScaleDown => "scaledown",
            Self::Lifecycle => "lifecycle",
            Self::Rebalancer => "rebalancer",
        }
    }

    /// The handler of a deployed function, by the end of its name: `acme-runners-scaleup` is scale-up.
    pub fn of_function(name: &str) -> Option<Self> {
        let (_, suffix) = name.rsplit_once('-')?;
        Self::ALL.into_iter().find(|handler| handler.name() == suffix)
    }

    /// What it is for, in one sentence.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Webhook => "Verifies GitHub's webhooks and queues the jobs and events that they report.",
            Self::ScaleUp => {
                "Launches one just-in-time runner on an EC2 instance for each job that needs one."
            }
            Self::ScaleDown => {
                "Replaces stuck runners, removes what nobody owns, prepares the deployment and ends it."
            }
            Self::Lifecycle => {
                "Follows jobs and instances to their end, and reports the gap that a lost instance leaves."
            }
            Self::Rebalancer => {
                "Compares demand with supply every minute and publishes jobs that no runner is coming for."
            }
        }
    }

    /// What it does to the world outside. Its role is derived from this list, and from nothing else.
    pub const fn effects(self) -> &'static [Effect] {
        match self {
            Self::Webhook => {
                &[Effect::WriteLog, Effect::ReadWebhookSecret, Effect::PublishJob, Effect::PublishEvent]
            }
            Self::ScaleUp => &[
                Effect::WriteLog,
                Effect::ConsumeJob,
                Effect::ReadPrivateKey,
                Effect::ReadLedger,
                Effect::WriteLedger,
                Effect::LaunchInstances,
                Effect::TerminateInstances,
                Effect::DescribeImages,
            ],
            Self::ScaleDown => &[
                Effect::WriteLog,
                Effect::PublishJob,
                Effect::ReadPrivateKey,
                Effect::ReadLedger,
                Effect::WriteLedger,
                Effect::DescribeInstances,
                Effect::TerminateInstances,
                Effect::CreateSpotRole,
                Effect::DescribeOwnStack,
            ],
            Self::Lifecycle => &[
                Effect::WriteLog,
                Effect::ConsumeEvent,
                Effect::PublishJob,
                Effect::ReadPrivateKey,
                Effect::ReadLedger,
                Effect::WriteLedger,
                Effect::DescribeInstances,
                Effect::TerminateInstances,
            ],
            Self::Rebalancer => &[
                Effect::WriteLog,
                Effect::PublishJob,
                Effect::ReadPrivateKey,
                Effect::ReadLedger,
                Effect::WriteLedger,
            ],
        }
    }

    /// The shortest time limit with which it does its work, and what sets that limit.
    pub const fn shortest_timeout(self) -> (Seconds, &'static str) {
        match self {
            Self::Webhook => (Seconds::new(3), "what a cold start takes, with two messages to queue"),
            Self::ScaleUp => (Seconds::new(30), "what a launch takes, with the registration of its runners"),
            Self::ScaleDown => {
                (Seconds::new(60), "what the removal of registrations takes, with the end of instances")
            }
            Self::Lifecycle => (Seconds::new(15), "what the removal of a registration takes"),
            Self::Rebalancer => (Seconds::new(20), "what a look at a repository takes"),
        }
    }

    /// The longest time limit that makes sense for it, and what sets that limit.
    pub const fn longest_timeout(self) -> (Seconds, &'static str) {
        match self {
            Self::Webhook => (Seconds::new(9), "because GitHub gives a webhook up after 10 s"),
            Self::ScaleUp => (of_hidden(queue::SCALE_UP_VISIBILITY), OF_HIDDEN),
            // What is left of the ten minutes is for its start, and for the answer.
            Self::ScaleDown => (Seconds::new(570), "because CloudFormation gives a removal up after 600 s"),
            Self::Lifecycle => (of_hidden(queue::LIFECYCLE_VISIBILITY), OF_HIDDEN),
            Self::Rebalancer => (schedule::REBALANCER_RATE, "the time until its next run"),
        }
    }
}

const OF_HIDDEN: &str = "a sixth of the time for which its queue hides a message";

/// The time limit of a function whose queue hides messages for so long.
const fn of_hidden(visibility: Seconds) -> Seconds {
    Seconds::new(visibility.get() / queue::TIMEOUTS_HIDDEN)
}

impl fmt::Display for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One value for each of the five.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerHandler<T> {
    /// For the webhook function.
    pub webhook: T,
    /// For the scale-up function.
    pub scaleup: T,
    /// For the scale-down function.
    pub scaledown: T,
    /// For the lifecycle function.
    pub lifecycle: T,
    /// For the rebalancer.
    pub rebalancer: T,
}

impl<T> PerHandler<T> {
    /// Makes a value for each, in the order of [`Handler::ALL`].
    pub fn from_fn(mut make: impl FnMut(Handler) -> T) -> Self {
        Self {
            webhook: make(Handler::Webhook),
            scaleup: make(Handler::ScaleUp),
            scaledown: make(Handler::ScaleDown),
            lifecycle: make(Handler::Lifecycle),
            rebalancer: make(Handler::Rebalancer),
        }
    }

    /// The value for `handler`.
    pub const fn get(&self, handler: Handler) -> &T {
        match handler {
            Handler::Webhook => &self.webhook,
            Handler::ScaleUp => &self.scaleup,
            Handler::ScaleDown => &self.scaledown,
            Handler::Lifecycle => &self.lifecycle,
            Handler::Rebalancer => &self.rebalancer,
        }
    }

    /// The value for `handler`, to be changed.
    pub const fn get_mut(&mut self, handler: Handler) -> &mut T {
        match handler {
            Handler::Webhook => &mut self.webhook,
            Handler::ScaleUp => &mut self.scaleup,
            Handler::ScaleDown => &mut self.scaledown,
            Handler::Lifecycle => &mut self.lifecycle,
            Handler::Rebalancer => &mut self.rebalancer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Handler;

    #[test]
    fn a_function_is_known_by_the_end_of_its_name() {
        for handler in Handler::ALL {
            assert_eq!(Handler::of_function(&format!("acme-webhook-{handler}")), Some(handler));
        }
        for name in ["", "scaleup", "acme-scaleup-", "acme-scaleup-2", "acme-notscaleup", "acme-ScaleUp"] {
            assert_eq!(Handler::of_function(name), None, "{name}");
        }
    }
}
