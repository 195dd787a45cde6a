use jit_runners_model::contract::{environment::GivenChecksums, runner_release::RunnerChecksums};

use super::*;
use crate::sample::{NOW, minutes, newer, scale_up};

#[test]
fn a_pinned_release_needs_checksums_given_or_known() {
    let with = |version: &str, given: Option<RunnerChecksums>| {
        let mut settings = scale_up();
        settings.runner_version = ReleaseChoice::new(version).unwrap();
        settings.runner_checksums = GivenChecksums(given);
        pinned(&settings)
    };
    assert_eq!(with("auto", None), Ok(None));
    assert_eq!(with("2.337.0", None).unwrap().unwrap().version.as_str(), "2.337.0");
    let error = with("9.0.0", None).unwrap_err().to_string();
    assert!(error.contains("runner_checksums") && error.contains("v9.0.0"), "{error}");
    let given = RunnerChecksums::parse(&format!("x64={},arm64={}", "c".repeat(64), "d".repeat(64))).unwrap();
    let release = with("9.0.0", Some(given.clone())).unwrap().unwrap();
    assert_eq!((release.x64.checksum, release.arm64.checksum), (given.x64.clone(), given.arm64.clone()));
    // A stack keeps the checksums of another release that was pinned before.
    let known = with("2.338.0", Some(given)).unwrap();
    assert_eq!(known, RunnerRelease::known(&RunnerVersion::new("2.338.0").unwrap()));
}

#[test]
fn what_is_no_longer_offered_stays_until_something_newer_is_shipped() {
    let older = RunnerRelease::known(&RunnerVersion::new("2.337.0").unwrap()).unwrap();
    let in_force = |offered: Option<&RunnerRelease>, is_confirmed: bool| {
        let confirmed_at = is_confirmed.then_some(NOW);
        Releases { offered: offered.cloned(), confirmed_at, ..Releases::default() }.in_force()
    };
    assert_eq!(in_force(None, false), RunnerRelease::newest_shipped());
    assert_eq!(in_force(Some(&newer()), true), newer());
    assert_eq!(in_force(Some(&newer()), false), newer());
    assert_eq!(in_force(Some(&older), true), older, "a server may offer an older one");
    assert_eq!(in_force(Some(&older), false), RunnerRelease::newest_shipped());
}

#[test]
fn something_is_due_when_its_time_is_over_or_it_was_never_done() {
    let hour = Duration::from_hours(1);
    assert!(is_due(None, hour, NOW) && is_due(Some(NOW - minutes(60)), hour, NOW));
    assert!(!is_due(Some(NOW - minutes(59)), hour, NOW) && !is_due(Some(NOW), hour, NOW));
}

#[test]
fn the_life_of_another_release_says_nothing() {
    let life = Life { version: newer().version, asked_at: NOW, ends_at: Some(NOW + minutes(1)) };
    let releases = Releases { life: Some(life), ..Releases::default() };
    assert_eq!(releases.days_left(&ReleaseChoice::Auto, NOW), None);
    assert_eq!(releases.days_left(&ReleaseChoice::Pinned(newer().version), NOW), Some(1));
    let offered = Releases { offered: Some(newer()), ..releases };
    assert_eq!(offered.days_left(&ReleaseChoice::Auto, NOW), Some(1));
}
