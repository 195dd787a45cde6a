//! The REST API: what it answers, its limits, faults and counts.

use jit_runners_runtime::port::{Etagged, GithubJobStatus, Page, Refusal, RunStatus};

use super::*;
use crate::github::Endpoint;

/// The first page of jobs.
const FIRST: Page = Page { number: 1, size: 100 };

#[test]
fn a_taken_name_is_refused() {
    let mut scene = Scene::new(GithubSettings::default());
    let first = scene.register("r-1").unwrap().runner_id;
    let (status, message) = status_of(scene.register("r-1"));
    assert_eq!((status, message.starts_with("Already exists - ")), (409, true));
    scene.world.remove(scene.now, &target(), first).unwrap();
    scene.register("r-1").unwrap();
}

#[test]
fn what_is_no_registration_is_refused() {
    let mut scene = Scene::new(GithubSettings::default());
    for name in ["", "a/b", &"x".repeat(65)] {
        assert_eq!(status_of(scene.register(name)).0, 400, "{name}");
    }
    let bare = Registration { labels: BTreeSet::new(), ..registration("r-1") };
    assert_eq!(status_of(scene.world.register(START, &bare)).0, 422);
    let elsewhere = RegistrationTarget::Repository(Repository::new("octo/unknown").unwrap());
    let elsewhere = Registration { target: elsewhere, ..registration("r-1") };
    assert_eq!(status_of(scene.world.register(START, &elsewhere)).0, 404);
    assert_eq!(scene.world.registrations().count(), 0);
}

#[test]
fn a_busy_runner_cannot_be_removed() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.push(1, MINUTE);
    let runner = scene.runner("r-1");
    scene.pass(Duration::from_secs(10));
    assert_eq!(
        status_of(scene.world.remove(scene.now, &target(), runner)),
        (422, "Bad request - Runner \"r-1\" is still running a job".to_owned())
    );
}

#[test]
fn a_listening_runner_that_is_removed_hears_of_it() {
    let mut scene = Scene::new(GithubSettings::default());
    let runner = scene.runner("r-1");
    scene.pass(MINUTE);
    scene.world.remove(scene.now, &target(), runner).unwrap();
    scene.push(1, MINUTE);
    scene.pass(MINUTE);
    assert_eq!(scene.dropped(), [runner]);
    assert!(scene.started().is_empty());
    assert_eq!(status_of(scene.world.remove(scene.now, &target(), runner)).0, 404);
}

#[test]
fn a_runner_is_found_by_name_and_page_by_page() {
    let mut scene = Scene::new(GithubSettings::default());
    for index in 0..130 {
        scene.register(&format!("r-{index}")).unwrap();
    }
    let found = scene.world.find(scene.now, &target(), "r-7").unwrap().unwrap();
    assert_eq!((found.online, found.busy), (false, false));
    scene.world.remove(scene.now, &target(), found.id).unwrap();
    assert_eq!(scene.world.find(scene.now, &target(), "r-7").unwrap(), None);
    let pages: Vec<_> =
        (1..=3).map(|page| scene.world.runners(scene.now, &target(), page).unwrap().len()).collect();
    assert_eq!(pages, [100, 29, 0]);
}

#[test]
fn a_run_is_listed_where_it_stands() {
    let mut scene = Scene::new(GithubSettings::default());
    let run = scene.push(2, MINUTE);
    let listed = |scene: &mut Scene, status| match scene
        .world
        .runs(scene.now, &repository(), status, 1, None)
        .unwrap()
    {
        Etagged::Changed { value, .. } => value.iter().map(|run| RunId { id: run.id }).collect::<Vec<_>>(),
        Etagged::Unchanged => panic!("there was no etag"),
    };
    assert_eq!(listed(&mut scene, RunStatus::Queued), [run]);
    assert_eq!(listed(&mut scene, RunStatus::InProgress), []);
    scene.runner("r-1");
    scene.pass(Duration::from_secs(20));
    assert_eq!(listed(&mut scene, RunStatus::Queued), []);
    assert_eq!(listed(&mut scene, RunStatus::InProgress), [run]);
    let jobs = scene.world.jobs(scene.now, &repository(), run.id, FIRST).unwrap();
    let mut statuses: Vec<_> = jobs.iter().map(|job| job.status).collect();
    statuses.sort_by_key(|status| *status == GithubJobStatus::Queued);
    assert_eq!(statuses, [GithubJobStatus::InProgress, GithubJobStatus::Queued]);
    scene.pass(MINUTE);
    assert_eq!(listed(&mut scene, RunStatus::Queued), [run]);
    scene.world.cancel(scene.now, run);
    assert_eq!(listed(&mut scene, RunStatus::Queued), []);
    assert_eq!(status_of(scene.world.jobs(scene.now, &repository(), 1, FIRST)).0, 404);
}

