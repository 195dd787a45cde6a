//! What the policies of others do in small worlds.

use std::collections::BTreeSet;

use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_runtime::record::Market;

use super::*;
use crate::{Simulator, World, github::NewJob, operation::Operation, statistics::Statistics};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// A world with a rival in it.
struct Trial {
    simulator: Simulator<RivalPolicy>,
    began: Time,
}

impl Trial {
    fn new(rival: Rival, seed: u64, change: impl FnOnce(&mut WorldSettings)) -> Self {
        let mut settings = WorldSettings::quiet(seed);
        change(&mut settings);
        rival.set_up(&mut settings);
        let began = settings.began;
        Self { simulator: Simulator::new(settings, rival.policy()).unwrap(), began }
    }

    /// Has something done.
    fn at(&mut self, at: Duration, act: impl FnOnce(&mut World) + 'static) {
        self.simulator.world_mut().at(self.began + at, act);
    }

    /// Pushes `jobs` jobs of ten minutes.
    fn push(mut self, at: Duration, jobs: usize) -> Self {
        let labels: BTreeSet<_> =
            ["self-hosted", "large"].map(|label| Label::new(label).unwrap()).into_iter().collect();
        let job = NewJob { labels, duration: MINUTE * 10, ..NewJob::default() };
        let repository = Repository::new("octo/cat").unwrap();
        self.at(at, move |world| {
            let now = world.now;
            world.github.push(now, &repository, vec![job; jobs]);
        });
        self
    }

    fn run(mut self, time: Duration) -> (Statistics, Simulator<RivalPolicy>) {
        self.simulator.run_until(self.began + time);
        let statistics = Statistics::of(&self.simulator.world(), self.began);
        (statistics, self.simulator)
    }
}

#[test]
fn each_webhook_leads_to_one_launch_thirty_seconds_later() {
    let trial = Trial::new(Rival::PerWebhook, 1, |_| {});
    let began = trial.began;
    let (statistics, simulator) = trial.push(SECOND, 1).run(MINUTE * 30);
    let world = simulator.world();
    let [machine] = world.ec2.machines() else { panic!("{}", world.ec2.machines().len()) };
    let after = machine.launched_at.since(began);
    assert!((SECOND * 31..SECOND * 37).contains(&after), "{after:?}");
    assert_eq!((statistics.started, world.ec2.live()), (1, 0));
}

#[test]
fn ten_messages_are_one_fleet() {
    let (statistics, simulator) = Trial::new(Rival::PerWebhook, 1, |_| {}).push(SECOND, 10).run(MINUTE * 30);
    let fleets = simulator.world().calls.of(Operation::CreateFleet).made;
    assert!((1..=4).contains(&fleets), "{fleets}");
    assert_eq!((statistics.launched, statistics.started), (10, 10));
}

#[test]
fn a_job_whose_runner_another_job_took_waits_for_ever_if_github_is_asked_once() {
    let stranded = |rival: Rival| {
        let run = |seed| {
            let trial = Trial::new(rival, seed, |settings| settings.github.oldest_first = 0.0);
            trial.push(SECOND, 1).push(SECOND * 45, 1).run(MINUTE * 60).0.stranded
        };
        (0..30).map(run).sum::<u64>()
    };
    assert!(stranded(Rival::PerWebhookIfQueued) > 0);
    for rival in [Rival::PerWebhook, Rival::PerWebhookWithRetry, Rival::ListsOnWebhook] {
        assert_eq!(stranded(rival), 0, "{rival:?}");
    }
}

#[test]
fn a_job_that_was_cancelled_is_launched_for_unless_github_is_asked() {
    let launched = |rival| {
        let mut trial = Trial::new(rival, 1, |_| {}).push(SECOND, 1);
        trial.at(SECOND * 10, |world| {
            let now = world.now;
            let runs: BTreeSet<_> = world.github.all_jobs().map(|job| job.run).collect();
            for run in runs {
                world.github.cancel(now, run);
            }
        });
        trial.run(MINUTE * 30).0.launched
    };
    // Who counts does not wait, and had launched before.
    assert_eq!(Rival::ALL.map(launched), [1, 0, 0, 1]);
}

