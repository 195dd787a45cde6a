//! Tunes the settings of the two queues: runs candidates in worlds in which they matter.
//!
//! If messages are hidden for longer, Lambda retries a throttled batch for longer, and a message comes again later
//! after a crash. With more receives, a message lives longer, and a launch that cannot succeed is tried more often.
//! If a function may take longer, its unfinished launches are taken over later.

use std::{fmt, time::Duration};

use jit_runners_model::contract::Handler;

use crate::{
    campaign::Campaign,
    policy::OurPolicy,
    run::Mode,
    scenario::Scenario,
    statistics::Statistics,
    world::{QueueName, WorldError, WorldSettings},
};

/// Numbers of a queue and its function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// Which queue.
    pub queue: QueueName,
    /// How long its function may take.
    pub timeout: Duration,
    /// How long a message is hidden while the function works on it.
    pub visibility: Duration,
    /// How often a message is received before it becomes a dead letter.
    pub receives: u32,
}

/// The candidates. The first of each queue is the setting before AWS's advice was followed: six times the function's
/// time limit, and five receives or more
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>).
pub const CANDIDATES: &[Numbers] = &[
    scale_up(110, 120, 3),
    scale_up(110, 660, 5),
    scale_up(90, 180, 5),
    scale_up(90, 540, 3),
    scale_up(90, 540, 5),
    scale_up(90, 540, 10),
    scale_up(80, 480, 5),
    scale_up(60, 360, 5),
    scale_up(30, 180, 5),
    lifecycle(30, 90, 5),
    lifecycle(30, 180, 5),
    lifecycle(15, 90, 5),
];

/// The scenarios in which candidates are tried.
pub const SCENARIOS: [&str; 4] = ["matrix", "busy-account", "crashing-launches", "no-permission"];

const fn scale_up(timeout: u64, visibility: u64, receives: u32) -> Numbers {
    numbers(QueueName::ScaleUp, timeout, visibility, receives)
}

const fn lifecycle(timeout: u64, visibility: u64, receives: u32) -> Numbers {
    numbers(QueueName::Lifecycle, timeout, visibility, receives)
}

const fn numbers(queue: QueueName, timeout: u64, visibility: u64, receives: u32) -> Numbers {
    let (timeout, visibility) = (Duration::from_secs(timeout), Duration::from_secs(visibility));
    Numbers { queue, timeout, visibility, receives }
}

impl Numbers {
    /// Gives these settings to a world; all others are those of the deployment.
    pub fn set_up(self, settings: &mut WorldSettings) {
        let (handler, queue) = match self.queue {
            QueueName::ScaleUp => (Handler::ScaleUp, &mut settings.scale_up),
            QueueName::Lifecycle => (Handler::Lifecycle, &mut settings.lifecycle),
        };
        queue.visibility = self.visibility;
        queue.max_receives = self.receives;
        *settings.lambda.timeouts.get_mut(handler) = self.timeout;
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (timeout, visibility) = (self.timeout.as_secs(), self.visibility.as_secs());
        write!(f, "{} {timeout} s, {visibility} s, {}", self.queue.handler(), self.receives)
    }
}

/// The results of a candidate in one kind of world.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Numbers of all runs.
    pub statistics: Statistics,
    /// Messages of either queue that were received too often.
    pub dead_letters: u64,
    /// Batches of either queue that Lambda could not hand over.
    pub given_up: u64,
    /// The most messages in the queue of jobs at a time, in any run.
    pub most_messages: usize,
    /// Runs that broke a promise.
    pub failed: u64,
}

/// Runs a candidate in a scenario, with this many seeds.
pub fn in_scenario(scenario: &Scenario, numbers: Numbers, seeds: u64) -> Result<Figures, WorldError> {
    let mut figures = Figures::default();
    for seed in 1..=seeds {
        let mut settings = scenario.world(seed);
        numbers.set_up(&mut settings);
        let (statistics, simulator) = scenario.run(settings, OurPolicy)?;
        let world = simulator.world();
        figures.statistics.add(&statistics);
        for handler in [Handler::ScaleUp, Handler::Lifecycle] {
            figures.given_up += world.lambda.of(handler).given_up;
        }
        figures.dead_letters +=
            (world.scale_up.dead_letters().len() + world.lifecycle.dead_letters().len()) as u64;
        figures.most_messages = figures.most_messages.max(world.scale_up.statistics().most);
    }
    figures.statistics.sort();
    Ok(figures)
}

/// A candidate in worlds full of faults.
pub fn in_campaign(numbers: Numbers, seeds: u64) -> Result<Figures, WorldError> {
    let mode = Mode { numbers: Some(numbers), ..Mode::default() };
    let campaign = Campaign::run(1, seeds, false, mode, |_, _| {})?;
    let count = |path: &str| campaign.paths.get(path).map_or(0, |(count, _)| *count);
    Ok(Figures {
        dead_letters: count("dead letter"),
        given_up: count("batch throttled and given up"),
        most_messages: 0,
        failed: campaign.failed,
        statistics: campaign.statistics,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{queue::QueueSettings, scenario::named};

    /// The deployment's setting is one of the candidates, and not the former one.
    #[test]
    fn the_numbers_of_the_deployment_were_tried() {
        let settings = WorldSettings::quiet(1);
        for (queue, settled, handler) in [
            (QueueName::ScaleUp, QueueSettings::scale_up(), Handler::ScaleUp),
            (QueueName::Lifecycle, QueueSettings::lifecycle(), Handler::Lifecycle),
        ] {
            let timeout = *settings.lambda.timeouts.get(handler);
            let place = CANDIDATES.iter().filter(|it| it.queue == queue).position(|it| {
                (it.timeout, it.visibility, it.receives)
                    == (timeout, settled.visibility, settled.max_receives)
            });
            assert!(place.is_some_and(|place| place > 0), "{queue:?}: {place:?}");
        }
    }

    #[test]
    fn throttled_pollers_use_up_receives_where_messages_are_hidden_for_too_short() {
        let busy = named("busy-account").unwrap();
        let before = in_scenario(&busy, CANDIDATES[0], 2).unwrap();
        assert!(before.given_up > 0, "the world has no throttled pollers");
        let now = run_as_deployed(&busy, 2);
        assert!(now.given_up * 10 < before.given_up, "{} of {}", now.given_up, before.given_up);
        assert_eq!(now.dead_letters, 0);
    }

    fn run_as_deployed(scenario: &Scenario, seeds: u64) -> Figures {
        let settings = WorldSettings::quiet(1);
        let numbers = Numbers {
            queue: QueueName::ScaleUp,
            timeout: settings.lambda.timeouts.scaleup,
            visibility: settings.scale_up.visibility,
            receives: settings.scale_up.max_receives,
        };
        in_scenario(scenario, numbers, seeds).unwrap()
    }
}