#[test]
fn a_run_with_a_held_job_waits_and_its_free_jobs_are_in_no_other_list() {
    let mut scene = Scene::new(GithubSettings::default());
    let job = |held_for| NewJob {
        labels: labels(&["linux"]),
        duration: MINUTE,
        held_for,
        gated: true,
        ..NewJob::default()
    };
    let run = scene.world.push(START, &repository(), vec![job(None), job(Some(MINUTE * 5))]);
    let listed = |scene: &mut Scene| {
        let has = |runs: Etagged<Vec<_>>| matches!(runs, Etagged::Changed { value, .. } if !value.is_empty());
        RunStatus::ALL.map(|status| has(scene.world.runs(scene.now, &repository(), status, 1, None).unwrap()))
    };
    assert_eq!(listed(&mut scene), [false, false, true, false]);
    scene.pass(MINUTE * 6);
    assert_eq!(listed(&mut scene), [true, false, false, false], "let go");
    scene.world.cancel(scene.now, run);
    assert_eq!(listed(&mut scene), [false; 4]);
}

#[test]
fn runs_and_jobs_come_page_by_page_and_a_run_says_when_it_last_changed() {
    let mut scene = Scene::new(GithubSettings::default());
    for _ in 0..101 {
        scene.push(1, MINUTE);
    }
    scene.pass(MINUTE);
    let last = scene.push(25, MINUTE);
    let page = |scene: &mut Scene, page| {
        let runs = scene.world.runs(scene.now, &repository(), RunStatus::Queued, page, None).unwrap();
        let Etagged::Changed { value, .. } = runs else { panic!("there was no etag") };
        value
    };
    let (first, second) = (page(&mut scene, 1), page(&mut scene, 2));
    assert_eq!((first.len(), second.len(), page(&mut scene, 3).len()), (100, 2, 0));
    assert_eq!((first[0].id, first[0].updated_at, first[1].updated_at), (last.id, scene.now, START));
    let jobs = |scene: &mut Scene, number| {
        scene.world.jobs(scene.now, &repository(), last.id, Page { number, size: 10 }).unwrap().len()
    };
    assert_eq!([1, 2, 3, 4].map(|number| jobs(&mut scene, number)), [10, 10, 5, 0]);
}

#[test]
fn an_etag_lasts_until_a_job_of_the_list_changes() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.push(1, MINUTE);
    let ask = |scene: &mut Scene, etag: Option<&str>| match scene
        .world
        .runs(scene.now, &repository(), RunStatus::Queued, 1, etag)
        .unwrap()
    {
        Etagged::Changed { etag, .. } => Some(etag),
        Etagged::Unchanged => None,
    };
    let etag = ask(&mut scene, None).unwrap();
    let left = scene.world.rate_limit(scene.now).remaining;
    scene.pass(MINUTE);
    assert_eq!(ask(&mut scene, Some(&etag)), None);
    assert_eq!(scene.world.rate_limit(scene.now).remaining, left);
    scene.push(1, MINUTE);
    let other = ask(&mut scene, Some(&etag)).unwrap();
    assert_ne!(other, etag);
    assert_eq!(scene.world.rate_limit(scene.now).remaining, left - 1);
}

#[test]
fn one_job_is_shown_as_it_stands_and_an_unknown_one_is_not() {
    let mut scene = Scene::new(GithubSettings::default());
    let run = scene.push(1, MINUTE * 5);
    let job = scene.world.jobs_of(run).next().unwrap().job.clone();
    let shown = scene.world.job(scene.now, &job).unwrap().unwrap();
    assert_eq!((shown.status, shown.runner_name, shown.queued_at), (GithubJobStatus::Queued, None, START));
    scene.runner("r-1");
    scene.pass(MINUTE);
    let shown = scene.world.job(scene.now, &job).unwrap().unwrap();
    assert_eq!((shown.status, shown.runner_name), (GithubJobStatus::InProgress, Some("r-1".to_owned())));
    let other = JobRef { run_attempt: 2, ..job };
    assert_eq!(scene.world.job(scene.now, &other).unwrap(), None);
}

