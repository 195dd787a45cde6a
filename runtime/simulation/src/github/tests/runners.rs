//! Registrations and machines.

use super::*;
use crate::github::ConnectError;

#[test]
fn a_configuration_works_once() {
    let mut scene = Scene::new(GithubSettings::default());
    let encoded = scene.register("r-1").unwrap().encoded;
    let runner = scene.world.connect(scene.now, &encoded).unwrap();
    assert_eq!(scene.world.connect(scene.now, &encoded), Err(ConnectError::Used));
    assert!(scene.world.stop_listening(scene.now, runner));
    assert_eq!(scene.world.connect(scene.now, &encoded), Err(ConnectError::Used));
    scene.world.remove(scene.now, &target(), runner).unwrap();
    assert_eq!(scene.world.connect(scene.now, &encoded), Err(ConnectError::Gone));
    for forged in ["", "jit-101", "jit-101-0", "jit-999-0"] {
        assert_eq!(scene.world.connect(scene.now, forged), Err(ConnectError::Malformed), "{forged}");
    }
}

#[test]
fn ids_of_runners_grow() {
    let mut scene = Scene::new(GithubSettings::default());
    let first = scene.register("r-1").unwrap().runner_id;
    scene.world.remove(scene.now, &target(), first).unwrap();
    assert!(scene.register("r-1").unwrap().runner_id > first);
}

#[test]
fn an_idle_runner_is_dropped_and_its_process_is_told() {
    let settings = GithubSettings { idle_drop: Some((MINUTE * 2, MINUTE * 6)), ..GithubSettings::default() };
    let mut scene = Scene::new(settings);
    let runner = scene.runner("r-1");
    scene.pass(Duration::from_secs(119));
    assert!(scene.dropped().is_empty());
    scene.pass(MINUTE * 5);
    assert_eq!(scene.dropped(), [runner]);
    assert_eq!(scene.world.registrations().count(), 0);
}

#[test]
fn a_busy_runner_is_not_dropped() {
    let settings = GithubSettings { idle_drop: Some((MINUTE * 2, MINUTE * 6)), ..GithubSettings::default() };
    let mut scene = Scene::new(settings);
    scene.push(1, MINUTE * 30);
    scene.runner("r-1");
    scene.pass(MINUTE * 10);
    assert!(scene.dropped().is_empty());
    assert_eq!(scene.world.registrations().count(), 1);
}

#[test]
fn a_ghost_uses_its_registration_up_and_the_job_is_queued_again_without_a_webhook() {
    let mut scene = Scene::new(GithubSettings { ghost: 1.0, ..GithubSettings::default() });
    scene.push(1, MINUTE);
    let ghost = scene.runner("r-1");
    scene.pass(Duration::from_secs(20));
    assert_eq!(scene.ghosts(), [ghost]);
    assert_eq!(scene.world.registrations().count(), 0);
    scene.world.settings_mut().ghost = 0.0;
    let other = scene.runner("r-2");
    scene.pass(MINUTE * 5);
    assert_eq!(scene.ended(), [other]);
    assert_eq!(scene.actions(), ["queued", "in_progress", "completed"]);
}

#[test]
fn a_runner_that_has_a_job_does_not_stop() {
    let mut scene = Scene::new(GithubSettings::default());
    let runner = scene.runner("r-1");
    scene.push(1, MINUTE);
    scene.pass(Duration::from_secs(3));
    assert!(!scene.world.stop_listening(scene.now, runner));
}

#[test]
fn a_process_that_stopped_is_not_told_that_its_registration_is_gone() {
    let mut scene = Scene::new(GithubSettings::default());
    let runner = scene.runner("r-1");
    scene.world.remove(scene.now, &target(), runner).unwrap();
    assert!(scene.world.stop_listening(scene.now, runner));
    scene.pass(MINUTE * 2);
    assert!(scene.dropped().is_empty());
}

#[test]
fn a_runner_that_stopped_gets_no_job_and_is_offline_for_a_day() {
    let mut scene = Scene::new(GithubSettings::default());
    let runner = scene.runner("r-1");
    scene.pass(MINUTE * 60);
    assert!(scene.world.stop_listening(scene.now, runner));
    scene.push(1, MINUTE);
    scene.pass(MINUTE * (24 * 60 - 1));
    assert!(scene.started().is_empty());
    assert!(scene.world.registrations().all(|it| !it.online && !it.busy));
    assert_eq!(scene.world.registrations().count(), 1);
    scene.pass(MINUTE * 2);
    assert_eq!(scene.world.registrations().count(), 0);
}

