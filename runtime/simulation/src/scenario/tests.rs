//! Scenarios.

use super::*;
use crate::policy::OurPolicy;

#[test]
fn every_scenario_has_a_name_of_its_own_and_demand() {
    let mut names: Vec<_> = Scenario::all().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), 14);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 14);
    for scenario in Scenario::all() {
        assert_eq!(Scenario::named(scenario.name).map(|found| found.shows), Some(scenario.shows));
        let pushes = (scenario.demand)(&mut Random::new(1).fork(scenario.name));
        assert!(
            !pushes.is_empty() && pushes.iter().all(|push| push.at < scenario.lasts),
            "{}",
            scenario.name
        );
    }
}

#[test]
fn the_number_of_jobs_is_what_the_name_says() {
    let jobs = |name: &str| Scenario::named(name).unwrap().jobs();
    let named = ["one-job", "fifty-jobs", "matrix", "five-thousand", "jobs-1", "jobs-100", "jobs-10000"];
    assert_eq!(named.map(jobs), [1, 50, 256, 5_000, 1, 100, 10_000]);
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let scenario = Scenario::named("cancelling-pushes").unwrap();
    let fingerprint = |seed| {
        let (_, simulator) = scenario.run(scenario.world(seed), OurPolicy).unwrap();
        simulator.world().trace.fingerprint()
    };
    assert_eq!(fingerprint(7), fingerprint(7));
    assert_ne!(fingerprint(7), fingerprint(8));
}

#[test]
fn our_handlers_leave_nobody_waiting() {
    for name in ["one-job", "fifty-jobs", "lost-webhooks", "spot-drought", "github-outage"] {
        let scenario = Scenario::named(name).unwrap();
        let (statistics, simulator) = scenario.run(scenario.world(1), OurPolicy).unwrap();
        assert_eq!(statistics.stranded, 0, "{name}");
        assert_eq!(simulator.world().ec2.live(), 0, "{name}");
    }
}
