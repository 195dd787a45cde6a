//! In which list a run stands, and the webhooks of jobs that are held.

use super::*;
use crate::github::demand::RunState;

fn held(announced: bool, gated: bool) -> NewJob {
    let held_for = Some(MINUTE * 5);
    NewJob { labels: labels(&["linux"]), duration: MINUTE, held_for, announced, gated }
}

fn free() -> NewJob {
    NewJob { labels: labels(&["linux"]), duration: MINUTE * 30, ..NewJob::default() }
}

fn state(scene: &Scene, run: RunId) -> &RunState {
    &scene.world.runs[scene.world.run_index(run.id).unwrap()]
}

#[test]
fn a_run_with_a_gated_job_is_waiting_whatever_its_other_jobs_do() {
    let mut scene = Scene::new(GithubSettings::default());
    let run = scene.world.push(scene.now, &repository(), vec![free(), held(false, true)]);
    assert_eq!(state(&scene, run).listed, Some(WAITING));
    scene.runner("r-1");
    scene.pass(MINUTE);
    assert_eq!(scene.started().len(), 1);
    assert_eq!(state(&scene, run).listed, Some(WAITING));
    scene.pass(MINUTE * 5);
    assert_eq!(state(&scene, run).listed, Some(IN_PROGRESS));
}

#[test]
fn a_run_that_concurrency_holds_is_pending() {
    let mut scene = Scene::new(GithubSettings::default());
    let run = scene.world.push(scene.now, &repository(), vec![held(false, false)]);
    assert_eq!(state(&scene, run).listed, Some(PENDING));
    scene.pass(MINUTE * 6);
    assert_eq!(state(&scene, run).listed, Some(QUEUED));
    scene.world.cancel(scene.now, run);
    assert_eq!(state(&scene, run).listed, None);
}

#[test]
fn an_announced_job_is_queued_before_it_waits_and_after() {
    let settings = || GithubSettings {
        webhook_delay: (Duration::from_secs(1), Duration::from_secs(1)),
        ..GithubSettings::default()
    };
    for (announced, expected) in
        [(true, &["queued", "waiting", "queued"][..]), (false, &["waiting", "queued"])]
    {
        let mut scene = Scene::new(settings());
        let run = scene.world.push(scene.now, &repository(), vec![held(announced, true)]);
        scene.pass(MINUTE);
        let job = scene.world.jobs_of(run).next().unwrap().job.clone();
        assert_eq!(scene.world.job(scene.now, &job).unwrap().unwrap().status, GithubJobStatus::Held);
        scene.pass(MINUTE * 5);
        assert_eq!(scene.actions(), expected);
        assert_eq!(scene.world.look_at(&job).unwrap().queued_at, Some(START + MINUTE * 5));
    }
}

#[test]
fn a_run_that_hangs_stays_queued_without_jobs_and_cannot_be_cancelled() {
    let mut scene = Scene::new(GithubSettings::default());
    let run = scene.world.push_hanging(scene.now, &repository());
    scene.pass(Duration::from_hours(100));
    assert_eq!(state(&scene, run).listed, Some(QUEUED));
    assert!(!scene.world.cancel(scene.now, run) && !scene.world.rerun(scene.now, run));
    assert_eq!((scene.world.jobs_of(run).count(), scene.world.open_jobs()), (0, 0));
    assert!(scene.events.is_empty());
}

#[test]
fn a_run_says_when_one_of_its_jobs_last_changed() {
    let mut scene = Scene::new(GithubSettings::default());
    let run = scene.push(2, MINUTE * 3);
    assert_eq!(state(&scene, run).updated_at, START);
    scene.pass(MINUTE);
    scene.runner("r-1");
    scene.pass(MINUTE);
    let started = state(&scene, run).updated_at;
    assert!(started > START + MINUTE && started < START + MINUTE * 2, "{started:?}");
    scene.pass(MINUTE * 5);
    assert!(state(&scene, run).updated_at > started);
}
