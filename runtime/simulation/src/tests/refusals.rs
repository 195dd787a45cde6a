//! Lasting refusals of EC2, and reasons of ends: each is found out once, shared by all invocations, and reported
//! once.

use std::{collections::BTreeMap, time::Duration};

use jit_runners_model::{InstanceType, contract::Handler};
use jit_runners_runtime::{port::Observation, record::InstanceId};

use super::{after, push, started};
use crate::{
    Simulator,
    ec2::{Absent, Ec2Settings},
    operation::Operation,
    policy::OurPolicy,
    world::WorldSettings,
};

/// The image of every label here.
const IMAGE: &str = "ami-0123456789abcdef0";
/// As the defaults have it.
const SMALL: &str =
    r#"[{"label":"small","instance_type":"t2.small","instance_types":["t2.small","t3.small"]}]"#;

/// The results of a run.
struct Run {
    simulator: Simulator<OurPolicy>,
    told: Vec<Observation>,
}

impl Run {
    /// A world in which a job is pushed every three minutes for an hour, and everything should be over `end` later.
    fn new(ec2: Ec2Settings) -> Self {
        let mut settings = WorldSettings { ec2, ..WorldSettings::quiet(1) };
        settings.variables.insert("LABEL_MAPPINGS".to_owned(), SMALL.to_owned());
        let mut simulator = started(settings, OurPolicy);
        for number in 0..20 {
            simulator.world_mut().at(after(Duration::from_mins(3 * number)), |world| push(world, 1));
        }
        Self { simulator, told: Vec::new() }
    }

    fn until(&mut self, minutes: u64) -> &mut Self {
        while self.simulator.next_at().is_some_and(|at| at < after(Duration::from_mins(minutes))) {
            self.simulator.step();
            let world = self.simulator.world();
            self.told.extend(world.happened.observations.iter().map(|(_, told)| told.clone()));
        }
        self
    }

    fn to_its_end(ec2: Ec2Settings) -> Self {
        let mut run = Self::new(ec2);
        run.until(75).all_jobs_are_done();
        run
    }

    #[track_caller]
    fn all_jobs_are_done(&self) {
        let world = self.simulator.world();
        assert_eq!((world.github.open_jobs(), world.ec2.live()), (0, 0));
        assert_eq!(world.github.all_jobs().filter(|job| job.runner_id.is_some()).count(), 20);
    }

    fn made(&self, operation: Operation) -> u64 {
        self.simulator.world().calls.by(Handler::ScaleUp, operation)
    }

    fn observed(&self, kind: &str) -> u64 {
        self.simulator.world().observed.get(kind).copied().unwrap_or_default()
    }

    /// Why nothing could be launched, each time.
    fn unlaunchable(&self) -> Vec<&str> {
        let reasons = self.told.iter().filter_map(|told| match told {
            Observation::Unlaunchable { reason, .. } => Some(reason.as_str()),
            _ => None,
        });
        reasons.collect()
    }
}

fn absent(instance_type: &str, subnet: Option<&str>) -> Absent {
    let instance_type = InstanceType::new(instance_type).unwrap();
    Absent { instance_type, subnet: subnet.map(str::to_owned) }
}

#[test]
fn a_quiet_region_is_asked_about_an_image_once() {
    let run = Run::to_its_end(Ec2Settings::default());
    assert_eq!(run.made(Operation::DescribeImages), 1);
}

#[test]
fn a_type_that_the_region_does_not_have_is_asked_for_once_in_each_pool() {
    let run =
        Run::to_its_end(Ec2Settings { absent: vec![absent("t2.small", None)], ..Ec2Settings::default() });
    // Three subnets, on spot: the next type is there.
    assert_eq!((run.simulator.world().ec2.statistics().absent, run.observed("not offered")), (3, 3));
}

#[test]
fn a_type_that_one_zone_does_not_have_is_asked_for_once_there() {
    let zone = absent("t2.small", Some("subnet-0b"));
    let run = Run::to_its_end(Ec2Settings { absent: vec![zone], ..Ec2Settings::default() });
    assert_eq!(run.simulator.world().ec2.statistics().absent, 1);
}

#[test]
fn without_spot_jobs_run_on_demand_and_somebody_is_told() {
    let run = Run::to_its_end(Ec2Settings { spot_forbidden: true, ..Ec2Settings::default() });
    let asked = run.simulator.world().ec2.statistics().forbidden_spot;
    assert!((1..=3).contains(&asked), "spot was asked for {asked} times in an hour");
    assert_eq!(run.observed("no spot"), u64::from(asked));
}

#[test]
fn a_type_that_is_nowhere_is_asked_for_seldom_and_told() {
    let both = vec![absent("t2.small", None), absent("t3.small", None)];
    let mut run = Run::new(Ec2Settings { absent: both, ..Ec2Settings::default() });
    run.until(75);
    // Twelve pools, each after five minutes at the earliest. An invocation may begin before another one has stored the
    // refusal.
    let asked = run.made(Operation::RunInstances);
    assert!(asked <= 12 * 16, "{asked} calls of RunInstances");
    assert!(
        run.unlaunchable().iter().any(|why| why.contains("t2.small, t3.small")),
        "{:?}",
        run.unlaunchable()
    );
    run.simulator.world_mut().ec2.settings_mut().absent.clear();
    run.until(75 + 30).all_jobs_are_done();
}

