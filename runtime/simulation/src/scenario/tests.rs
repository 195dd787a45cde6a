//! Files: what is read, what is refused and how, and that the schema, the folder and the settings agree.

mod refused;

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use jit_runners_witnesses::json_schema::accepts;
use serde_json::Value;

use super::*;
use crate::{comparison, policy::OurPolicy, tuning};

/// A scenario from text.
#[track_caller]
fn read(text: &str) -> Scenario {
    match Scenario::read("f.yaml", text.as_bytes()) {
        Ok(scenario) => scenario,
        Err(refused) => panic!("{refused}\n{text}"),
    }
}

/// What stands in a file of this checkout.
fn file(name: &str) -> String {
    fs::read_to_string(Path::new(FOLDER).join("../../..").join(name)).unwrap_or_default()
}

#[test]
fn the_schema_and_the_page_of_keys_are_fresh() {
    assert_eq!(file(SCHEMA_FILE), format!("{:#}\n", schema()), "run: make scenarios");
    assert_eq!(file(REFERENCE_FILE), reference(), "run: make scenarios");
}

#[test]
fn editors_accept_every_file_and_find_its_schema() {
    let schema = schema();
    let files = in_folder(Path::new(FOLDER)).unwrap();
    assert!(files.len() > 10);
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("# yaml-language-server: $schema=../../scenario.schema.json\n"),
            "{} does not name its schema",
            path.display()
        );
        // Another reader of YAML stands for the editor's.
        let value: Value = serde_yaml::from_str(&text).unwrap();
        assert!(accepts(&schema, &value), "the schema refuses {}", path.display());
    }
}

#[test]
fn the_folder_has_scenarios_only_and_no_name_twice() {
    fn files(folder: &Path) -> usize {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
    }
    let all = all().unwrap();
    assert_eq!(files(Path::new(FOLDER)), all.len(), "a file that is no scenario is run by nobody");
    let names: BTreeSet<_> = all.iter().map(|scenario| scenario.name.as_str()).collect();
    assert_eq!(names.len(), all.len());
}

/// Scenarios that take minutes, which `make simulate` runs.
#[test]
fn files_outside_of_the_folder_can_be_read() {
    let paths = in_folder(&Path::new(FOLDER).join("../long")).unwrap();
    assert!(!paths.is_empty());
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        if let Err(refused) = Scenario::read(&path.to_string_lossy(), &bytes) {
            panic!("{refused}");
        }
    }
}

#[test]
fn the_comparison_and_the_queues_have_their_folders() {
    let in_folder = |folder: &str| -> BTreeSet<String> {
        let files = in_folder(&Path::new(FOLDER).join(folder)).unwrap();
        files.iter().map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
    };
    let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(in_folder("compared"), named(&comparison::COMPARED));
    assert!(in_folder("reported").is_superset(&named(&comparison::REPORTED)));
    assert_eq!(in_folder("growing"), named(&comparison::GROWING));
    assert_eq!(in_folder("queues"), named(&tuning::SCENARIOS[1..]));
}

/// Every field of settings that can be written has a key of its name.
#[test]
fn every_setting_has_its_key() {
    // Releases are drawn from those that are shipped; refusals have keys by the call that is refused.
    let elsewhere = ["downloads", "ends_of_life", "refusals", "architectures"];
    let settings = WorldSettings::quiet(0);
    let keys = |schema: &Value| -> BTreeSet<String> {
        let object =
            schema["properties"].as_object().or_else(|| schema["anyOf"][0]["properties"].as_object());
        object.unwrap().keys().cloned().collect()
    };
    let world = &schema()["properties"]["world"]["properties"];
    let queues = &world["queues"]["properties"];
    let faults = &world["faults"]["properties"];
    for (name, schema, debug) in [
        ("github", &world["github"], format!("{:#?}", settings.github)),
        ("ec2", &world["ec2"], format!("{:#?}", settings.ec2)),
        ("table", &world["table"], format!("{:#?}", settings.table)),
        ("queues.scaleup", &queues["scaleup"], format!("{:#?}", settings.scale_up)),
        ("queues.lifecycle", &queues["lifecycle"], format!("{:#?}", settings.lifecycle)),
        ("lambda", &world["lambda"], format!("{:#?}", settings.lambda)),
        ("throttling", &world["throttling"], format!("{:#?}", settings.throttling)),
        ("faults", &world["faults"], format!("{:#?}", settings.faults)),
        ("faults.github", &faults["github"], format!("{:#?}", settings.faults.github)),
        ("faults.functions", &faults["functions"], format!("{:#?}", settings.faults.functions)),
        ("faults.machines", &faults["machines"], format!("{:#?}", settings.faults.machines)),
    ] {
        let keys = keys(schema);
        // The fields of a struct, as Rust shows them.
        let fields =
            debug.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(": ").map(|it| it.0));
        let fields = fields.filter(|field| !field.starts_with(' ') && !elsewhere.contains(field));
        let missing: Vec<_> = fields.filter(|field| !keys.contains(*field)).collect();
        assert!(missing.is_empty(), "no key for the settings of {name}: {missing:?}");
    }
}

