//! The deployment is made, changed, rolled back and removed while its functions work.

use std::{collections::BTreeMap, time::Duration};

use jit_runners_model::{
    Label,
    contract::{Handler, message::Repository, table::Key},
};
use jit_runners_runtime::{record::Item, time::Time};

use super::{after, seconds, started};
use crate::{
    Simulator, World,
    github::NewJob,
    operation::Operation,
    policy::OurPolicy,
    stack::{Deploying, Tool},
    world::WorldSettings,
};

const TOOLS: [Tool; 2] = [Tool::CloudFormation, Tool::Terraform];

fn quiet(tool: Tool) -> WorldSettings {
    WorldSettings { tool, ..WorldSettings::quiet(1) }
}

/// Jobs with this duration.
fn push(world: &mut World, jobs: u32, duration: Duration) {
    let label = |text| Label::new(text).unwrap();
    let job = |_| NewJob { labels: [label("self-hosted")].into(), duration, ..NewJob::default() };
    let repository = Repository::new("o/r").unwrap();
    world.github.push(world.now, &repository, (0..jobs).map(job).collect());
}

/// A run with jobs, during which somebody changes or removes the deployment.
fn run(settings: WorldSettings, jobs: u32, duration: Duration) -> Simulator<OurPolicy> {
    let mut run = started(settings, OurPolicy);
    run.world_mut().at(after(seconds(5)), move |world| push(world, jobs, duration));
    run
}

fn deploy(run: &mut Simulator<OurPolicy>, at: Duration, what: Deploying) {
    run.world_mut().at(after(at), move |world| world.deploy(what));
}

/// Runs until some time after the functions are gone. Returns the runners that are still registered although they had
/// no job when the removal was done.
fn until_removed(run: &mut Simulator<OurPolicy>) -> Vec<u64> {
    let mut busy: BTreeMap<u64, Time> = BTreeMap::new();
    let mut idle = Vec::new();
    while !run.world().stack.is_gone() {
        assert!(run.step().is_some_and(|at| at < after(Duration::from_hours(2))), "it is never removed");
        let world = run.world();
        if world.stack.removal_asked_at.is_none() {
            continue;
        }
        // GitHub may take a job from the runner of a lost machine at any moment.
        busy.extend(world.github.registrations().filter(|it| it.busy).map(|it| (it.id, world.now)));
        if let Some(at) = world.stack.ended_at.filter(|at| *at == world.now) {
            assert!(world.ec2.machines().iter().all(|machine| machine.is_terminated(at)), "too early");
            let had_job = |id: &u64| busy.get(id).is_some_and(|last| at.since(*last) < seconds(5));
            idle = world.github.registrations().map(|it| it.id).filter(|id| !had_job(id)).collect();
        }
    }
    let launched = run.world().ec2.statistics().launched;
    let later = run.world().now + Duration::from_mins(30);
    run.run_until(later);
    let world = run.world();
    assert_eq!((world.ec2.live(), world.ec2.statistics().launched), (0, launched), "nothing follows");
    assert_eq!(world.stack.wrong_answers, 0);
    idle
}

#[test]
fn what_is_not_a_removal_ends_nothing() {
    for tool in TOOLS {
        let mut run = run(quiet(tool), 3, Duration::from_mins(20));
        for (minutes, what) in [(3, Deploying::Create), (5, Deploying::Update), (7, Deploying::RollBack)] {
            deploy(&mut run, Duration::from_mins(minutes), what);
        }
        run.run_until(after(Duration::from_mins(10)));
        {
            let world = run.world();
            assert_eq!((world.ec2.live(), world.github.open_jobs()), (3, 3), "{tool:?}");
            assert!(world.stack.has_spot_role);
            let asked = if tool == Tool::CloudFormation { 3 } else { 2 };
            assert_eq!((world.stack.done, world.stack.failed), (asked, 0), "{tool:?}");
            assert_eq!(world.calls.of(Operation::AnswerRequest).made > 0, tool == Tool::CloudFormation);
        }
        run.run_until(after(Duration::from_mins(40)));
        assert_eq!((run.world().ec2.live(), run.world().github.open_jobs()), (0, 0), "all jobs are done");
    }
}

#[test]
fn a_removal_ends_busy_runners_and_leaves_nothing() {
    for tool in TOOLS {
        let mut run = run(quiet(tool), 3, Duration::from_hours(2));
        deploy(&mut run, Duration::from_mins(5), Deploying::Remove);
        // Jobs go on coming.
        run.world_mut().at(after(seconds(302)), |world| push(world, 4, Duration::from_mins(1)));
        assert_eq!(until_removed(&mut run), [0; 0], "{tool:?}: GitHub lets those go that are idle");
        let world = run.world();
        assert_eq!((world.stack.done, world.stack.failed, world.ec2.statistics().launched), (1, 0, 3));
        let took = world.stack.ended_at.unwrap().since(world.stack.removal_asked_at.unwrap());
        assert!(took < Duration::from_mins(2), "{tool:?}: {took:?}");
        assert_eq!(world.lambda.of(Handler::ScaleDown).timed_out, 0);
    }
}

