//! Behaviour of the whole, and the consistency of lists and counts with jobs and runners.

mod api;
mod demand;
mod identity;
mod lists;
mod refusal;
mod removal;
mod runners;
mod stranger;
mod token;

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{
    Label,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::{
    port::{GithubError, GithubJobStatus, JitConfiguration, Registration, RegistrationTarget},
    time::Time,
};

use super::{GithubEvent, GithubSettings, GithubWorld, NewJob, RunId};
use crate::{
    github::{
        Grouped,
        demand::{IN_PROGRESS, Job, LISTS, PENDING, QUEUED, Stage, WAITING},
        runner::RunnerStage,
    },
    random::Random,
};

const START: Time = Time::from_millis(1_750_000_000_000);
const MINUTE: Duration = Duration::from_mins(1);

/// A world, its time, and what happened in it.
struct Scene {
    world: GithubWorld,
    now: Time,
    events: Vec<GithubEvent>,
}

impl Scene {
    fn new(settings: GithubSettings) -> Self {
        Self::of_seed(settings, 1)
    }

    fn of_seed(settings: GithubSettings, seed: u64) -> Self {
        let mut world = GithubWorld::new(settings, Random::new(seed), b"secret");
        world.add_repository(&repository());
        Self { world, now: START, events: Vec::new() }
    }

    /// Lets so much time pass.
    fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(at) = self.world.next_at().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.world.advance(self.now, &mut self.events);
        }
        self.now = end;
        self.world.advance(end, &mut self.events);
    }

    fn push(&mut self, jobs: usize, duration: Duration) -> RunId {
        let job = NewJob { labels: labels(&["linux"]), duration, ..NewJob::default() };
        self.world.push(self.now, &repository(), vec![job; jobs])
    }

    fn register(&mut self, name: &str) -> Result<JitConfiguration, GithubError> {
        self.world.register(self.now, &registration(name))
    }

    /// A runner that listens.
    fn runner(&mut self, name: &str) -> u64 {
        let configuration = self.register(name).unwrap();
        self.world.connect(self.now, &configuration.encoded).unwrap()
    }

    fn started(&self) -> Vec<(u64, JobRef)> {
        let started = self.events.iter().filter_map(|event| match event {
            GithubEvent::JobStarted { runner_id, job } => Some((*runner_id, job.clone())),
            _ => None,
        });
        started.collect()
    }

    fn ended(&self) -> Vec<u64> {
        let ended = self.events.iter().filter_map(|event| match event {
            GithubEvent::JobEnded { runner_id, .. } => Some(*runner_id),
            _ => None,
        });
        ended.collect()
    }

    fn dropped(&self) -> Vec<u64> {
        let dropped = self.events.iter().filter_map(|event| match event {
            GithubEvent::Dropped { runner_id } => Some(*runner_id),
            _ => None,
        });
        dropped.collect()
    }

    fn ghosts(&self) -> Vec<u64> {
        let ghosts = self.events.iter().filter_map(|event| match event {
            GithubEvent::Ghosted { runner_id } => Some(*runner_id),
            _ => None,
        });
        ghosts.collect()
    }

    /// Bodies of webhooks.
    fn bodies(&self) -> Vec<serde_json::Value> {
        let bodies = self.events.iter().filter_map(|event| match event {
            GithubEvent::Webhook { body, .. } => Some(serde_json::from_slice(body).unwrap()),
            _ => None,
        });
        bodies.collect()
    }

    /// Actions of webhooks.
    fn actions(&self) -> Vec<String> {
        self.bodies().iter().map(|body| body["action"].as_str().unwrap().to_owned()).collect()
    }

    fn count(&self, action: &str) -> usize {
        self.actions().iter().filter(|it| *it == action).count()
    }
}

fn repository() -> Repository {
    Repository::new("octo/web").unwrap()
}

fn target() -> RegistrationTarget {
    RegistrationTarget::Repository(repository())
}

fn labels(texts: &[&str]) -> BTreeSet<Label> {
    texts.iter().map(|text| Label::new(*text).unwrap()).collect()
}

fn registration(name: &str) -> Registration {
    Registration { target: target(), name: name.to_owned(), labels: labels(&["linux", "x64"]) }
}

#[track_caller]
fn status_of<T: std::fmt::Debug>(result: Result<T, GithubError>) -> (u16, String) {
    match result.unwrap_err() {
        GithubError::Refused(refusal) => (refusal.status, refusal.message),
        GithubError::Unknown(reason) => (0, reason),
    }
}

