//! Tokens that are not accepted yet.

use super::*;
use crate::github::issued_at;

#[test]
fn a_young_token_is_refused_and_an_older_one_is_not() {
    let settings = GithubSettings {
        young_token: Duration::from_secs(5),
        young_token_refused: 1.0,
        ..GithubSettings::default()
    };
    let mut scene = Scene::new(settings);
    let accepts =
        |scene: &mut Scene, age: u64| scene.world.accepts_token(START + Duration::from_secs(age), START);
    assert_eq!(status_of(accepts(&mut scene, 4)), (403, "Resource not accessible by integration".to_owned()));
    assert_eq!(accepts(&mut scene, 5), Ok(()));
    scene.world.settings_mut().young_token_refused = 0.0;
    assert_eq!(accepts(&mut scene, 4), Ok(()));
    assert_eq!(scene.world.happened().young_tokens, 1);
}

#[test]
fn a_process_gets_a_new_token_before_its_old_one_ends() {
    let at = |minutes: u32| issued_at(START, START + MINUTE * minutes).since(START);
    assert_eq!([0, 54, 55, 109, 110].map(at), [0, 0, 55, 55, 110].map(|minutes| MINUTE * minutes));
}