#[test]
fn a_registration_that_nobody_listened_with_is_removed_after_a_day() {
    let mut scene = Scene::new(GithubSettings::default());
    let encoded = scene.register("r-1").unwrap().encoded;
    scene.pass(MINUTE * (24 * 60 - 1));
    assert_eq!(scene.world.registrations().count(), 1);
    scene.pass(MINUTE * 2);
    assert_eq!(scene.world.registrations().count(), 0);
    assert_eq!(scene.world.connect(scene.now, &encoded), Err(ConnectError::Gone));
}

#[test]
fn a_lost_machine_with_a_job_stays_busy_until_the_job_has_failed() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.push(1, MINUTE * 3);
    let runner = scene.runner("r-1");
    scene.pass(MINUTE * 2);
    let job = scene.started()[0].1.clone();
    scene.world.machine_lost(scene.now, runner);
    scene.pass(MINUTE * 9);
    assert_eq!(status_of(scene.world.remove(scene.now, &target(), runner)).0, 422);
    assert!(scene.world.registrations().all(|it| !it.online && it.busy));
    scene.pass(MINUTE * 7);
    assert_eq!(scene.world.look_at(&job).unwrap().conclusion, Some("failure"));
    assert_eq!(scene.actions(), ["queued", "in_progress", "completed"]);
    assert!(scene.ended().is_empty());
    assert_eq!(scene.world.registrations().count(), 0);
}

#[test]
fn a_lost_machine_may_leave_its_registration_behind() {
    let mut scene = Scene::new(GithubSettings { left_behind: 1.0, ..GithubSettings::default() });
    scene.push(1, MINUTE * 3);
    let runner = scene.runner("r-1");
    scene.pass(MINUTE * 2);
    scene.world.machine_lost(scene.now, runner);
    scene.pass(MINUTE * 20);
    assert!(scene.world.registrations().all(|it| !it.online && !it.busy));
    scene.world.remove(scene.now, &target(), runner).unwrap();
    assert_eq!(scene.world.registrations().count(), 0);
}

#[test]
fn a_job_that_a_lost_machine_never_picked_up_is_queued_again() {
    let mut scene = Scene::new(GithubSettings {
        offline_after: (MINUTE, MINUTE),
        assign_delay: (Duration::from_secs(1), Duration::from_secs(1)),
        ..GithubSettings::default()
    });
    let lost = scene.runner("r-1");
    scene.pass(MINUTE);
    // GitHub does not know yet.
    scene.world.machine_lost(scene.now, lost);
    scene.push(1, MINUTE);
    scene.pass(Duration::from_secs(2));
    let runner = scene.runner("r-2");
    scene.pass(Duration::from_secs(50));
    assert!(scene.started().is_empty());
    scene.pass(MINUTE * 2);
    assert_eq!(scene.ended(), [runner]);
    assert_eq!(scene.actions(), ["queued", "in_progress", "completed"]);
    assert!(scene.world.registrations().all(|it| it.id == lost && !it.online && !it.busy));
    assert_eq!(scene.world.registrations().count(), 1);
}

#[test]
fn a_job_that_was_started_a_moment_ago_may_be_queued_again_when_its_machine_is_lost() {
    let mut scene = Scene::new(GithubSettings { requeued_though_started: 1.0, ..GithubSettings::default() });
    let run = scene.push(1, MINUTE * 3);
    let lost = scene.runner("r-1");
    scene.pass(Duration::from_secs(20));
    assert_eq!(scene.started().len(), 1);
    scene.world.machine_lost(scene.now, lost);
    scene.pass(MINUTE);
    let view = scene.world.jobs_of(run).next().unwrap();
    assert_eq!((view.started_at, view.runner_name), (None, None));
    let runner = scene.runner("r-2");
    scene.pass(MINUTE * 5);
    assert_eq!(scene.ended(), [runner]);
    assert_eq!(scene.count("queued"), 1);
}

#[test]
fn what_nobody_knows_can_be_lost_too() {
    let mut scene = Scene::new(GithubSettings::default());
    let runner = scene.register("r-1").unwrap().runner_id;
    scene.world.machine_lost(scene.now, runner);
    scene.world.machine_lost(scene.now, 1);
    scene.world.machine_lost(scene.now, 10_000);
    assert!(scene.world.stop_listening(scene.now, 10_000));
    scene.pass(MINUTE);
    assert_eq!(scene.world.registrations().count(), 1);
}
