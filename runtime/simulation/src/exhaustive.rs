//! Small scenarios with every possible fault: each call of each handler fails in each way, and each message comes
//! twice; and with every two of these together.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_runtime::time::Time;

use crate::{
    Simulator,
    fault::{CallFault, PlannedFaults},
    github::NewJob,
    policy::OurPolicy,
    promise::{Violation, Watch, is_quiet},
    run::{Paths, advance},
    world::{World, WorldError, WorldSettings},
};

/// A small scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Small {
    /// One job, from its webhook to its end.
    OneJob,
    /// Two jobs of one label set; one is cancelled before it starts.
    OneOfTwoCancelled,
    /// A job whose instance is taken back before it has the job.
    SpotLoss,
    /// A job whose webhooks are all lost.
    LostWebhook,
    /// Two jobs, and room for one instance.
    FullFleet,
    /// A job for which the first pools have no capacity.
    NoCapacity,
}

impl Small {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::OneJob,
        Self::OneOfTwoCancelled,
        Self::SpotLoss,
        Self::LostWebhook,
        Self::FullFleet,
        Self::NoCapacity,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneJob => "one job",
            Self::OneOfTwoCancelled => "one of two jobs cancelled",
            Self::SpotLoss => "spot loss before the job",
            Self::LostWebhook => "lost webhook",
            Self::FullFleet => "full fleet",
            Self::NoCapacity => "no capacity at first",
        }
    }

    fn settings(self) -> WorldSettings {
        let mut settings = WorldSettings::quiet(7);
        settings.variables.insert("SUBNET_IDS".to_owned(), "subnet-0a".to_owned());
        match self {
            Self::OneJob | Self::OneOfTwoCancelled | Self::SpotLoss => {}
            Self::LostWebhook => settings.github.webhook_lost = 1.0,
            Self::FullFleet => drop(settings.variables.insert("MAX_RUNNERS".to_owned(), "1".to_owned())),
            Self::NoCapacity => settings.ec2.spot_quota = Some(0),
        }
        settings
    }

    fn schedule(self, world: &mut World) {
        let began = world.now;
        let jobs = match self {
            Self::OneJob | Self::SpotLoss | Self::LostWebhook | Self::NoCapacity => 1,
            Self::OneOfTwoCancelled | Self::FullFleet => 2,
        };
        world.at(began + Duration::from_secs(1), move |world| {
            let now = world.now;
            if let Ok(repository) = Repository::new("octo/one") {
                world.github.push(now, &repository, (0..jobs).map(|_| job()).collect());
            }
        });
        match self {
            Self::OneOfTwoCancelled => world.at(began + Duration::from_secs(20), |world| {
                let (now, first) = (world.now, world.github.all_jobs().next().map(|job| job.job.clone()));
                first.map(|job| world.github.cancel_job(now, &job));
            }),
            // As when EC2 takes a spot instance back: the instance is told to shut down.
            Self::SpotLoss => world.at(began + Duration::from_secs(15), |world| {
                let (now, first) =
                    (world.now, world.ec2.machines().first().map(|machine| machine.id.clone()));
                if let Some(instance) = first {
                    world.ec2.shut_down(now, &instance);
                }
            }),
            Self::OneJob | Self::LostWebhook | Self::FullFleet | Self::NoCapacity => {}
        }
    }
}

fn job() -> NewJob {
    let labels: BTreeSet<_> = Label::new("self-hosted").into_iter().collect();
    NewJob { labels, duration: Duration::from_secs(40), ..NewJob::default() }
}

/// The results of the runs of one scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Result {
    /// The scenario.
    pub scenario: Small,
    /// Calls of the run without a fault.
    pub calls: u64,
    /// Messages of it.
    pub messages: u64,
    /// Runs.
    pub runs: u64,
    /// What went wrong: the fault, and the promise.
    pub failures: Vec<(PlannedFaults, Violation)>,
}

/// After this a run must be over.
const LIMIT: Duration = Duration::from_mins(75);
/// How often a run looks whether it is over.
const LOOKS_EVERY: Duration = Duration::from_secs(30);

/// Runs `scenario` with every single fault; with `pairs`, also with every two faults.
pub fn exhaust(scenario: Small, pairs: bool) -> std::result::Result<Result, WorldError> {
    let (violations, calls, messages) = run(scenario, PlannedFaults::default())?;
    let mut result = Result { scenario, calls, messages, runs: 1, failures: Vec::new() };
    result.failures.extend(violations.into_iter().map(|violation| (PlannedFaults::default(), violation)));
    let of_calls =
        (1..=calls).flat_map(|number| CallFault::ALL.map(|fault| PlannedFaults::of_call(number, fault)));
    let singles: Vec<_> = of_calls.chain((1..=messages).map(PlannedFaults::of_message)).collect();
    for (place, plan) in singles.iter().enumerate() {
        result.add(plan)?;
        if pairs {
            for other in singles.iter().skip(place + 1) {
                result.add(&plan.clone().and(other))?;
            }
        }
    }
    Ok(result)
}

impl Result {
    fn add(&mut self, plan: &PlannedFaults) -> std::result::Result<(), WorldError> {
        let (violations, ..) = run(self.scenario, plan.clone())?;
        self.runs += 1;
        self.failures.extend(violations.into_iter().map(|violation| (plan.clone(), violation)));
        Ok(())
    }
}

/// One run: the broken promises, and how many calls and messages there were.
fn run(scenario: Small, plan: PlannedFaults) -> std::result::Result<(Vec<Violation>, u64, u64), WorldError> {
    let mut settings = scenario.settings();
    settings.plan = plan;
    let began: Time = settings.began;
    let mut simulator = Simulator::new(settings, OurPolicy)?;
    scenario.schedule(&mut simulator.world_mut());
    let mut watch = Watch::new(&simulator.world());
    let mut paths = Paths::default();
    watch.faults_stopped(&simulator.world());
    let mut next = began + Duration::from_secs(2);
    while next < began + LIMIT {
        advance(&mut simulator, next, &mut watch, &mut paths, |_| {});
        if is_quiet(&simulator.world()) {
            break;
        }
        next = next + LOOKS_EVERY;
    }
    let world = simulator.world();
    watch.at_end(&world);
    Ok((watch.violations().to_vec(), world.calls.total(), world.messages))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fault_anywhere_breaks_no_promise() {
        for scenario in Small::ALL {
            let result = exhaust(scenario, false).unwrap();
            assert!(result.runs > 150, "{} has {} runs only", scenario.name(), result.runs);
            let first = result.failures.first();
            assert!(first.is_none(), "{}, {} failures: {first:?}", scenario.name(), result.failures.len());
        }
    }
}