#[test]
fn stale_reads_show_what_was_a_moment_ago() {
    let mut scene = Scene::new(GithubSettings { stale_reads: 1.0, ..GithubSettings::default() });
    let run = scene.push(1, MINUTE * 5);
    let listed = |scene: &mut Scene| match scene
        .world
        .runs(scene.now, &repository(), RunStatus::Queued, 1, None)
        .unwrap()
    {
        Etagged::Changed { value, etag } => {
            (value.iter().map(|run| RunId { id: run.id }).collect::<Vec<_>>(), etag)
        }
        Etagged::Unchanged => panic!("there was no etag"),
    };
    let (early, early_etag) = listed(&mut scene);
    scene.pass(Duration::from_secs(5));
    let (late, late_etag) = listed(&mut scene);
    assert_eq!((early, late), (vec![], vec![run]));
    assert_ne!(early_etag, late_etag);
    scene.world.cancel(scene.now, run);
    let status = |scene: &mut Scene| {
        scene.world.jobs(scene.now, &repository(), run.id, FIRST).unwrap().first().map(|job| job.status)
    };
    assert_eq!(status(&mut scene), Some(GithubJobStatus::Queued));
    scene.pass(Duration::from_secs(5));
    assert_eq!(status(&mut scene), Some(GithubJobStatus::Completed));
}

#[test]
fn stale_reads_of_runners_show_what_was_a_moment_ago() {
    let mut scene = Scene::new(GithubSettings { stale_reads: 1.0, ..GithubSettings::default() });
    let configuration = scene.register("r-1").unwrap();
    let shown = |scene: &mut Scene| {
        let found = scene.world.find(scene.now, &target(), "r-1").unwrap();
        assert_eq!(scene.world.runners(scene.now, &target(), 1).unwrap().first(), found.as_ref());
        found.map(|it| (it.online, it.busy))
    };
    let moment = Duration::from_secs(5);
    assert_eq!(shown(&mut scene), None);
    scene.pass(moment);
    assert_eq!(shown(&mut scene), Some((false, false)));
    let runner = scene.world.connect(scene.now, &configuration.encoded).unwrap();
    assert_eq!(shown(&mut scene), Some((false, false)));
    scene.pass(moment);
    assert_eq!(shown(&mut scene), Some((true, false)));
    scene.push(1, MINUTE);
    while !scene.world.registration(runner).unwrap().busy {
        scene.pass(Duration::from_millis(10));
    }
    assert_eq!(shown(&mut scene), Some((true, false)));
    // A removal never depends on stale data.
    assert_eq!(status_of(scene.world.remove(scene.now, &target(), runner)).0, 422);
    scene.pass(moment);
    assert_eq!(shown(&mut scene), Some((true, true)));
}

#[test]
fn repositories_are_listed_page_by_page() {
    let mut scene = Scene::new(GithubSettings::default());
    for index in 0..249 {
        scene.world.add_repository(&Repository::new(format!("octo/r{index}")).unwrap());
        scene.world.add_repository(&repository());
    }
    let pages: Vec<_> = (1..=4).map(|page| scene.world.repositories(START, page).unwrap().len()).collect();
    assert_eq!(pages, [100, 100, 50, 0]);
}

#[track_caller]
fn refusal<T: std::fmt::Debug>(result: Result<T, GithubError>) -> Refusal {
    match result.unwrap_err() {
        GithubError::Refused(refusal) => refusal,
        GithubError::Unknown(reason) => panic!("no answer: {reason}"),
    }
}

#[test]
fn registrations_cost_five_points_of_nine_hundred_a_minute() {
    let mut scene = Scene::new(GithubSettings::default());
    for index in 0..180 {
        scene.register(&format!("r-{index}")).unwrap();
    }
    assert!(!scene.world.calls().exceeded());
    scene.now = scene.now + Duration::from_secs(20);
    let refused = refusal(scene.register("one-more"));
    assert!([403, 429].contains(&refused.status));
    assert_eq!(refused.retry_after, Some(Duration::from_secs(41)));
    assert!(refused.rate_limit.is_some_and(|it| it.remaining > 0));
    // Other endpoints are not concerned.
    scene.world.find(scene.now, &target(), "one-more").unwrap();
    scene.now = scene.now + Duration::from_secs(40);
    scene.register("one-more").unwrap();
    let calls = scene.world.calls();
    assert_eq!((calls.secondary_hits, calls.limit_hits(), calls.exceeded()), (1, 1, true));
    assert_eq!(calls.of(Endpoint::Register).total, 182);
    assert_eq!(calls.of(Endpoint::Register).peak_per_minute, 181);
    assert_eq!(calls.of(Endpoint::Register).peak_per_second, 180);
    assert_eq!(calls.of(Endpoint::Remove).total, 0);
}