#[test]
fn an_image_of_another_architecture_launches_nothing_and_is_told() {
    let architectures = [(IMAGE.to_owned(), "arm64".to_owned())].into();
    let mut run = Run::new(Ec2Settings { architectures, ..Ec2Settings::default() });
    run.until(75);
    assert_eq!((run.made(Operation::RunInstances), run.made(Operation::DescribeImages)), (0, 1));
    let why = run.unlaunchable();
    assert!(!why.is_empty() && why.len() <= 20 * 75 / 5, "{}", why.len());
    assert!(
        why[0].contains(IMAGE) && why[0].contains("arm64") && why[0].contains("t2.small is x86_64"),
        "{}",
        why[0]
    );
    assert!(run.simulator.world().scale_up.dead_letters().is_empty(), "the jobs are in the ledger");
}

#[test]
fn an_image_that_is_not_there_launches_nothing_until_it_is() {
    let missing_images = [IMAGE.to_owned()].into();
    let mut run = Run::new(Ec2Settings { missing_images, ..Ec2Settings::default() });
    run.until(60);
    assert_eq!(run.made(Operation::RunInstances), 0);
    let asked = run.made(Operation::DescribeImages);
    assert!(asked <= 60 / 5 + 3, "{asked} questions about one image in an hour");
    assert!(run.unlaunchable()[0].contains("EC2 does not find image ami-0123456789abcdef0"));
    run.simulator.world_mut().ec2.settings_mut().missing_images.clear();
    run.until(85).all_jobs_are_done();
}

#[test]
fn a_question_that_is_not_answered_stops_no_launch() {
    let run = Run::to_its_end(Ec2Settings { questions_forbidden: true, ..Ec2Settings::default() });
    let asked = run.made(Operation::DescribeImages);
    assert!(asked <= 75 / 15 + 3, "{asked} questions in an hour");
}

/// What EC2 itself would say without `DescribeImages`.
#[test]
fn without_an_answer_a_launch_that_does_not_fit_fails() {
    let architectures = [(IMAGE.to_owned(), "arm64".to_owned())].into();
    let settings = Ec2Settings { questions_forbidden: true, architectures, ..Ec2Settings::default() };
    let mut run = Run::new(settings);
    run.until(10);
    assert!(run.observed("launch failed") > 0 && run.simulator.world().ec2.statistics().misfits > 0);
}

/// The results of a run of three jobs.
struct Endings {
    /// Reported codes, by instance.
    told: BTreeMap<InstanceId, Vec<String>>,
    launched: usize,
    /// Questions of lifecycle.
    asked: u64,
}

fn endings(ec2: Ec2Settings) -> Endings {
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
    Endings {
        told,
        launched: world.ec2.machines().len(),
        asked: world.calls.by(Handler::Lifecycle, Operation::DescribeSomeInstances),
    }
}

#[track_caller]
fn each_is_told_once(endings: &Endings, code: &str) {
    assert!(endings.launched > 3, "{} instances", endings.launched);
    // The last ones may not have been noticed yet when the run ends.
    assert!(
        endings.told.len() <= endings.launched && endings.launched <= endings.told.len() + 3,
        "{}",
        endings.told.len()
    );
    for (instance, codes) in &endings.told {
        assert_eq!(codes, &[code], "{instance}");
    }
}

#[test]
fn an_instance_whose_volume_cannot_be_decrypted_is_told_with_its_reason() {
    let endings = endings(Ec2Settings { key_forbidden: 1.0, ..Ec2Settings::default() });
    each_is_told_once(&endings, "Client.InternalError");
    assert!(
        endings.asked <= endings.launched as u64,
        "{} questions for {} instances",
        endings.asked,
        endings.launched
    );
}

#[test]
fn without_events_scale_down_tells() {
    let endings = endings(Ec2Settings { key_forbidden: 1.0, event_lost: 1.0, ..Ec2Settings::default() });
    each_is_told_once(&endings, "Client.InternalError");
    assert_eq!(endings.asked, 0);
}

/// EC2 sends the event before its calls show the end.
#[test]
fn a_reason_that_is_shown_late_is_told_all_the_same() {
    let describe_late = (Duration::from_secs(20), Duration::from_secs(40));
    let endings =
        endings(Ec2Settings { boot_failure: 1.0, hanging: 0.0, describe_late, ..Ec2Settings::default() });
    each_is_told_once(&endings, "Server.InternalError");
    assert!(
        endings.asked <= 2 * endings.launched as u64,
        "{} questions for {} instances",
        endings.asked,
        endings.launched
    );
}

#[test]
fn nothing_is_asked_where_every_instance_has_its_job() {
    let endings = endings(Ec2Settings::default());
    assert_eq!((endings.launched, endings.told.len(), endings.asked), (3, 0, 0));
}
