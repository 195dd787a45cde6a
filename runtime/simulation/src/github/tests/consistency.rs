//! What is kept beside the jobs and runners says the same as they do, whatever happens.

use jit_runners_runtime::port::GithubJobStatus;

use super::*;
use crate::github::{Grouped, demand::Stage, runner::RunnerStage};

/// Compares every list and count with what it is made of.
#[track_caller]
fn check(world: &GithubWorld) {
    let open = world.jobs.iter().filter(|job| !job.is_over()).count();
    assert_eq!(world.open_jobs(), open);
    for (index, repository) in world.repositories.iter().enumerate() {
        let queued =
            |job: &usize| world.jobs[*job].repository == index && world.jobs[*job].stage == Stage::Queued;
        let expected: BTreeSet<_> = (0..world.jobs.len()).filter(queued).collect();
        let listed: BTreeSet<_> = repository.queued.0.values().flatten().copied().collect();
        assert_eq!(listed, expected);
        assert!(repository.queued.0.values().all(|jobs| !jobs.is_empty()));
        for (labels, jobs) in &repository.queued.0 {
            assert!(jobs.iter().all(|job| world.jobs[*job].labels == *labels));
            assert!(world.owners[repository.owner].queued.0[labels].is_superset(jobs));
        }
    }
    let in_queues = |queued: &Grouped| queued.0.values().map(BTreeSet::len).sum::<usize>();
    assert_eq!(
        world.owners.iter().map(|owner| in_queues(&owner.queued)).sum::<usize>(),
        world.repositories.iter().map(|repository| in_queues(&repository.queued)).sum::<usize>(),
    );
    for (index, run) in world.runs.iter().enumerate() {
        let has = |status| run.jobs.clone().any(|job| world.jobs[job].stage.status() == status);
        let expected = match (has(GithubJobStatus::Queued), has(GithubJobStatus::InProgress)) {
            (_, true) => Some(1),
            (true, false) => Some(0),
            (false, false) => None,
        };
        assert_eq!(run.listed, expected);
        for list in 0..2 {
            let listed = world.repositories[run.repository].runs[list].runs.contains(&index);
            assert_eq!(listed, expected == Some(list));
        }
    }
    for (index, runner) in world.runners.iter().enumerate() {
        let place = &world.places[runner.place];
        assert_eq!(place.registered.contains(&index), !runner.is_gone());
        assert_eq!(place.names.get(&runner.name) == Some(&index), !runner.is_gone());
        let listening = place.listening.0.get(&runner.labels).is_some_and(|runners| runners.contains(&index));
        assert_eq!(listening, runner.stage == RunnerStage::Listening);
    }
    for job in &world.jobs {
        if let Stage::Running { runner, .. } = job.stage {
            assert!(world.runners[runner].is_busy());
            assert_eq!(job.runner, Some(runner));
        }
    }
}

#[test]
fn every_list_agrees_with_the_jobs_and_runners() {
    for seed in 0..60 {
        let mut random = Random::new(seed).fork("scenario");
        let settings = GithubSettings {
            ghost: 0.1,
            left_behind: 0.5,
            requeued_though_started: 0.5,
            idle_drop: Some((MINUTE, MINUTE * 3)),
            ..GithubSettings::default()
        };
        let mut scene = Scene::of_seed(settings, seed);
        let (mut runs, mut runners, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        let names = [repository(), Repository::new("octo/api").unwrap()];
        for step in 0..150 {
            let now = scene.now;
            match random.below(10) {
                0 | 1 => {
                    let repository = random.pick(&names).unwrap();
                    let mut job = || NewJob {
                        labels: labels(random.pick(&[&["linux"][..], &["x64", "linux"], &["gpu"]]).unwrap()),
                        duration: random.between(MINUTE / 10, MINUTE * 2),
                        held_for: random.chance(0.2).then_some(MINUTE),
                    };
                    let jobs = vec![job(), job(), job()];
                    runs.push(scene.world.push(now, repository, jobs));
                }
                2..=4 => {
                    let place = if random.chance(0.5) { place() } else { Place::Organization("octo".into()) };
                    let registration = Registration { place, ..registration(&format!("r-{step}")) };
                    if let Ok(configuration) = scene.world.register(now, &registration) {
                        runners.push((registration.place, configuration.runner_id));
                        waiting.push(configuration.encoded);
                    }
                }
                5 => {
                    if let Some(encoded) = waiting.pop() {
                        scene.world.connect(now, &encoded).ok();
                    }
                }
                6 => {
                    if let Some(run) = random.pick(&runs) {
                        let done = scene.world.cancel(now, *run) || scene.world.rerun(now, *run);
                        assert!(done || scene.world.jobs_of(*run).any(|job| job.completed_at.is_none()));
                    }
                }
                7 => {
                    if let Some((place, runner)) = random.pick(&runners) {
                        drop(scene.world.remove(now, place, *runner));
                    }
                }
                8 => {
                    if let Some((_, runner)) = random.pick(&runners) {
                        scene.world.machine_lost(now, *runner);
                    }
                }
                _ => {
                    if let Some((_, runner)) = random.pick(&runners) {
                        scene.world.stop_listening(now, *runner);
                    }
                }
            }
            check(&scene.world);
            scene.pass(random.between(Duration::ZERO, Duration::from_secs(20)));
            check(&scene.world);
        }
        scene.pass(Duration::from_hours(49));
        check(&scene.world);
        assert_eq!(scene.world.open_jobs(), 0, "seed {seed}");
        assert_eq!(scene.world.registrations().count(), 0, "seed {seed}");
        assert_eq!(scene.world.next_at(), None, "seed {seed}");
    }
}