#[test]
fn a_lost_webhook_is_found_with_the_next_one_by_those_who_count() {
    let stranded = |rival| {
        let mut trial = Trial::new(rival, 1, |settings| settings.github.webhook_lost = 1.0);
        trial.at(SECOND * 20, |world| {
            world.github.settings_mut().webhook_lost = 0.0;
        });
        trial.push(SECOND, 1).push(MINUTE, 1).run(MINUTE * 60).0.stranded
    };
    assert_eq!(stranded(Rival::PerWebhook), 1);
    assert_eq!(stranded(Rival::PerWebhookIfQueued), 1);
    assert_eq!(stranded(Rival::ListsOnWebhook), 0);
}

#[test]
fn without_spot_capacity_the_fleet_is_bought_on_demand() {
    for rival in Rival::ALL {
        let trial = Trial::new(rival, 1, |settings| {
            settings.ec2.spot_drought = Some((settings.began, settings.began + MINUTE * 60));
        });
        let (statistics, simulator) = trial.push(SECOND, 3).run(MINUTE * 30);
        assert_eq!(statistics.started, 3, "{rival:?}");
        assert!(simulator.world().ec2.machines().iter().all(|it| it.market == Market::OnDemand), "{rival:?}");
    }
}

#[test]
fn an_outage_of_github_costs_the_batch_that_asks_and_delays_the_one_that_does_not() {
    let started = |rival| {
        let trial = Trial::new(rival, 1, |settings| {
            settings.github.outages = vec![(settings.began + SECOND * 20, settings.began + MINUTE * 10)];
        });
        trial.push(SECOND, 1).run(MINUTE * 60).0.started
    };
    assert_eq!(Rival::ALL.map(started), [1, 0, 0, 1]);
}

#[test]
fn jobs_beyond_the_cap_come_back_until_there_is_room() {
    for rival in [Rival::PerWebhook, Rival::PerWebhookIfQueued, Rival::ListsOnWebhook] {
        let trial = Trial::new(rival, 1, |settings| {
            settings.variables.insert("MAX_RUNNERS_PER_REPOSITORY".to_owned(), "1".to_owned());
        });
        assert_eq!(trial.push(SECOND, 2).run(MINUTE * 60).0.started, 2, "{rival:?}");
    }
}

#[test]
fn an_instance_that_never_listens_is_ended_and_a_busy_one_is_not() {
    for rival in Rival::ALL {
        let silent = Trial::new(rival, 1, |settings| settings.faults.machines.silent = 1.0);
        let (statistics, simulator) = silent.push(SECOND, 1).run(MINUTE * 30);
        assert!(statistics.launched > 0 && simulator.world().ec2.live() == 0, "{rival:?}");
        let (_, simulator) = Trial::new(rival, 1, |_| {}).push(SECOND, 1).run(MINUTE * 20);
        let ends: Vec<_> = simulator.world().github.all_jobs().map(|job| job.conclusion).collect();
        assert_eq!(ends, [Some("success")], "{rival:?}");
    }
}

#[test]
fn a_forged_webhook_is_refused() {
    let mut trial = Trial::new(Rival::PerWebhook, 1, |_| {});
    trial.at(Duration::ZERO, |world| world.post(Request::default()));
    let (statistics, simulator) = trial.run(MINUTE);
    assert_eq!((statistics.launched, simulator.world().lambda.failed_webhooks), (0, 1));
}

#[test]
fn runners_that_take_jobs_strictly_in_order_strand_them_all_the_same() {
    let scenario = crate::scenario::named("fifty-jobs").unwrap();
    let stranded = |seed| {
        let mut settings = scenario.world(seed);
        settings.github.oldest_first = 1.0;
        Rival::PerWebhookIfQueued.set_up(&mut settings);
        scenario.run(settings, Rival::PerWebhookIfQueued.policy()).unwrap().0.stranded
    };
    assert!((1..=3).all(|seed| stranded(seed) > 0));
}
