//! What the programs on instances do.

use std::time::Duration;

use jit_runners_model::contract::{message::Repository, runner_release::RunnerRelease};
use jit_runners_runtime::{
    port::{Launch, Registration, RegistrationTarget},
    record::{Configuration, InstanceId, Item, Market, Pool},
    time::Time,
};

use super::{Scripted, after, push, seconds, started};
use crate::{
    Simulator, World,
    agent::Stage,
    ec2::EndCause,
    fault::{Faults, MachineFaults},
    world::WorldSettings,
};

fn repository() -> Repository {
    Repository::new("o/r").unwrap()
}

/// Launches an instance, as scale-up would.
fn launch(world: &mut World) -> InstanceId {
    let launch = Launch {
        token: "token".to_owned(),
        pool: Pool {
            instance_type: jit_runners_model::InstanceType::new("t3.small").unwrap(),
            subnet: "subnet-0a".to_owned(),
            market: Market::Spot,
        },
        image: "ami-0a".to_owned(),
        release: RunnerRelease::newest_shipped(),
        count: 1,
        intent: "intent".to_owned().into(),
        repository: repository(),
        labels: std::collections::BTreeSet::new(),
    };
    world.ec2.run_instances(world.now, &launch).unwrap().remove(0)
}

/// Registers a runner for an instance and hands its configuration over.
fn configure(world: &mut World, instance: &InstanceId) {
    let label = |text| jit_runners_model::Label::new(text).unwrap();
    world.github.add_repository(&repository());
    let registration = Registration {
        target: RegistrationTarget::Repository(repository()),
        name: format!("runner-{instance}"),
        labels: [label("self-hosted"), label("small")].into(),
    };
    let encoded = world.github.register(world.now, &registration).unwrap().encoded;
    let role_id = world.environments().scaleup.runner_role_id.as_str().to_owned();
    let item: Item = Configuration { role_id, instance: instance.clone(), encoded, at: world.now }.into();
    world.table.commit(world.now, vec![jit_runners_runtime::port::Write::create(item)]).unwrap();
}

/// When and why an instance ended, that is configured or not, with a job for it or not.
fn end(faults: MachineFaults, configured: bool, job: bool) -> (Option<(u64, EndCause)>, Simulator<Scripted>) {
    let faults = Faults { machines: faults, ..Faults::default() };
    let mut run = started(WorldSettings { faults, ..WorldSettings::quiet(1) }, Scripted::default());
    let instance = launch(&mut run.world_mut());
    if configured {
        configure(&mut run.world_mut(), &instance);
    }
    if job {
        push(&mut run.world_mut(), 1);
    }
    run.run_until(after(Duration::from_hours(1)));
    let began: Time = after(Duration::ZERO);
    let ended = run.world().ec2.machine(&instance).unwrap().ended;
    (ended.map(|(at, cause)| (at.since(began).as_secs(), cause)), run)
}

#[test]
fn an_instance_takes_its_configuration_does_one_job_and_ends() {
    let (ended, run) = end(MachineFaults::default(), true, true);
    assert!(matches!(ended, Some((80..=150, EndCause::ShutDown))), "{ended:?}");
    let world = run.world();
    assert_eq!(world.github.open_jobs(), 0);
    assert_eq!(world.table.items().count(), 0, "the configuration is taken, not only read");
    assert_eq!(world.agents[0].stage, Stage::Ended);
}

#[test]
fn an_instance_without_a_configuration_ends() {
    let (ended, _) = end(MachineFaults::default(), false, true);
    assert!(matches!(ended, Some((320..=360, EndCause::ShutDown))), "{ended:?}");
}

#[test]
fn an_instance_without_a_job_ends() {
    let (ended, run) = end(MachineFaults::default(), true, false);
    assert!(matches!(ended, Some((200..=245, EndCause::ShutDown))), "{ended:?}");
    assert!(run.world().agents[0].runner.is_some());
}

#[test]
fn an_instance_whose_reads_fail_ends_as_one_without_a_configuration() {
    let faults = MachineFaults { unreadable: 1.0, ..MachineFaults::default() };
    let (ended, run) = end(faults, true, true);
    assert!(matches!(ended, Some((320..=360, EndCause::ShutDown))), "{ended:?}");
    assert_eq!(run.world().table.items().count(), 1);
}

#[test]
fn a_configuration_that_is_lost_on_its_way_is_gone() {
    let faults = MachineFaults { configuration_lost: 1.0, ..MachineFaults::default() };
    let (ended, run) = end(faults, true, true);
    assert!(matches!(ended, Some((320..=360, EndCause::ShutDown))), "{ended:?}");
    assert_eq!(run.world().table.items().count(), 0);
}

#[test]
fn an_instance_whose_runner_dies_ends() {
    let faults = MachineFaults { runner_crash: 1.0, ..MachineFaults::default() };
    let (ended, run) = end(faults, true, true);
    assert!(matches!(ended, Some((20..=70, EndCause::ShutDown))), "{ended:?}");
    assert_eq!(run.world().github.open_jobs(), 1);
}

#[test]
fn an_instance_that_hangs_does_not_end() {
    for faults in [
        MachineFaults { silent: 1.0, ..MachineFaults::default() },
        MachineFaults { never_ends: 1.0, ..MachineFaults::default() },
    ] {
        let (ended, run) = end(faults, true, true);
        assert_eq!((ended, run.world().agents[0].stage.clone()), (None, Stage::Hangs));
    }
}

#[test]
fn an_idle_runner_leaves_when_its_instance_will_be_interrupted() {
    let mut settings = WorldSettings::quiet(1);
    settings.ec2.interruptions = 1_000.0;
    settings.ec2.event_lost = 1.0;
    let mut run = started(settings, Scripted::default());
    let instance = launch(&mut run.world_mut());
    configure(&mut run.world_mut(), &instance);
    run.run_until(after(seconds(3_600)));
    let (_, cause) = run.world().ec2.machine(&instance).unwrap().ended.unwrap();
    assert_eq!(cause, EndCause::ShutDown, "two minutes before EC2 would have ended it");
}