#[test]
fn a_refusal_for_the_secondary_limit_may_say_nothing() {
    let settings =
        GithubSettings { secondary_limit: 5, secondary_without_wait: 1.0, ..GithubSettings::default() };
    let mut scene = Scene::new(settings);
    scene.register("r-1").unwrap();
    assert_eq!(refusal(scene.register("r-2")).retry_after, None);
}

#[test]
fn the_primary_limit_is_for_an_hour_and_says_so() {
    let mut scene = Scene::new(GithubSettings { primary_limit: 3, ..GithubSettings::default() });
    for left in [2, 1, 0] {
        scene.world.find(scene.now, &target(), "r-1").unwrap();
        assert_eq!(scene.world.rate_limit(scene.now).remaining, left);
        scene.now = scene.now + MINUTE;
    }
    let told = refusal(scene.world.find(scene.now, &target(), "r-1")).rate_limit.unwrap();
    assert_eq!((told.limit, told.remaining, told.reset), (3, 0, START + MINUTE * 60));
    // Registrations have a limit of their own.
    scene.register("r-1").unwrap();
    scene.now = told.reset;
    scene.world.find(scene.now, &target(), "r-1").unwrap();
    assert_eq!(scene.world.calls().primary_hits, 1);
}

#[test]
fn registrations_have_limits_of_their_own() {
    let settings =
        GithubSettings { registration_limit: 3, registration_burst: 2, ..GithubSettings::default() };
    let mut scene = Scene::new(settings);
    scene.register("r-1").unwrap();
    scene.register("r-2").unwrap();
    assert!(refusal(scene.register("r-3")).retry_after.is_some_and(|wait| wait > MINUTE * 4));
    scene.now = scene.now + MINUTE * 5;
    scene.register("r-3").unwrap();
    assert_eq!(refusal(scene.register("r-4")).rate_limit.map(|it| it.remaining), Some(0));
    assert_eq!(scene.world.calls().registration_hits, 2);
}

#[test]
fn an_outage_answers_nothing_and_sends_nothing_until_it_is_over() {
    let outages = vec![(START, START + MINUTE * 10)];
    let mut scene = Scene::new(GithubSettings { outages: outages.clone(), ..GithubSettings::default() });
    scene.push(1, MINUTE);
    assert!(matches!(status_of(scene.register("r-1")).0, 0 | 500..));
    scene.pass(Duration::from_secs(599));
    assert!(scene.actions().is_empty());
    scene.pass(Duration::from_secs(10));
    assert_eq!(scene.actions(), ["queued"]);
    scene.register("r-1").unwrap();

    let mut scene =
        Scene::new(GithubSettings { outages, outage_loses_webhooks: 1.0, ..GithubSettings::default() });
    scene.push(1, MINUTE);
    scene.pass(MINUTE * 60);
    assert!(scene.actions().is_empty());
}

#[test]
fn a_server_error_may_hide_that_it_was_done() {
    let registered = |done_despite_error| {
        let settings = GithubSettings { server_error: 1.0, done_despite_error, ..GithubSettings::default() };
        let mut scene = Scene::new(settings);
        assert!(matches!(status_of(scene.register("r-1")).0, 0 | 500..));
        scene.world.registrations().count()
    };
    assert_eq!((registered(0.0), registered(1.0)), (0, 1));
}

#[test]
fn a_period_is_over_in_a_whole_second() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.now = scene.now + Duration::from_millis(1);
    scene.world.find(scene.now, &target(), "r-1").unwrap();
    let told = scene.world.rate_limit(scene.now);
    assert_eq!(told.reset, START + Duration::from_secs(3_601));
    assert_eq!(scene.world.rate_limit(told.reset).remaining, 5_000);
}

#[test]
fn a_refusal_without_reason_does_nothing_and_is_no_published_limit() {
    let mut scene = Scene::new(GithubSettings { refuse_limited: 1.0, ..GithubSettings::default() });
    let bare = refusal(scene.register("r-1"));
    assert_eq!((bare.retry_after, bare.rate_limit), (None, None));
    scene.world.settings_mut().refuse_limited = 0.0;
    scene.world.settings_mut().refuse_with_wait = 1.0;
    let waits = refusal(scene.world.runs(START, &repository(), RunStatus::Queued, 1, None));
    assert!(waits.retry_after.is_some_and(|wait| wait >= Duration::from_secs(10)));
    assert_eq!(scene.world.registrations().count(), 0);
    assert!(!scene.world.calls().exceeded());
}
