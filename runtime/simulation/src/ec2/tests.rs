use std::collections::BTreeSet;

use jit_runners_model::{InstanceType, Label, contract::runner_release::RunnerRelease};
use jit_runners_runtime::{
    port::InstanceState,
    record::{IntentId, Market},
};

use super::*;

const START: Time = Time::from_millis(1_700_000_000_000);

fn world(settings: Ec2Settings) -> Ec2World {
    Ec2World::new(settings, Random::new(7))
}

fn quiet() -> Ec2World {
    world(Ec2Settings::default())
}

fn after(seconds: u64) -> Time {
    START + Duration::from_secs(seconds)
}

fn launch(token: &str, count: u32) -> Launch {
    Launch {
        token: token.to_owned(),
        pool: Pool {
            instance_type: InstanceType::new("m7i.large").unwrap(),
            subnet: "subnet-0a".to_owned(),
            market: Market::Spot,
        },
        image: "ami-0123456789abcdef0".to_owned(),
        release: RunnerRelease::newest_shipped(),
        count,
        intent: IntentId::from("intent".to_owned()),
        repository: Repository::new("o/r").unwrap(),
        labels: BTreeSet::from([Label::new("linux").unwrap()]),
    }
}

fn elsewhere(token: &str, count: u32) -> Launch {
    let mut launch = launch(token, count);
    launch.pool.subnet = "subnet-0b".to_owned();
    launch
}

/// Everything that happens until `until`, with its time.
fn events(world: &mut Ec2World, until: Time) -> Vec<(Time, Ec2Event)> {
    let mut events = Vec::new();
    while let Some(at) = world.next_at().filter(|at| *at <= until) {
        let mut out = Vec::new();
        world.advance(at, &mut out);
        events.extend(out.into_iter().map(|event| (at, event)));
    }
    events
}

fn code<T: std::fmt::Debug>(result: Result<T, ComputeError>) -> String {
    match result.unwrap_err() {
        ComputeError::Refused { code, .. } => code,
        ComputeError::Unknown(reason) => panic!("{reason}"),
    }
}

