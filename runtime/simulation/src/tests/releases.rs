//! Which release of the runner instances get, in the whole world.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{
    RunnerVersion,
    contract::{
        Handler,
        message::Repository,
        runner_release::{RunnerChecksums, RunnerRelease},
        table::Key,
    },
};
use jit_runners_runtime::{
    port::{Download, EndOfLife, Observation, ReleaseQuestion, Write},
    record::{Item, Releases},
    time::Time,
};

use super::{after, push, seconds, started};
use crate::{Simulator, github::downloads_of, operation::Operation, policy::OurPolicy, world::WorldSettings};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

fn shipped() -> RunnerVersion {
    RunnerRelease::newest_shipped().version
}

/// A release that is newer than those that are shipped.
fn newer() -> RunnerRelease {
    let checksums = RunnerChecksums::parse(&format!("x64={},arm64={}", "0a".repeat(32), "0b".repeat(32)));
    RunnerRelease::new(RunnerVersion::new("2.340.0").unwrap(), checksums.unwrap())
}

/// A quiet world whose GitHub offers these archives.
fn offering(downloads: Vec<Download>) -> WorldSettings {
    let mut settings = WorldSettings::quiet(1);
    settings.github.downloads = vec![(Time::default(), downloads)];
    settings
}

/// The same with a release that is pinned.
fn pinned(mut settings: WorldSettings, version: &RunnerVersion) -> WorldSettings {
    settings.variables.insert("RUNNER_VERSION".to_owned(), version.to_string());
    settings
}

/// A run and what was told in it.
struct Run {
    run: Simulator<OurPolicy>,
    told: Vec<(Time, Observation)>,
}

impl Run {
    /// Runs for `long`; two jobs are queued at each of these times.
    fn of(settings: WorldSettings, long: Duration, jobs_at: &[Duration]) -> Self {
        let mut run = started(settings, OurPolicy);
        run.world_mut().github.add_repository(&Repository::new("o/r").unwrap());
        for at in jobs_at {
            run.world_mut().at(after(*at), |world| push(world, 2));
        }
        let mut told = Vec::new();
        while run.next_at().is_some_and(|at| at < after(long)) {
            run.step();
            let world = run.world();
            told.extend(world.happened.observations.iter().map(|(_, it)| (world.now, it.clone())));
        }
        Self { run, told }
    }

    /// The releases of all instances that there were.
    fn launched(&self) -> BTreeSet<RunnerVersion> {
        self.run.world().ec2.machines().iter().map(|machine| machine.release.clone()).collect()
    }

    fn made(&self, operation: Operation) -> u64 {
        self.run.world().calls.of(operation).made
    }

    fn open_jobs(&self) -> usize {
        self.run.world().github.open_jobs()
    }

    /// What was reported about releases.
    fn said(&self) -> Vec<&Observation> {
        let of_releases = |it: &&Observation| {
            matches!(
                it,
                Observation::ReleaseOffered(_)
                    | Observation::ReleaseUnknown { .. }
                    | Observation::ReleaseEnds { .. }
            )
        };
        self.told.iter().map(|(_, it)| it).filter(of_releases).collect()
    }

    /// The days that are left, according to the last tick.
    fn days_left(&self) -> Option<u64> {
        let told = self.told.iter().rev().find_map(|(_, it)| match it {
            Observation::Tick { release_days_left, .. } => Some(*release_days_left),
            _ => None,
        });
        told.expect("there was a tick")
    }
}

#[test]
fn launches_have_the_release_that_github_offers_also_the_very_first() {
    let run = Run::of(offering(downloads_of(&newer())), HOUR / 2, &[seconds(1), seconds(600)]);
    assert_eq!((run.launched(), run.open_jobs()), ([newer().version].into(), 0));
    assert_eq!(run.said(), [&Observation::ReleaseOffered(newer().version)]);
    let stored = run.run.world().table.peek(&Key::releases()).map(|it| it.item.clone());
    assert!(matches!(stored, Some(Item::Releases(releases)) if releases.offered == Some(newer())));
}

#[test]
fn a_release_that_gets_no_jobs_any_more_does_no_harm_but_where_it_is_pinned() {
    let mut settings = offering(downloads_of(&newer()));
    settings.github.deprecated.insert(shipped());
    let run = Run::of(settings.clone(), HOUR, &[seconds(1)]);
    assert_eq!(run.open_jobs(), 0);
    let run = Run::of(pinned(settings, &shipped()), HOUR, &[seconds(1)]);
    assert_eq!((run.open_jobs(), run.launched()), (2, [shipped()].into()));
}

#[test]
fn a_release_that_comes_out_later_is_taken_within_an_hour() {
    let mut settings = WorldSettings::quiet(1);
    let came = settings.began + HOUR * 2;
    settings.github.downloads.push((came, downloads_of(&newer())));
    let jobs_at = [HOUR, seconds(6_900), HOUR * 3 + seconds(120)];
    let run = Run::of(settings, HOUR * 4, &jobs_at);
    assert_eq!((run.launched(), run.open_jobs()), ([shipped(), newer().version].into(), 0));
    let world = run.run.world();
    let machines = world.ec2.machines();
    assert!(
        machines
            .iter()
            .all(|machine| { (machine.launched_at > came) == (machine.release == newer().version) })
    );
}

#[test]
fn github_is_asked_once_an_hour_by_all_together_and_once_a_day_for_the_end() {
    let jobs_at: Vec<_> = (0..20).map(|number| seconds(600 * number + 1)).collect();
    let run = Run::of(offering(downloads_of(&newer())), HOUR * 30, &jobs_at);
    let asked = run.made(Operation::Downloads);
    assert!((29..=30).contains(&asked), "{asked}");
    assert_eq!(run.made(Operation::ReleaseEnd), 2);
    let by_scale_up = run.run.world().calls.by(Handler::ScaleUp, Operation::Downloads);
    assert!(by_scale_up <= 1, "{by_scale_up}");
}

