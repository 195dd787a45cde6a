//! What is refused at some places, to some labels, for a while and for ever.

use jit_runners_runtime::port::{Page, RunStatus};

use super::*;
use crate::github::{PlaceRefusal, RefusedCall};

/// The first page of jobs.
const FIRST: Page = Page { number: 1, size: 100 };

fn refusal(call: RefusedCall, answer: u16, places: &[&str]) -> PlaceRefusal {
    PlaceRefusal {
        from: START,
        until: None,
        call,
        answer,
        repositories: places.iter().map(|place| (*place).to_owned()).collect(),
        labels: BTreeSet::new(),
        chance: 1.0,
    }
}

fn scene(refusals: Vec<PlaceRefusal>) -> Scene {
    let mut scene = Scene::new(GithubSettings { refusals, ..GithubSettings::default() });
    scene.world.add_repository(&other());
    scene
}

fn other() -> Repository {
    Repository::new("else/api").unwrap()
}

fn elsewhere(name: &str) -> Registration {
    Registration { target: RegistrationTarget::Repository(other()), ..registration(name) }
}

#[test]
fn a_place_is_refused_and_others_are_not() {
    for places in [&["octo/web"][..], &["octo"], &[]] {
        let mut scene = scene(vec![refusal(RefusedCall::Registration, 403, places)]);
        let (status, message) = status_of(scene.register("r-1"));
        assert_eq!((status, message.contains("disabled")), (403, true), "{places:?}");
        let result = scene.world.register(scene.now, &elsewhere("r-2"));
        assert_eq!(result.is_err(), places.is_empty(), "{places:?}");
        let run = scene.push(1, MINUTE);
        let job = scene.world.jobs_of(run).next().unwrap().job.clone();
        assert!(scene.world.job(scene.now, &job).unwrap().is_some(), "only registrations are refused");
        assert_eq!(scene.world.last_refused(&job), Some(START));
        assert!(scene.world.is_refused_for_good(&job));
    }
}

#[test]
fn an_organization_is_meant_by_its_own_name() {
    let organization = |owner: &str| Registration {
        target: RegistrationTarget::Organization(owner.to_owned()),
        ..registration("r-1")
    };
    let mut scene = scene(vec![refusal(RefusedCall::Registration, 422, &["octo", "else/api"])]);
    assert_eq!(status_of(scene.world.register(scene.now, &organization("octo"))).0, 422);
    assert!(scene.world.register(scene.now, &organization("else")).is_ok());
}

#[test]
fn a_refusal_begins_and_ends() {
    let mut scene = scene(vec![PlaceRefusal {
        from: START + MINUTE,
        until: Some(START + MINUTE * 2),
        ..refusal(RefusedCall::Registration, 404, &[])
    }]);
    assert!(scene.register("r-1").is_ok());
    scene.pass(MINUTE);
    assert_eq!(status_of(scene.register("r-2")).0, 404);
    assert!(!scene.world.refuses_for_good());
    scene.pass(MINUTE);
    assert!(scene.register("r-2").is_ok());
}

#[test]
fn what_is_refused_for_ever_outlasts_faults() {
    let for_a_while =
        PlaceRefusal { until: Some(START + MINUTE * 60), ..refusal(RefusedCall::Job, 404, &["octo/web"]) };
    let mut scene = scene(vec![for_a_while, refusal(RefusedCall::Registration, 403, &["else"])]);
    let left = scene.world.settings_mut().without_faults();
    *scene.world.settings_mut() = left;
    let run = scene.push(1, MINUTE);
    let job = scene.world.jobs_of(run).next().unwrap().job.clone();
    assert!(scene.world.job(scene.now, &job).unwrap().is_some());
    assert_eq!(status_of(scene.world.register(scene.now, &elsewhere("r-1"))).0, 403);
    assert!(scene.world.refuses_for_good() && !scene.world.is_refused_for_good(&job));
}