#[test]
fn an_instance_boots_once_and_ends_once() {
    let mut world = quiet();
    let ids = world.run_instances(START, &launch("t", 1)).unwrap();
    assert!(ids[0].as_str().len() == 19 && ids[0].as_str().starts_with("i-"), "{}", ids[0]);
    let booted = events(&mut world, after(3_600));
    assert!(matches!(&booted[..], [(at, Ec2Event::Booted { instance })]
        if *instance == ids[0] && (after(20)..=after(45)).contains(at)));

    world.shut_down(after(4_000), &ids[0]);
    world.shut_down(after(4_001), &ids[0]);
    world.terminate(after(4_001), &ids).unwrap();
    let ended = events(&mut world, after(5_000));
    let ends: Vec<_> = ended.iter().filter(|(_, event)| matches!(event, Ec2Event::Ended { .. })).collect();
    let end = Ec2Event::Ended { instance: ids[0].clone(), cause: EndCause::ShutDown };
    assert_eq!(ends, [&(after(4_000), end)]);
    let bodies: Vec<_> = ended
        .iter()
        .filter_map(|(_, event)| match event {
            Ec2Event::Notice { body } => Some(body.contains(r#""state":"terminated""#)),
            _ => None,
        })
        .collect();
    assert_eq!(bodies.len(), 2, "one for shutting-down, one for terminated");
    assert!(bodies.contains(&true) && bodies.contains(&false));
    assert_eq!((world.live(), world.statistics().most_live), (0, 1));
}

#[test]
fn one_token_makes_one_set_of_instances() {
    let mut world = quiet();
    let first = world.run_instances(START, &launch("t", 3)).unwrap();
    assert_eq!(world.run_instances(after(1), &launch("t", 3)).unwrap(), first);
    assert_eq!((world.live(), world.statistics().repeated), (3, 1));
}

#[test]
fn a_token_of_another_call_is_refused() {
    let mut world = quiet();
    world.run_instances(START, &launch("t", 3)).unwrap();
    assert_eq!(code(world.run_instances(after(1), &launch("t", 2))), "IdempotentParameterMismatch");
    assert_eq!((world.live(), world.statistics().mismatches), (3, 1));
}

#[test]
fn a_token_makes_a_second_set_in_another_zone() {
    let mut world = quiet();
    let first = world.run_instances(START, &launch("t", 2)).unwrap();
    let second = world.run_instances(after(1), &elsewhere("t", 2)).unwrap();
    assert!(first.iter().all(|id| !second.contains(id)));
    assert_eq!((world.live(), world.statistics().second_sets), (4, 1));
}

#[test]
fn a_token_of_terminated_instances_says_so() {
    let mut world = quiet();
    let ids = world.run_instances(START, &launch("t", 2)).unwrap();
    world.terminate(after(1), &ids[..1]).unwrap();
    assert_eq!(world.run_instances(after(100), &launch("t", 2)).unwrap(), ids, "one lives");
    world.terminate(after(100), &ids).unwrap();
    assert_eq!(world.run_instances(after(100), &launch("t", 2)).unwrap(), ids, "one is shutting down");
    assert_eq!(code(world.run_instances(after(200), &launch("t", 2))), "IdempotentInstanceTerminated");
}

#[test]
fn a_failed_call_may_be_made_again_but_not_changed() {
    let scarcity = Scarcity {
        period: (Duration::from_mins(1), Duration::from_mins(1)),
        drought: 1.0,
        limited: 0.0,
        limit: 1,
    };
    let mut world = world(Ec2Settings { scarcity: Some(scarcity), ..Ec2Settings::default() });
    let refusal = code(world.run_instances(START, &launch("t", 2)));
    assert!(!refusal.starts_with("Idempotent"), "{refusal}");
    world.stop_faults();
    assert_eq!(code(world.run_instances(after(1), &launch("t", 1))), "IdempotentParameterMismatch");
    assert_eq!(world.run_instances(after(2), &launch("t", 2)).unwrap().len(), 2);
    assert_eq!(world.statistics().empty_handed, 1);
}

#[test]
fn a_pool_gives_what_it_has_and_the_token_remembers() {
    let scarcity = Scarcity {
        period: (Duration::from_hours(2), Duration::from_hours(2)),
        drought: 0.0,
        limited: 1.0,
        limit: 3,
    };
    let mut world = world(Ec2Settings { scarcity: Some(scarcity), ..Ec2Settings::default() });
    let some = world.run_instances(START, &launch("t", 10)).unwrap();
    assert!((1..=3).contains(&some.len()));
    assert_eq!(world.run_instances(after(1), &launch("t", 10)).unwrap(), some);
    world.run_instances(after(2), &launch("u", 1)).unwrap_err();
    assert!(!world.run_instances(after(3), &elsewhere("v", 1)).unwrap().is_empty(), "a pool of its own");
    assert_eq!(world.statistics().in_part, 1);
}

#[test]
fn droughts_come_and_go() {
    let scarcity = Scarcity {
        period: (Duration::from_mins(1), Duration::from_mins(10)),
        drought: 0.5,
        limited: 0.0,
        limit: 1,
    };
    let mut world = world(Ec2Settings { scarcity: Some(scarcity), ..Ec2Settings::default() });
    let fits: Vec<_> = (0..200_u64)
        .map(|minute| world.run_instances(after(minute * 60), &launch(&format!("t{minute}"), 1)).is_ok())
        .collect();
    let turns = fits.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!((5..100).contains(&turns), "{turns} turns");
}

#[test]
fn a_quota_counts_what_is_not_terminated() {
    let settings = Ec2Settings { spot_quota: Some(3), on_demand_quota: Some(1), ..Ec2Settings::default() };
    let mut partial = world(settings.clone());
    let ids = partial.run_instances(START, &launch("t", 2)).unwrap();
    assert_eq!(partial.run_instances(START, &launch("u", 2)).unwrap().len(), 1);
    assert_eq!(code(partial.run_instances(START, &launch("v", 1))), "MaxSpotInstanceCountExceeded");
    partial.terminate(after(1), &ids).unwrap();
    assert_eq!(code(partial.run_instances(after(2), &launch("v", 1))), "MaxSpotInstanceCountExceeded");
    events(&mut partial, after(60));
    assert_eq!(partial.run_instances(after(60), &launch("w", 5)).unwrap().len(), 2);

    let mut whole = world(Ec2Settings { quota_in_part: false, ..settings });
    let mut on_demand = launch("w", 2);
    on_demand.pool.market = Market::OnDemand;
    assert_eq!(code(whole.run_instances(START, &on_demand)), "VcpuLimitExceeded");
}

#[test]
fn too_many_calls_are_throttled() {
    let mut world = quiet();
    let launched: Vec<_> =
        (0..7).map(|call| world.run_instances(START, &launch(&format!("t{call}"), 1)).is_ok()).collect();
    assert_eq!(launched, [true, true, true, true, true, false, false]);
    assert_eq!(code(world.run_instances(START, &launch("x", 1))), "RequestLimitExceeded");
    let calls = &world.statistics().run_instances;
    assert_eq!((calls.made, calls.over_bucket, calls.peak), (8, 3, 8));
    assert!(world.run_instances(after(1), &launch("x", 995)).is_ok());
    assert_eq!(
        code(world.run_instances(after(2), &launch("y", 5))),
        "RequestLimitExceeded",
        "too many instances"
    );
}

#[test]
fn new_instances_are_missing_and_old_ones_are_shown_for_an_hour() {
    let late = Duration::from_secs(10);
    let mut world = world(Ec2Settings { describe_late: (late, late), ..Ec2Settings::default() });
    let ids = world.run_instances(START, &launch("t", 1)).unwrap();
    assert!(world.instances(after(9)).unwrap().is_empty());
    assert_eq!(code(world.terminate(after(9), &ids)), "InvalidInstanceID.NotFound");
    assert!(world.is_live(&ids[0]));
    events(&mut world, after(60));
    let shown = |world: &mut Ec2World, at| world.instances(at).unwrap().first().map(|it| it.state);
    assert_eq!(shown(&mut world, after(60)), Some(InstanceState::Running));
    world.terminate(after(100), &ids).unwrap();
    assert_eq!(shown(&mut world, after(109)), Some(InstanceState::Running), "seen late");
    assert_eq!(shown(&mut world, after(110)), Some(InstanceState::Ending));
    assert_eq!(shown(&mut world, after(3_600)), Some(InstanceState::Terminated));
    assert_eq!(shown(&mut world, after(3_600 + 140)), None);
    assert_eq!(code(world.terminate(after(3_740), &ids)), "InvalidInstanceID.NotFound");
}

#[test]
fn one_unknown_instance_spoils_the_batch() {
    let mut world = quiet();
    let mut ids = world.run_instances(START, &launch("t", 2)).unwrap();
    ids.push(InstanceId::new("i-0a000000000000099"));
    assert_eq!(code(world.terminate(after(1), &ids)), "InvalidInstanceID.NotFound");
    assert_eq!(world.live(), 2);
    ids.pop();
    world.terminate(after(1), &ids).unwrap();
    world.terminate(after(2), &ids).unwrap();
    assert_eq!((world.live(), world.live_of(&Repository::new("o/r").unwrap())), (0, 0));
}

#[test]
fn a_warned_interruption_comes_two_minutes_later() {
    let settings = Ec2Settings { interruptions: 60.0, warned: 1.0, ..Ec2Settings::default() };
    let mut world = world(settings);
    let ids = world.run_instances(START, &launch("t", 1)).unwrap();
    let events = events(&mut world, after(3_600));
    let at = |wanted: &Ec2Event| events.iter().find(|(_, event)| event == wanted).unwrap().0;
    let warned = at(&Ec2Event::Interrupting { instance: ids[0].clone() });
    let ended = at(&Ec2Event::Ended { instance: ids[0].clone(), cause: EndCause::Interrupted });
    assert_eq!(ended.since(warned), Duration::from_mins(2));
    let is_warning =
        |event: &Ec2Event| matches!(event, Ec2Event::Notice { body } if body.contains("Warning"));
    assert!(events.iter().any(|(at, event)| is_warning(event) && *at <= warned + Duration::from_secs(3)));
}

#[test]
fn an_unwarned_interruption_just_comes_and_only_to_spot_instances() {
    let settings =
        Ec2Settings { interruptions: 60.0, warned: 0.0, event_lost: 1.0, ..Ec2Settings::default() };
    let mut world = world(settings);
    let mut on_demand = launch("d", 5);
    on_demand.pool.market = Market::OnDemand;
    world.run_instances(START, &launch("t", 5)).unwrap();
    world.run_instances(START, &on_demand).unwrap();
    let events = events(&mut world, after(3_600));
    let is_quiet =
        |event: &Ec2Event| !matches!(event, Ec2Event::Notice { .. } | Ec2Event::Interrupting { .. });
    assert!(events.iter().all(|(_, event)| is_quiet(event)));
    assert_eq!((world.live(), world.statistics().interruptions), (5, 5));
    let lives = world.machines().iter().filter(|machine| machine.is_live());
    assert!(lives.into_iter().all(|machine| machine.market == Market::OnDemand));
}

#[test]
fn an_instance_that_ended_is_not_interrupted() {
    let mut world = world(Ec2Settings { interruptions: 0.5, ..Ec2Settings::default() });
    let ids = world.run_instances(START, &launch("t", 50)).unwrap();
    world.terminate(START, &ids).unwrap();
    let events = events(&mut world, after(24 * 3_600));
    let is_own = |event: &Ec2Event| match event {
        Ec2Event::Booted { .. } | Ec2Event::Interrupting { .. } => false,
        Ec2Event::Ended { cause, .. } => *cause == EndCause::Terminated,
        Ec2Event::Notice { body } => !body.contains("Warning"),
    };
    assert!(events.iter().all(|(_, event)| is_own(event)));
    assert_eq!((events.len(), world.statistics().interruptions), (150, 0));
}

#[test]
fn too_many_instances_cannot_be_terminated_at_once() {
    let mut world = quiet();
    let ids = world.run_instances(START, &launch("t", 600)).unwrap();
    world.terminate(after(1), &ids).unwrap();
    assert_eq!(code(world.terminate(after(1), &ids)), "RequestLimitExceeded");
    world.terminate(after(11), &ids).unwrap();
    assert_eq!(world.statistics().terminate_instances.over_bucket, 1);
}

#[test]
fn the_rate_of_interruptions_is_the_one_that_is_set() {
    let mut world = world(Ec2Settings { interruptions: 0.5, ..Ec2Settings::default() });
    world.run_instances(START, &launch("t", 1_000)).unwrap();
    events(&mut world, after(3_600));
    // 1 - exp(-0.5), and about two of sixty minutes less for the warning.
    let interrupted = world.statistics().interruptions;
    assert!((340..440).contains(&interrupted), "{interrupted}");
}

#[test]
fn a_failed_boot_dies_or_hangs() {
    let mut world = world(Ec2Settings { boot_failure: 1.0, ..Ec2Settings::default() });
    world.run_instances(START, &launch("t", 100)).unwrap();
    let events = events(&mut world, after(3_600));
    assert!(!events.iter().any(|(_, event)| matches!(event, Ec2Event::Booted { .. })));
    assert!((25..75).contains(&world.live()), "{}", world.live());
    let died = world.machines().iter().filter_map(|machine| machine.ended).map(|(_, cause)| cause);
    assert_eq!(died.collect::<BTreeSet<_>>(), BTreeSet::from([EndCause::FailedBoot]));
}

#[test]
fn a_slow_boot_takes_minutes() {
    let mut world = world(Ec2Settings { slow_boot: 1.0, ..Ec2Settings::default() });
    world.run_instances(START, &launch("t", 50)).unwrap();
    events(&mut world, after(3_600));
    let boots: Vec<_> = world.machines().iter().filter_map(|machine| machine.booted_at).collect();
    assert!(boots.len() == 50 && boots.iter().all(|at| (after(120)..=after(480)).contains(at)));
}

#[test]
fn what_is_wrong_with_the_account_is_not_a_lack_of_capacity() {
    let mut world = world(Ec2Settings { fatal: 1.0, ..Ec2Settings::default() });
    let refusal = code(world.run_instances(START, &launch("t", 1)));
    assert!(FATAL.iter().any(|(code, _)| *code == refusal), "{refusal}");
    assert_eq!((world.live(), world.statistics().empty_handed), (0, 0));
}

#[test]
fn a_token_has_64_characters_at_most() {
    let mut world = quiet();
    assert_eq!(code(world.run_instances(START, &launch(&"t".repeat(65), 1))), "InvalidParameterValue");
    assert_eq!(code(world.run_instances(START, &launch("t", 0))), "InvalidParameterValue");
    world.run_instances(START, &launch(&"t".repeat(64), 1)).unwrap();
}

#[test]
fn a_call_that_failed_may_have_been_carried_out() {
    let settings = Ec2Settings { internal_error: 1.0, internal_error_done: 1.0, ..Ec2Settings::default() };
    let mut world = world(settings);
    world.run_instances(START, &launch("t", 2)).unwrap_err();
    assert_eq!(world.live(), 2);
    world.stop_faults();
    assert_eq!(world.run_instances(after(1), &launch("t", 2)).unwrap().len(), 2);
    assert_eq!(world.live(), 2);
}

#[test]
fn faults_stop_when_the_world_is_calm() {
    let settings = Ec2Settings {
        interruptions: 1.0,
        throttle: 0.5,
        internal_error: 0.5,
        fatal: 0.5,
        boot_failure: 0.5,
        ..Ec2Settings::default()
    };
    let mut world = world(settings);
    for second in 0..60 {
        world.run_instances(after(second), &launch(&second.to_string(), 3)).ok();
    }
    world.stop_faults();
    let before = world.live();
    assert!(before > 0);
    events(&mut world, after(60));
    for second in 60..80 {
        world.run_instances(after(second), &launch(&second.to_string(), 1)).unwrap();
        world.instances(after(second)).unwrap();
    }
    events(&mut world, after(24 * 3_600));
    assert_eq!(world.statistics().interruptions, 0);
    assert!(world.next_at().is_none());
}

#[test]
fn one_seed_makes_one_world() {
    let settings = Ec2Settings {
        interruptions: 5.0,
        warned: 0.5,
        boot_failure: 0.1,
        event_lost: 0.1,
        ..Ec2Settings::default()
    };
    let run = |seed| {
        let mut world = Ec2World::new(settings.clone(), Random::new(seed));
        world.run_instances(START, &launch("t", 50)).unwrap();
        events(&mut world, after(3_600))
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