#[test]
fn for_a_pinned_release_only_its_end_is_asked_for() {
    let run = Run::of(pinned(offering(downloads_of(&newer())), &shipped()), HOUR * 3, &[seconds(1)]);
    assert_eq!((run.made(Operation::Downloads), run.made(Operation::ReleaseEnd)), (0, 1));
    assert_eq!((run.launched(), run.open_jobs()), ([shipped()].into(), 0));
}

#[test]
fn what_cannot_be_used_is_told_and_the_newest_shipped_release_is_taken() {
    let mut without_checksum = downloads_of(&newer());
    for download in &mut without_checksum {
        download.checksum = None;
    }
    let mut elsewhere = downloads_of(&newer());
    for download in &mut elsewhere {
        download.url = "https://example.com/runner.tar.gz".to_owned();
    }
    for (downloads, why) in
        [(without_checksum, "SHA-256"), (elsewhere, "github.com"), (Vec::new(), "no archive")]
    {
        let run = Run::of(offering(downloads), HOUR / 2, &[seconds(1)]);
        assert_eq!((run.launched(), run.open_jobs()), ([shipped()].into(), 0), "{why}");
        let said = run.said();
        let [Observation::ReleaseUnknown { question: ReleaseQuestion::Which, why: told }] = said[..] else {
            panic!("{said:?}")
        };
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn without_an_answer_the_last_release_that_was_offered_stays() {
    let mut settings = offering(downloads_of(&newer()));
    settings.github.downloads.push((settings.began + HOUR / 2, Vec::new()));
    let run = Run::of(settings, HOUR * 3, &[seconds(1), HOUR * 2 + seconds(300)]);
    assert_eq!((run.launched(), run.open_jobs()), ([newer().version].into(), 0));
    let unknown = run.said().into_iter().filter(|it| matches!(it, Observation::ReleaseUnknown { .. }));
    assert!(unknown.count() >= 1);
}

/// As after some weeks with a pinned release, during which GitHub was not asked.
#[test]
fn what_was_offered_long_ago_is_asked_for_again_before_it_is_launched() {
    let older = RunnerRelease::known(&RunnerVersion::new("2.337.0").unwrap()).unwrap();
    let mut run = started(offering(downloads_of(&newer())), OurPolicy);
    run.world_mut().at(after(seconds(1)), move |world| {
        let at = Some(world.now - DAY * 21);
        let offered = Some(older);
        let releases = Releases { offered, confirmed_at: at, asked_at: at, ..Releases::default() };
        world.commit(vec![Write::create(releases)]).unwrap();
        push(world, 2);
    });
    run.run_until(after(seconds(300)));
    let launched: Vec<_> = run.world().ec2.machines().iter().map(|machine| machine.release.clone()).collect();
    assert_eq!(launched, [newer().version, newer().version]);
}

/// A world that says when the shipped release ends.
fn ending(runtime: Option<Duration>, registration: Option<Duration>) -> WorldSettings {
    let mut settings = WorldSettings::quiet(1);
    let at = |after: Duration| settings.began + after;
    let end = EndOfLife { runtime_at: runtime.map(at), registration_at: registration.map(at) };
    settings.github.ends_of_life.insert(shipped(), end);
    settings
}

#[test]
fn the_days_that_are_left_are_told_at_each_tick_and_a_warning_from_thirty_on_each_day() {
    for (runtime, registration, days, warnings) in [
        (Some(DAY * 31), None, 31, 0),
        (Some(DAY * 30), None, 30, 1),
        (Some(DAY * 60), Some(DAY * 14), 14, 1),
        (Some(DAY * 3), Some(DAY * 14), 3, 1),
        (None, Some(seconds(1)), 0, 1),
    ] {
        let run = Run::of(ending(runtime, registration), HOUR, &[]);
        assert_eq!(run.days_left(), Some(days), "{runtime:?} {registration:?}");
        assert_eq!(run.said().len(), warnings, "{:?}", run.said());
        if let [Observation::ReleaseEnds { version, days: told }] = run.said()[..] {
            assert_eq!((version, *told), (&shipped(), days));
        }
    }
    let three_days = Run::of(ending(Some(DAY * 31), None), DAY * 3, &[]);
    assert_eq!((three_days.days_left(), three_days.said().len()), (Some(29), 2));
}

#[test]
fn an_end_that_github_does_not_know_says_nothing() {
    let undecided = Run::of(ending(None, None), HOUR, &[]);
    let unknown = Run::of(WorldSettings::quiet(1), HOUR, &[]);
    for run in [undecided, unknown] {
        assert_eq!((run.days_left(), run.said()), (None, Vec::new()));
        assert_eq!(run.made(Operation::ReleaseEnd), 1);
    }
}

#[test]
fn the_days_are_those_of_the_release_in_force() {
    let mut settings = ending(Some(DAY * 5), None);
    settings.github.downloads.push((settings.began + HOUR / 2, downloads_of(&newer())));
    let end = EndOfLife { runtime_at: Some(settings.began + DAY * 70), registration_at: None };
    settings.github.ends_of_life.insert(newer().version, end);
    let before = Run::of(settings.clone(), HOUR / 2, &[]);
    assert_eq!(before.days_left(), Some(5));
    let later = Run::of(settings, HOUR * 2, &[]);
    assert_eq!((later.days_left(), later.made(Operation::ReleaseEnd)), (Some(70), 2));
}
