//! Why instances ended is told: once, by whoever notices, and for few calls.

use std::{collections::BTreeMap, time::Duration};

use jit_runners_model::contract::Handler;
use jit_runners_runtime::{port::Observation, record::InstanceId};

use super::{after, push, started};
use crate::{call::Operation, ec2::Ec2Settings, policy::OurPolicy, world::WorldSettings};

/// What a run of three jobs came to.
struct Run {
    /// Codes that were told, by instance.
    told: BTreeMap<InstanceId, Vec<String>>,
    launched: usize,
    /// Questions of lifecycle.
    asked: u64,
}

fn run(ec2: Ec2Settings) -> Run {
    let mut run = started(WorldSettings { ec2, ..WorldSettings::quiet(1) }, OurPolicy);
    run.world_mut().at(after(Duration::from_secs(5)), |world| push(world, 3));
    let mut told: BTreeMap<_, Vec<_>> = BTreeMap::new();
    while run.next_at().is_some_and(|at| at < after(Duration::from_hours(1))) {
        run.step();
        for (_, observation) in &run.world().happened.observations {
            if let Observation::EndedEarly { instance, reason, .. } = observation {
                told.entry(instance.clone()).or_default().push(reason.code.clone());
            }
        }
    }
    let world = run.world();
    Run {
        told,
        launched: world.ec2.machines().len(),
        asked: world.calls.by(Handler::Lifecycle, Operation::DescribeSomeInstances),
    }
}

#[track_caller]
fn each_is_told_once(run: &Run, code: &str) {
    assert!(run.launched > 3, "{} instances", run.launched);
    // The last ones may not have been noticed yet when the run ends.
    assert!(run.told.len() <= run.launched && run.launched <= run.told.len() + 3, "{}", run.told.len());
    for (instance, codes) in &run.told {
        assert_eq!(codes, &[code], "{instance}");
    }
}

#[test]
fn an_instance_whose_volume_cannot_be_decrypted_is_told_with_its_reason() {
    let run = run(Ec2Settings { key_forbidden: 1.0, ..Ec2Settings::default() });
    each_is_told_once(&run, "Client.InternalError");
    assert!(run.asked <= run.launched as u64, "{} questions for {} instances", run.asked, run.launched);
}

#[test]
fn without_events_scale_down_tells() {
    let run = run(Ec2Settings { key_forbidden: 1.0, event_lost: 1.0, ..Ec2Settings::default() });
    each_is_told_once(&run, "Client.InternalError");
    assert_eq!(run.asked, 0);
}

/// EC2 shows the end later than it tells of it.
#[test]
fn a_reason_that_is_shown_late_is_told_all_the_same() {
    let describe_late = (Duration::from_secs(20), Duration::from_secs(40));
    let run = run(Ec2Settings { boot_failure: 1.0, hanging: 0.0, describe_late, ..Ec2Settings::default() });
    each_is_told_once(&run, "Server.InternalError");
    assert!(run.asked <= 2 * run.launched as u64, "{} questions for {} instances", run.asked, run.launched);
}

#[test]
fn nothing_is_asked_where_every_instance_has_its_job() {
    let run = run(Ec2Settings::default());
    assert_eq!((run.launched, run.told.len(), run.asked), (3, 0, 0));
}
