//! Lost webhooks are found in time, whatever else stands in GitHub's lists and whatever GitHub refuses.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{
    Label,
    contract::{message::Repository, table::Key},
};
use jit_runners_runtime::{port::GithubJobStatus, record::Item, time::Time};

use super::{after, seconds, started};
use crate::{
    Simulator,
    github::{NewJob, PlaceRefusal, RefusedCall, RunId},
    policy::OurPolicy,
    world::{World, WorldSettings},
};

/// Each world is tried with so many seeds.
const SEEDS: u64 = 5;
/// Repositories in which jobs come and go all the time.
const ACTIVE: u32 = 10;

fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

/// One of the active repositories.
fn active(number: u32) -> Repository {
    Repository::new(format!("o/active-{number}")).unwrap()
}

fn job(length: Duration) -> NewJob {
    let labels = ["self-hosted", "small"].map(|label| Label::new(label).unwrap()).into();
    NewJob { labels, duration: length, ..NewJob::default() }
}

/// A push whose webhooks are all lost.
fn push_unheard(world: &mut World, repository: &Repository, jobs: Vec<NewJob>) -> RunId {
    let usual = std::mem::replace(&mut world.github.settings_mut().webhook_lost, 1.0);
    let run = world.github.push(world.now, repository, jobs);
    world.github.settings_mut().webhook_lost = usual;
    run
}

/// A refusal for good.
fn refused(call: RefusedCall, answer: u16, repositories: &[Repository]) -> PlaceRefusal {
    PlaceRefusal {
        from: Time::default(),
        until: None,
        call,
        answer,
        repositories: repositories.iter().map(|repository| repository.as_str().to_owned()).collect(),
        labels: BTreeSet::new(),
        chance: 1.0,
    }
}

/// A run of a world in which each active repository has a job of two minutes every ten minutes.
struct Scene {
    run: Simulator<OurPolicy>,
}

impl Scene {
    fn new(seed: u64, change: impl FnOnce(&mut WorldSettings)) -> Self {
        let mut settings = WorldSettings::quiet(seed);
        settings.variables.insert("MAX_RUNNERS".to_owned(), "100".to_owned());
        change(&mut settings);
        let mut run = started(settings, OurPolicy);
        for number in 0..ACTIVE {
            for round in 0..6 {
                let at = seconds(60 * u64::from(number) + 5) + minutes(10) * round;
                run.world_mut().at(after(at), move |world| {
                    world.github.push(world.now, &active(number), vec![job(minutes(2))]);
                });
            }
        }
        Self { run }
    }

    fn at(&mut self, time: Duration, act: impl FnOnce(&mut World) + 'static) {
        self.run.world_mut().at(after(time), act);
    }

    /// Pushes a job whose webhooks are lost at `time`; returns how long it takes until it starts.
    #[track_caller]
    fn unheard_at(&mut self, time: Duration, repository: &Repository) -> Duration {
        self.run.run_until(after(time));
        let run = push_unheard(&mut self.run.world_mut(), repository, vec![job(minutes(2))]);
        self.wait_for(run)
    }

    /// How long it takes from now until the last job of a run starts that can start.
    #[track_caller]
    fn wait_for(&mut self, run: RunId) -> Duration {
        let now = self.run.world().now;
        for seconds in 1..=3_600 {
            self.run.run_until(now + Duration::from_secs(seconds));
            let world = self.run.world();
            if world.github.jobs_of(run).all(|job| job.status != GithubJobStatus::Queued) {
                return Duration::from_secs(seconds);
            }
        }
        panic!("it has not started after an hour")
    }

    /// No tick made more requests than it may: 20, and one for each scale-down that looks at runners.
    #[track_caller]
    fn requests_stay_within_the_budget(&self) {
        use crate::github::Endpoint;
        let calls = self.run.world().github.calls().clone();
        let lists = [Endpoint::Runs, Endpoint::Jobs, Endpoint::Repositories];
        for endpoint in lists {
            assert!(calls.of(endpoint).peak_per_minute <= 40, "{endpoint:?}: {:?}", calls.of(endpoint));
        }
    }
}

/// The worst of all seeds, in two repositories: how long a job waits whose webhook was lost.
#[track_caller]
fn worst(what: &str, most: [Duration; 2], waits: impl Fn(u64) -> [Duration; 2]) {
    let all: Vec<_> = (1..=SEEDS).map(waits).collect();
    for (index, most) in most.into_iter().enumerate() {
        let worst = all.iter().map(|waits| waits[index]).max().unwrap_or_default();
        assert!(worst <= most, "{what}: {all:?}");
    }
}

