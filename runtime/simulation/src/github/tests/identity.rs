//! Renames, transfers, and repositories of other installations.

use jit_runners_runtime::port::RunStatus;

use super::*;
use crate::github::Endpoint;

fn renamed() -> Repository {
    Repository::new("octo/site").unwrap()
}

fn transferred() -> Repository {
    Repository::new("other/web").unwrap()
}

fn organization(owner: &str) -> RegistrationTarget {
    RegistrationTarget::Organization(owner.to_owned())
}

#[test]
fn an_old_name_answers_as_the_new_one_and_costs_one_more_request() {
    let mut scene = Scene::new(GithubSettings::default());
    let run = scene.push(1, MINUTE);
    let job = scene.world.jobs_of(run).next().unwrap().job.clone();
    let first = scene.register("r-1").unwrap().runner_id;
    assert!(scene.world.rename(scene.now, &repository(), &renamed()));
    assert_eq!(scene.world.renamed(&repository()), Some(renamed().with_id(1)));
    assert_eq!(scene.world.renamed(&renamed()), None);
    let before = scene.world.calls().total();
    assert!(scene.world.job(scene.now, &job).unwrap().is_some());
    assert_eq!(scene.world.calls().total(), before + 2);
    let new = RegistrationTarget::Repository(renamed());
    assert_eq!(scene.world.find(scene.now, &new, "r-1").unwrap().unwrap().id, first);
    assert_eq!(scene.world.calls().total(), before + 3);
    scene.world.remove(scene.now, &target(), first).unwrap();
    assert_eq!(scene.world.registrations().count(), 0);
    assert_eq!(scene.world.calls().of(Endpoint::Redirect).total, 2);
    let shown = scene.world.job(scene.now, &JobRef { repository: renamed(), ..job }).unwrap().unwrap();
    assert_eq!(shown.job.repository.as_str(), "octo/site");
}

#[test]
fn webhooks_carry_the_name_of_their_moment() {
    let settings = GithubSettings { webhook_delay: (MINUTE, MINUTE), ..GithubSettings::default() };
    let mut scene = Scene::new(settings);
    scene.push(1, MINUTE);
    scene.pass(Duration::from_secs(5));
    scene.world.rename(scene.now, &repository(), &renamed());
    scene.world.push(
        scene.now,
        &renamed(),
        vec![NewJob { labels: labels(&["linux"]), duration: MINUTE, ..NewJob::default() }],
    );
    scene.pass(MINUTE * 2);
    let names: Vec<_> = scene.bodies().iter().map(|body| body["repository"]["full_name"].clone()).collect();
    assert_eq!(names, ["octo/web", "octo/site"]);
    let ids: BTreeSet<_> =
        scene.bodies().iter().map(|body| body["repository"]["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), 1);
}

#[test]
fn a_name_that_is_in_use_cannot_be_taken_and_an_old_one_can() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.world.add_repository(&renamed());
    assert!(!scene.world.rename(scene.now, &repository(), &renamed()));
    assert!(!scene.world.rename(scene.now, &transferred(), &repository()), "there is no such repository");
    assert!(scene.world.rename(scene.now, &repository(), &transferred()));
    assert!(scene.world.rename(scene.now, &transferred(), &repository()), "it gets its first name again");
    assert_eq!(scene.world.renamed(&repository()), None);
}

#[test]
fn jobs_of_a_transferred_repository_wait_for_runners_of_the_new_owner() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.push(1, MINUTE);
    scene.world.rename(scene.now, &repository(), &transferred());
    let runner = |scene: &mut Scene, owner: &str| {
        let registration = Registration { target: organization(owner), ..registration(owner) };
        let configuration = scene.world.register(scene.now, &registration).unwrap();
        scene.world.connect(scene.now, &configuration.encoded).unwrap()
    };
    runner(&mut scene, "octo");
    scene.pass(MINUTE);
    assert!(scene.started().is_empty());
    let new = runner(&mut scene, "other");
    scene.pass(MINUTE);
    assert_eq!(scene.started().iter().map(|(runner, _)| *runner).collect::<Vec<_>>(), [new]);
}

#[test]
fn a_runner_of_a_renamed_repository_gets_its_jobs() {
    let mut scene = Scene::new(GithubSettings::default());
    let runner = scene.runner("r-1");
    scene.world.rename(scene.now, &repository(), &renamed());
    scene.push(1, MINUTE);
    scene.pass(MINUTE * 2);
    assert_eq!(scene.ended(), [runner]);
    assert_eq!(scene.actions(), ["queued", "in_progress", "completed"]);
}

#[test]
fn another_installations_jobs_are_told_and_cannot_be_reached() {
    let mut scene = Scene::new(GithubSettings::default());
    let job = NewJob { labels: labels(&["linux"]), duration: MINUTE, ..NewJob::default() };
    let run = scene.world.push_foreign(scene.now, 2, &transferred(), vec![job.clone()]);
    // The same name as one of ours: another installation's App sees another organization.
    let same = scene.world.push_foreign(scene.now, 3, &repository(), vec![job]);
    scene.runner("r-1");
    scene.pass(MINUTE * 5);
    let told: BTreeSet<_> =
        scene.bodies().iter().map(|body| body["installation"]["id"].as_u64().unwrap()).collect();
    assert_eq!(told, [2, 3].into());
    for run in [run, same] {
        let job = scene.world.jobs_of(run).next().unwrap().job.clone();
        assert_eq!(scene.world.job(scene.now, &job).unwrap(), None);
    }
    assert_eq!(status_of(scene.world.runs(scene.now, &transferred(), RunStatus::Queued, 1, None)).0, 404);
    assert_eq!(scene.world.repositories(scene.now, 1).unwrap(), [repository().with_id(1)]);
    assert!(scene.started().is_empty());
    assert_eq!((scene.world.open_jobs(), scene.world.all_jobs().count()), (0, 0));
    scene.pass(Duration::from_hours(25));
    assert_eq!(scene.count("completed"), 2, "they fail after a day");
}