#[test]
fn labels_are_refused_and_others_are_not() {
    let of_labels =
        PlaceRefusal { labels: labels(&["gpu"]), ..refusal(RefusedCall::Registration, 422, &["octo/web"]) };
    let mut scene = scene(vec![of_labels]);
    assert!(scene.register("r-1").is_ok());
    let gpu = Registration { labels: labels(&["linux", "gpu"]), ..registration("r-2") };
    assert_eq!(status_of(scene.world.register(scene.now, &gpu)).0, 422);
    let push = |scene: &mut Scene, texts| {
        let job = NewJob { labels: labels(texts), duration: MINUTE, ..NewJob::default() };
        let run = scene.world.push(scene.now, &repository(), vec![job]);
        scene.world.jobs_of(run).next().unwrap().job.clone()
    };
    let (well, refused) = (push(&mut scene, &["linux"]), push(&mut scene, &["linux", "gpu"]));
    assert_eq!((scene.world.last_refused(&well), scene.world.last_refused(&refused)), (None, Some(START)));
    assert!(!scene.world.is_refused_for_good(&well) && scene.world.is_refused_for_good(&refused));
}

#[test]
fn a_job_that_is_not_shown_still_runs() {
    let mut scene = scene(vec![refusal(RefusedCall::Job, 404, &["octo/web"])]);
    let run = scene.push(1, MINUTE);
    scene.runner("r-1");
    scene.pass(MINUTE / 2);
    let job = scene.world.jobs_of(run).next().unwrap().job.clone();
    assert_eq!(scene.world.job(scene.now, &job).unwrap(), None);
    assert_eq!(scene.started().len(), 1);
    assert_eq!(scene.world.happened().refused.jobs, 1);
}

#[test]
fn the_jobs_of_one_run_always_fail_to_list() {
    let mut scene = scene(Vec::new());
    let (broken, well) = (scene.push(1, MINUTE), scene.push(1, MINUTE));
    let call = RefusedCall::RunJobs { run: Some(broken) };
    scene.world.settings_mut().refusals.push(refusal(call, 502, &[]));
    let list = |scene: &mut Scene, run: RunId| scene.world.jobs(scene.now, &repository(), run.id, FIRST);
    assert_eq!(status_of(list(&mut scene, broken)).0, 502);
    assert_eq!(list(&mut scene, well).unwrap().len(), 1);
    assert!(scene.world.runs(scene.now, &repository(), RunStatus::Queued, 1, None).is_ok());
}

#[test]
fn everything_can_be_refused() {
    let mut scene = scene(Vec::new());
    let run = scene.push(1, MINUTE);
    let runner = scene.register("r-1").unwrap().runner_id;
    scene.world.settings_mut().refusals.push(refusal(RefusedCall::Everything, 403, &["octo/web"]));
    let now = scene.now;
    let statuses = [
        status_of(scene.register("r-2")).0,
        status_of(scene.world.remove(now, &target(), runner)).0,
        status_of(scene.world.find(now, &target(), "r-1")).0,
        status_of(scene.world.runners(now, &target(), 1)).0,
        status_of(scene.world.runs(now, &repository(), RunStatus::Queued, 1, None)).0,
        status_of(scene.world.jobs(now, &repository(), run.id, FIRST)).0,
        status_of(scene.world.downloads(now, &target())).0,
    ];
    assert_eq!(statuses, [403; 7]);
}

#[test]
fn a_refusal_by_chance_is_as_frequent_as_it_should_be() {
    let by_chance = PlaceRefusal { chance: 0.3, ..refusal(RefusedCall::Registration, 409, &[]) };
    let mut scene = scene(vec![by_chance]);
    let mut refused = 0;
    for index in 0..400 {
        scene.pass(Duration::from_secs(1));
        refused += u32::from(scene.register(&format!("r-{index}")).is_err());
    }
    assert!((90..150).contains(&refused), "{refused}");
    assert_eq!(scene.world.happened().refused.names, refused);
}
