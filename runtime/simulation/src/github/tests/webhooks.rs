//! Webhooks.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::*;

#[test]
fn a_webhook_says_what_githubs_say() {
    let mut scene = Scene::new(GithubSettings::default());
    let run = scene.push(1, MINUTE);
    let runner = scene.runner("r-1");
    scene.pass(MINUTE * 3);
    let job = scene.world.jobs_of(run).next().unwrap().job.clone();
    let bodies = scene.bodies();
    for body in &bodies {
        assert_eq!(body["repository"]["full_name"], "octo/web");
        assert_eq!(body["repository"]["name"], "web");
        assert_eq!(body["repository"]["owner"]["login"], "octo");
        let it = &body["workflow_job"];
        assert_eq!((it["id"].as_u64(), it["run_id"].as_u64()), (Some(job.job_id), Some(run.id)));
        assert_eq!(it["run_attempt"], 1);
        assert_eq!(it["labels"], serde_json::json!(["linux"]));
        assert_eq!(it["created_at"], "2025-06-15T15:06:40Z");
    }
    let [queued, in_progress, completed] = bodies.as_slice() else { panic!("{bodies:?}") };
    assert_eq!(queued["workflow_job"]["started_at"], queued["workflow_job"]["created_at"]);
    assert!(queued["workflow_job"]["conclusion"].is_null());
    for body in [in_progress, completed] {
        assert_eq!(body["workflow_job"]["runner_name"], "r-1");
        assert_eq!(body["workflow_job"]["runner_id"], runner);
    }
    // It tells of its own moment, though the job was over when the body was read here.
    assert!(in_progress["workflow_job"]["completed_at"].is_null());
    assert_eq!(completed["workflow_job"]["conclusion"], "success");
}

#[test]
fn a_webhook_that_comes_late_tells_of_its_own_moment() {
    let settings = GithubSettings { webhook_delay: (MINUTE * 30, MINUTE * 30), ..GithubSettings::default() };
    let mut scene = Scene::new(settings);
    scene.push(1, MINUTE);
    scene.runner("r-1");
    scene.pass(MINUTE * 60);
    let bodies = scene.bodies();
    assert!(bodies[0]["workflow_job"]["runner_name"] != "r-1");
    assert!(bodies[1]["workflow_job"]["conclusion"].is_null());
    assert_eq!(bodies[2]["workflow_job"]["conclusion"], "success");
}

#[test]
fn labels_come_as_workflows_write_them_and_statuses_lag() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.push(16, MINUTE);
    for index in 0..16 {
        scene.runner(&format!("r-{index}"));
    }
    scene.pass(MINUTE * 3);
    let bodies = scene.bodies();
    let any = |test: &dyn Fn(&serde_json::Value) -> bool| bodies.iter().any(test);
    for label in ["linux", "LINUX"] {
        assert!(any(&|body| body["workflow_job"]["labels"][0] == label), "{label}");
    }
    for status in ["queued", "in_progress"] {
        let lags =
            |it: &serde_json::Value| it["action"] == "in_progress" && it["workflow_job"]["status"] == status;
        assert!(any(&lags), "{status}");
    }
}

#[test]
fn the_signature_is_that_of_the_body() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.push(1, MINUTE);
    scene.pass(MINUTE);
    let Some(GithubEvent::Webhook { headers, body }) = scene.events.first() else { panic!("no webhook") };
    let header = |name| headers.iter().find(|(it, _)| *it == name).map(|(_, value)| value.as_str());
    let code = Hmac::<Sha256>::new_from_slice(b"secret").unwrap().chain_update(body).finalize().into_bytes();
    let hexadecimal: Vec<_> = code.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header("x-hub-signature-256"), Some(format!("sha256={}", hexadecimal.concat()).as_str()));
    assert_eq!(header("x-github-event"), Some("workflow_job"));
}

#[test]
fn webhooks_are_lost_and_doubled_as_often_as_they_should_be() {
    let count = |webhook_lost, webhook_doubled| {
        let mut scene =
            Scene::new(GithubSettings { webhook_lost, webhook_doubled, ..GithubSettings::default() });
        scene.push(1_000, MINUTE);
        scene.pass(MINUTE);
        scene.actions().len()
    };
    assert_eq!(count(0.0, 0.0), 1_000);
    assert_eq!(count(1.0, 0.0), 0);
    assert_eq!(count(0.0, 1.0), 2_000);
    assert!((850..950).contains(&count(0.1, 0.0)));
}

#[test]
fn a_doubled_webhook_has_one_delivery_and_one_body() {
    let mut scene = Scene::new(GithubSettings { webhook_doubled: 1.0, ..GithubSettings::default() });
    scene.push(1, MINUTE);
    scene.pass(MINUTE);
    assert_eq!(scene.events.len(), 2);
    assert_eq!(scene.events[0], scene.events[1]);
}

#[test]
fn late_webhooks_come_out_of_order() {
    let mut scene = Scene::new(GithubSettings { webhook_late: 0.5, ..GithubSettings::default() });
    scene.push(50, MINUTE);
    for index in 0..50 {
        scene.runner(&format!("r-{index}"));
    }
    scene.pass(MINUTE * 30);
    assert_eq!(scene.actions().len(), 150);
    let place = |job: u64, action: &str| {
        let same = |it: &serde_json::Value| it["workflow_job"]["id"] == job && it["action"] == action;
        scene.bodies().iter().position(same).unwrap()
    };
    let ids: Vec<_> = scene.started().iter().map(|(_, job)| job.job_id).collect();
    assert!(ids.iter().any(|id| place(*id, "completed") < place(*id, "in_progress")));
}