#[test]
fn hanging_runs_hide_no_lost_webhook() {
    for hang_at in [minutes(1), minutes(19), minutes(20)] {
        worst("hanging runs", [minutes(5), minutes(3)], |seed| {
            let mut scene = Scene::new(seed, |_| {});
            scene.at(hang_at, |world| {
                for _ in 0..60 {
                    world.github.push_hanging(world.now, &active(0));
                }
            });
            let there = scene.unheard_at(minutes(20), &active(0));
            let elsewhere = scene.unheard_at(minutes(30), &active(1));
            scene.requests_stay_within_the_budget();
            [there, elsewhere]
        });
    }
}

#[test]
fn runs_behind_a_cap_hide_no_lost_webhook_elsewhere() {
    worst("runs behind a cap", [minutes(3); 2], |seed| {
        let mut scene = Scene::new(seed, |settings| {
            settings.variables.insert("MAX_RUNNERS_PER_REPOSITORY".to_owned(), "4".to_owned());
        });
        let capped = Repository::new("o/capped").unwrap();
        scene.at(minutes(19), move |world| {
            for _ in 0..36 {
                world.github.push(world.now, &capped, vec![job(minutes(60))]);
            }
        });
        [scene.unheard_at(minutes(20), &active(0)), scene.unheard_at(minutes(30), &active(1))]
    });
}

#[test]
fn a_run_that_is_not_told_and_a_gated_one_hide_no_other_lost_webhook() {
    worst("an untold run, a gated run", [minutes(3); 2], |seed| {
        let mut scene = Scene::new(seed, |_| {});
        scene.at(minutes(10), |world| {
            let jobs =
                (0..88).map(|_| NewJob { labels: [Label::new("others").unwrap()].into(), ..job(minutes(2)) });
            let jobs = jobs.collect();
            let untold = push_unheard(world, &active(0), jobs);
            let call = RefusedCall::RunJobs { run: Some(untold) };
            world.github.settings_mut().refusals.push(refused(call, 502, &[active(0)]));
        });
        scene.run.run_until(after(minutes(20)));
        let gated = NewJob { held_for: Some(Duration::from_hours(6)), gated: true, ..job(minutes(2)) };
        let gated = push_unheard(&mut scene.run.world_mut(), &active(0), vec![gated, job(minutes(2))]);
        let free = scene.wait_for(gated);
        [free, scene.unheard_at(minutes(30), &active(0))]
    });
}

#[test]
fn repositories_that_refuse_everything_delay_nobody() {
    for call in [RefusedCall::Everything, RefusedCall::Runs, RefusedCall::RunJobs { run: None }] {
        for answer in [403, 404, 502] {
            worst("a refusing repository", [minutes(3); 2], |seed| {
                let closed = Repository::new("o/closed").unwrap();
                let mut scene = Scene::new(seed, |settings| {
                    settings.github.refusals.push(refused(call, answer, std::slice::from_ref(&closed)));
                });
                scene.at(minutes(1), move |world| {
                    for _ in 0..30 {
                        world.github.push(world.now, &closed, vec![job(minutes(2))]);
                    }
                });
                [scene.unheard_at(minutes(20), &active(0)), scene.unheard_at(minutes(30), &active(1))]
            });
        }
    }
}

#[test]
fn a_refusing_repository_does_not_hide_the_runners_release() {
    let closed = [0, 1].map(active);
    let mut scene = Scene::new(1, |settings| {
        settings.github.refusals.push(refused(RefusedCall::Everything, 403, &closed));
    });
    scene.run.run_until(after(minutes(15)));
    let found = scene.run.world().table.peek(&Key::releases()).map(|found| found.item.clone());
    let Some(Item::Releases(releases)) = found else { panic!("GitHub was not asked") };
    assert!(releases.confirmed_at.is_some(), "{releases:?}");
}

#[test]
fn more_runs_than_a_page_has_hide_no_lost_webhook() {
    worst("two pages of hanging runs", [minutes(10); 2], |seed| {
        let mut scene = Scene::new(seed, |_| {});
        scene.run.run_until(after(minutes(10)));
        let now = scene.run.world().now;
        let oldest = push_unheard(&mut scene.run.world_mut(), &active(0), vec![job(minutes(2))]);
        for _ in 0..120 {
            scene.run.world_mut().github.push_hanging(now, &active(0));
        }
        let oldest = scene.wait_for(oldest);
        [oldest, scene.unheard_at(minutes(30), &active(0))]
    });
}