#[test]
fn a_bad_day_has_everything() {
    let settings = GithubSettings {
        webhook_lost: 0.2,
        webhook_doubled: 0.2,
        webhook_late: 0.2,
        ghost: 0.2,
        server_error: 0.2,
        refuse_limited: 0.1,
        outages: vec![(START + MINUTE * 10, START + MINUTE * 20)],
        idle_drop: Some((MINUTE * 2, MINUTE * 6)),
        ..GithubSettings::default()
    };
    let mut scene = Scene::new(settings);
    scene.push(40, MINUTE * 2);
    for index in 0..200 {
        scene.pass(Duration::from_secs(10));
        let name = format!("r-{}", index / 2 * 2);
        let Ok(configuration) = scene.register(&name) else { continue };
        let runner = scene.world.connect(scene.now, &configuration.encoded).unwrap();
        scene.pass(Duration::from_secs(10));
        match index % 10 {
            0 => scene.world.machine_lost(scene.now, runner),
            1 => drop(scene.world.remove(scene.now, &target(), runner)),
            _ => {}
        }
    }
    scene.pass(MINUTE * 60);
    assert_eq!(scene.world.open_jobs(), 0);
    let it = scene.world.happened();
    let all = [it.names_taken, it.still_busy, it.ghosts, it.idle_drops, it.requeued, it.given_up];
    assert!(all.iter().all(|count| *count > 0), "{it:?}");
    let all = [it.webhooks_lost, it.webhooks_doubled, it.webhooks_late, it.met_outage, it.server_errors];
    assert!(all.iter().all(|count| *count > 0), "{it:?}");
    assert!(it.done_despite_error > 0 && it.unreasonable_refusals > 0, "{it:?}");
    let told = usize::try_from(it.ghosts).unwrap();
    assert_eq!(scene.ghosts().len(), told);
    let runners: BTreeSet<_> = scene.started().into_iter().map(|(runner, _)| runner).collect();
    assert_eq!(runners.len(), scene.started().len(), "a runner takes one job");
}

#[test]
fn one_seed_has_one_history() {
    let history = |seed| {
        let settings = GithubSettings {
            webhook_lost: 0.1,
            webhook_doubled: 0.2,
            webhook_late: 0.1,
            ghost: 0.2,
            server_error: 0.1,
            stale_reads: 0.3,
            idle_drop: Some((MINUTE * 2, MINUTE * 6)),
            ..GithubSettings::default()
        };
        let mut scene = Scene::of_seed(settings, seed);
        scene.push(20, MINUTE);
        for index in 0..30 {
            scene.pass(Duration::from_secs(3));
            if let Ok(configuration) = scene.register(&format!("r-{index}")) {
                scene.world.connect(scene.now, &configuration.encoded).unwrap();
            }
        }
        scene.pass(MINUTE * 30);
        (scene.events, scene.world.calls().clone())
    };
    assert_eq!(history(1), history(1));
    assert_ne!(history(1), history(2));
}

/// Compares every list and count with the jobs and runners.
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
        let any = |test: &dyn Fn(&Job) -> bool| run.jobs.clone().any(|job| test(&world.jobs[job]));
        let has = |status| any(&|job| job.stage.status() == status);
        let expected = if any(&|job| job.stage == Stage::Held && job.held.gated) {
            Some(WAITING)
        } else if has(GithubJobStatus::InProgress) {
            Some(IN_PROGRESS)
        } else if has(GithubJobStatus::Queued) {
            Some(QUEUED)
        } else if has(GithubJobStatus::Held) {
            Some(PENDING)
        } else {
            None
        };
        assert_eq!(run.listed, expected);
        for list in 0..LISTS {
            let listed = world.repositories[run.repository].runs[list].runs.contains(&index);
            assert_eq!(listed, expected == Some(list));
        }
    }
    for (index, runner) in world.runners.iter().enumerate() {
        let target = &world.targets[runner.target];
        assert_eq!(target.registered.contains(&index), runner.is_registered());
        assert_eq!(target.names.get(&runner.name) == Some(&index), runner.is_registered());
        let listening =
            target.listening.0.get(&runner.labels).is_some_and(|runners| runners.contains(&index));
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
            removal_blind: if seed % 2 == 0 { MINUTE } else { Duration::ZERO },
            self_update: 0.2,
            ..GithubSettings::default()
        };
        let mut scene = Scene::of_seed(settings, seed);
        let (mut runs, mut runners, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        let mut names = [repository(), Repository::new("octo/api").unwrap()];
        scene.world.add_repository(&names[1]);
        for step in 0..150 {
            if random.chance(0.03) {
                let owner = random.pick(&["octo", "other"]).unwrap();
                let new = Repository::new(format!("{owner}/renamed-{step}")).unwrap();
                assert!(scene.world.rename(scene.now, &names[1], &new));
                names[1] = new;
                check(&scene.world);
            }
            let now = scene.now;
            match random.below(10) {
                0 | 1 => {
                    let repository = random.pick(&names).unwrap();
                    let mut job = || NewJob {
                        labels: labels(random.pick(&[&["linux"][..], &["x64", "linux"], &["gpu"]]).unwrap()),
                        duration: random.between(MINUTE / 10, MINUTE * 2),
                        held_for: random.chance(0.2).then_some(MINUTE),
                        announced: random.chance(0.5),
                        gated: random.chance(0.5),
                    };
                    let jobs = vec![job(), job(), job()];
                    runs.push(scene.world.push(now, repository, jobs));
                }
                2..=4 => {
                    let target = if random.chance(0.5) {
                        target()
                    } else {
                        RegistrationTarget::Organization("octo".into())
                    };
                    let registration = Registration { target, ..registration(&format!("r-{step}")) };
                    if let Ok(configuration) = scene.world.register(now, &registration) {
                        runners.push((registration.target, configuration.runner_id));
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
                    if let Some((target, runner)) = random.pick(&runners) {
                        drop(scene.world.remove(now, target, *runner));
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