/// From the push to running runners, with a removal at every moment in between.
#[test]
fn a_launch_that_is_under_way_is_found_and_ended() {
    for tool in TOOLS {
        for tenths in (40..800).step_by(7) {
            let mut run = run(quiet(tool), 12, Duration::from_mins(30));
            deploy(&mut run, Duration::from_millis(tenths * 100), Deploying::Remove);
            let idle = until_removed(&mut run);
            assert!(idle.is_empty(), "{tool:?}, removed after {tenths} tenths of a second: {idle:?}");
            assert_eq!(run.world().stack.failed, 0, "{tool:?}, {tenths}");
        }
    }
}

#[test]
fn github_keeps_nobody_from_a_removal() {
    for tool in TOOLS {
        let mut settings = quiet(tool);
        settings.github.outages = vec![(after(Duration::from_mins(4)), after(Duration::from_hours(3)))];
        let mut run = run(settings, 5, Duration::from_mins(30));
        deploy(&mut run, Duration::from_mins(5), Deploying::Remove);
        drop(until_removed(&mut run));
        let world = run.world();
        assert_eq!((world.stack.done, world.stack.failed), (1, 0));
        let took = world.stack.ended_at.unwrap().since(world.stack.removal_asked_at.unwrap());
        assert!(took < Duration::from_mins(5), "{tool:?}: {took:?}");
    }
}

/// More instances than EC2 terminates at once, and more registrations than GitHub removes in that time.
#[test]
fn a_large_fleet_is_removed_within_the_limits_of_ec2_and_github() {
    let mut settings = quiet(Tool::CloudFormation);
    for name in ["MAX_RUNNERS", "MAX_RUNNERS_PER_REPOSITORY"] {
        settings.variables.insert(name.to_owned(), "2000".to_owned());
    }
    let mut run = run(settings, 1_100, Duration::from_hours(3));
    deploy(&mut run, Duration::from_mins(25), Deploying::Remove);
    run.run_until(after(Duration::from_mins(25)));
    assert!(run.world().ec2.live() > 900, "{}", run.world().ec2.live());
    drop(until_removed(&mut run));
    let world = run.world();
    assert_eq!((world.stack.done, world.stack.failed), (1, 0));
    let ec2 = world.ec2.statistics();
    assert_eq!((ec2.terminate_instances.over_bucket, ec2.describe_instances.over_bucket), (0, 0));
    let github = world.github.calls();
    assert_eq!((github.primary_hits, github.registration_hits, github.secondary_hits), (0, 0, 0));
}

#[test]
fn a_removal_that_fails_is_done_when_it_is_asked_for_again() {
    for tool in TOOLS {
        let mut settings = quiet(tool);
        // Nothing ends in the time of one invocation.
        let slow = Duration::from_mins(12);
        settings.ec2.ending = (slow, slow);
        let mut run = run(settings, 2, Duration::from_hours(2));
        deploy(&mut run, Duration::from_mins(5), Deploying::Remove);
        drop(until_removed(&mut run));
        let world = run.world();
        assert_eq!((world.stack.done, world.stack.failed), (1, 1), "{tool:?}");
        assert_eq!(world.lambda.of(Handler::ScaleDown).timed_out, 0, "it answers before it is ended");
    }
}

/// A deployment works again if its removal failed and it is deployed again.
#[test]
fn deploying_again_lifts_the_stop() {
    let mut run = run(quiet(Tool::Terraform), 1, Duration::from_mins(1));
    run.world_mut().at(after(seconds(1)), |world| {
        let mut fleet = jit_runners_runtime::record::Fleet::default();
        fleet.stop(world.now);
        world.commit(vec![jit_runners_runtime::port::Write::create(fleet)]).unwrap();
    });
    run.run_until(after(Duration::from_mins(6)));
    {
        let world = run.world();
        assert_eq!(
            (world.ec2.statistics().launched, world.github.open_jobs()),
            (0, 1),
            "launches are stopped"
        );
        assert_eq!(world.scale_up.len(), 0, "the job waits in the ledger");
        assert!(world.observed["stopped"] >= 5, "the rebalancer says so each minute");
        assert!(!world.observed.contains_key("deferred"), "that is no lack of slots");
    }
    deploy(&mut run, Duration::from_mins(7), Deploying::Update);
    run.run_until(after(Duration::from_mins(15)));
    let world = run.world();
    assert_eq!((world.ec2.statistics().launched, world.github.open_jobs()), (1, 0));
    let fleet = world.table.peek(&Key::fleet()).unwrap();
    assert!(matches!(&fleet.item, Item::Fleet(fleet) if !fleet.is_stopped()));
}
