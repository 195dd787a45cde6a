//! Limits, faults and counts.

use jit_runners_runtime::port::{Refusal, RunStatus};

use super::*;
use crate::github::Endpoint;

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
    scene.world.find(scene.now, &place(), "one-more").unwrap();
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
        scene.world.find(scene.now, &place(), "r-1").unwrap();
        assert_eq!(scene.world.rate_limit(scene.now).remaining, left);
        scene.now = scene.now + MINUTE;
    }
    let told = refusal(scene.world.find(scene.now, &place(), "r-1")).rate_limit.unwrap();
    assert_eq!((told.limit, told.remaining, told.reset), (3, 0, START + MINUTE * 60));
    // Registrations have a limit of their own.
    scene.register("r-1").unwrap();
    scene.now = told.reset;
    scene.world.find(scene.now, &place(), "r-1").unwrap();
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
    scene.world.find(scene.now, &place(), "r-1").unwrap();
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
    let waits = refusal(scene.world.runs(START, &repository(), RunStatus::Queued, None));
    assert!(waits.retry_after.is_some_and(|wait| wait >= Duration::from_secs(10)));
    assert_eq!(scene.world.registrations().count(), 0);
    assert!(!scene.world.calls().exceeded());
}