#[test]
fn settings_reach_the_world() {
    let scenario = read(
        "about: x
world:
  inputs: {MaxRunners: 7, SubnetIds: 'subnet-0a,subnet-0b'}
  choices: {scope: organization}
  tool: terraform
  github: {webhook_lost: 0.25, idle_drop: never, outages: [[5 min, 15 min]]}
  ec2: {spot_quota: 3, boot: [1 s, 2 s], absent: {instance_type: t3.small}, interruptions: 2}
  table: {conflict: 0.5}
  queues: {scaleup: {duplicate: 1.0}, lifecycle: {max_receives: 9}}
  lambda: {concurrency: 2, timeouts: {scaleup: 30 s}}
  faults: {compute: {late: 0.125}, machines: {silent: 1}}
  throttling: {rate: 3}
story:
- {at: 0 s, push: o/r}
",
    );
    let world = scenario.world(9);
    assert_eq!(world.seed, 9);
    for (name, value) in [
        ("MAX_RUNNERS", "7"),
        // It follows the cap of all together, as it does when deploying.
        ("MAX_RUNNERS_PER_REPOSITORY", "7"),
        ("SUBNET_IDS", "subnet-0a,subnet-0b"),
        ("RUNNER_SCOPE", "organization"),
    ] {
        assert_eq!(world.variables.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(world.variables.len(), 4);
    assert_eq!(world.tool, crate::stack::Tool::Terraform);
    assert!((world.github.webhook_lost - 0.25).abs() < 1e-9 && world.github.idle_drop.is_none());
    let at = |minutes| world.began + Duration::from_mins(minutes);
    assert_eq!(world.github.outages, [(at(5), at(15))]);
    assert_eq!((world.ec2.spot_quota, world.ec2.boot.1), (Some(3), Duration::from_secs(2)));
    assert_eq!((world.ec2.absent.len(), world.lambda.concurrency, world.throttling.rate), (1, 2, 3));
    assert_eq!(world.lifecycle.max_receives, 9);
    assert_eq!(world.lambda.timeouts.scaleup, Duration::from_secs(30));
    for (found, expected) in [
        (world.table.conflict, 0.5),
        (world.scale_up.duplicate, 1.0),
        (world.faults.compute.late, 0.125),
        (world.faults.machines.silent, 1.0),
        (world.ec2.interruptions, 2.0),
    ] {
        assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
    }
}

/// Two periods at the same time, and none before and after.
#[test]
fn settings_hold_from_one_time_until_another() {
    let scenario = read(
        "about: x
world:
  github:
  - {stale_reads: 0.5}
  - {from: 10 min, until: 30 min, webhook_lost: 1}
  - {from: 20 min, until: 40 min, ghost: 1, webhook_late: 1}
story:
- {at: 0 s, push: o/r, jobs: 0}
hold: {until: 2 h, promises: none}
",
    );
    let mut simulator = Simulator::new(scenario.world(1), OurPolicy).unwrap();
    let began = simulator.world().now;
    scenario.begin(&mut simulator.world_mut(), 1, &scenario.story);
    for (minutes, expected) in
        [(5, [0.0, 0.0]), (15, [1.0, 0.0]), (25, [1.0, 1.0]), (35, [0.0, 1.0]), (45, [0.0, 0.0])]
    {
        simulator.run_until(began + Duration::from_mins(minutes));
        let mut world = simulator.world_mut();
        let settings = world.github.settings_mut();
        for (found, expected) in [settings.webhook_lost, settings.ghost].into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "after {minutes} minutes");
        }
        assert!((settings.stale_reads - 0.5).abs() < 1e-9, "it holds all the time");
    }
}

#[test]
fn the_number_of_jobs_is_what_the_name_says() {
    let jobs = |name: &str| named(name).unwrap().jobs();
    let names = ["one-job", "fifty-jobs", "matrix", "five-thousand", "jobs-1", "jobs-100", "jobs-10000"];
    assert_eq!(names.map(jobs), [1, 50, 256, 5_000, 1, 100, 10_000]);
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let scenario = named("cancelling-pushes").unwrap();
    let fingerprint = |seed| {
        let (_, simulator) = scenario.run(scenario.world(seed), OurPolicy).unwrap();
        simulator.world().trace.fingerprint()
    };
    assert_eq!(fingerprint(7), fingerprint(7));
    assert_ne!(fingerprint(7), fingerprint(8));
}

#[test]
fn what_comes_out_is_compared_with_what_must_hold() {
    let scenario = read(
        "about: Nothing can be launched
seeds: 2
world:
  ec2: {fatal: 1}
  faults_stop: never
story:
- {at: 1 min, push: o/r, jobs: 2, name: first}
hold:
  until: 1 h
  promises: none
  started: {name: first, within: 3 min}
  instances: [{repository: o/r, in all: 0}, {first hour: 1}]
  requests: {in all: 0}
  stranded: 1
  metric: {Errors: {above: 0, within: 5 min, from: 1 min}, JobsQueued: {at most: 1}}
",
    );
    let result = judge(&scenario, 1, scenario.seeds.into()).unwrap();
    let found: Vec<_> =
        result.figures.iter().map(|(_, figure)| (figure.what.as_str(), figure.holds())).collect();
    assert_eq!(
        found,
        [
            ("promises broken", true),
            ("jobs of push first started after", false),
            ("instances for o/r in all", true),
            ("instances in the first hour", true),
            ("requests in all", false),
            ("JobsQueued", true),
            ("Errors above 0 after", true),
            ("jobs stranded", false),
        ]
    );
    assert!(!result.holds());
    let text = result.text(&scenario, |seed| format!("simulate --seed {seed}"));
    assert!(text.contains("!! jobs of push first started after: never; at most 3 min (seed 1)"), "{text}");
    assert!(text.contains("of o/r waited never"), "{text}");
    assert!(text.contains("to see why: simulate --seed 1"), "{text}");
}
