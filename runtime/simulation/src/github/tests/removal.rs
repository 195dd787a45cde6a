//! Removals that GitHub accepts for runners with a job, and runners that update themselves.

use super::*;

fn blind() -> GithubSettings {
    GithubSettings { removal_blind: MINUTE, ..GithubSettings::default() }
}

/// A runner that has just started its job.
fn working(scene: &mut Scene, duration: Duration) -> u64 {
    scene.push(1, duration);
    let runner = scene.runner("r-1");
    scene.pass(Duration::from_secs(10));
    assert_eq!(scene.started().len(), 1);
    runner
}

#[test]
fn a_runner_with_a_new_job_is_shown_without_it_and_can_be_removed() {
    let mut scene = Scene::new(blind());
    let runner = working(&mut scene, MINUTE * 5);
    let found = scene.world.find(scene.now, &target(), "r-1").unwrap().unwrap();
    assert_eq!((found.online, found.busy), (true, false));
    scene.world.remove(scene.now, &target(), runner).unwrap();
    assert_eq!(scene.world.find(scene.now, &target(), "r-1").unwrap(), None);
    assert_eq!(status_of(scene.world.remove(scene.now, &target(), runner)).0, 404);
    assert!(scene.world.job_under_way(runner).is_some(), "its job goes on");
    scene.pass(MINUTE * 6);
    assert_eq!((scene.ended(), scene.dropped()), (vec![runner], vec![]));
    assert_eq!(scene.world.open_jobs(), 0);
    assert_eq!(scene.world.happened().blind_removals, 1);
}

#[test]
fn after_some_time_the_job_is_seen() {
    let mut scene = Scene::new(blind());
    let runner = working(&mut scene, MINUTE * 5);
    scene.pass(MINUTE);
    assert!(scene.world.find(scene.now, &target(), "r-1").unwrap().unwrap().busy);
    assert_eq!(status_of(scene.world.remove(scene.now, &target(), runner)).0, 422);
}

#[test]
fn the_job_of_a_removed_runner_fails_with_its_machine() {
    let mut scene = Scene::new(blind());
    let runner = working(&mut scene, MINUTE * 5);
    scene.world.remove(scene.now, &target(), runner).unwrap();
    scene.world.machine_lost(scene.now, runner);
    scene.pass(MINUTE * 30);
    assert_eq!(scene.world.open_jobs(), 0);
    assert_eq!(scene.world.all_jobs().next().unwrap().conclusion, Some("failure"));
    assert_eq!(scene.world.registrations().count(), 0);
}

#[test]
fn a_removed_runner_that_was_just_given_a_job_does_not_stop() {
    let settings = GithubSettings { pickup_delay: (MINUTE, MINUTE), ..blind() };
    let mut scene = Scene::new(settings);
    scene.push(1, MINUTE);
    let runner = scene.runner("r-1");
    scene.pass(Duration::from_secs(10));
    scene.world.remove(scene.now, &target(), runner).unwrap();
    assert!(!scene.world.stop_listening(scene.now, runner));
    scene.pass(MINUTE * 3);
    assert_eq!(scene.ended(), [runner]);
}

#[test]
fn a_runner_that_updates_itself_is_shown_with_a_job_and_listens_later() {
    let mut scene = Scene::new(GithubSettings { self_update: 1.0, ..GithubSettings::default() });
    scene.push(1, MINUTE);
    let runner = scene.runner("r-1");
    scene.pass(Duration::from_secs(30));
    let found = scene.world.find(scene.now, &target(), "r-1").unwrap().unwrap();
    assert_eq!((found.online, found.busy), (true, true));
    assert_eq!(status_of(scene.world.remove(scene.now, &target(), runner)).0, 422);
    assert!(scene.started().is_empty());
    assert_eq!(scene.world.registration(runner).unwrap().job, None);
    scene.pass(MINUTE * 3);
    assert_eq!(scene.ended(), [runner]);
}

#[test]
fn a_machine_that_is_lost_while_its_runner_updates_never_listens() {
    let mut scene = Scene::new(GithubSettings { self_update: 1.0, ..GithubSettings::default() });
    scene.push(1, MINUTE);
    let runner = scene.runner("r-1");
    scene.world.machine_lost(scene.now, runner);
    scene.pass(MINUTE * 5);
    assert!(scene.started().is_empty());
    assert!(scene.world.registrations().all(|it| !it.online && !it.busy));
}
