//! Runs and jobs, and the webhooks about them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jit_runners_runtime::port::GithubJobStatus;
use sha2::Sha256;

use super::*;

#[test]
fn a_job_runs_once_a_runner_listens_and_the_registration_is_gone_after_it() {
    let mut scene = Scene::new(GithubSettings::default());
    let run = scene.push(1, MINUTE);
    scene.pass(MINUTE);
    assert!(scene.started().is_empty());
    let runner = scene.runner("r-1");
    scene.pass(Duration::from_secs(10));
    assert_eq!(scene.started().len(), 1);
    assert_eq!(scene.started()[0].0, runner);
    assert!(scene.world.registrations().all(|it| it.busy && it.online && it.job.is_some()));
    scene.pass(MINUTE);
    assert_eq!(scene.ended(), [runner]);
    assert_eq!(scene.world.registrations().count(), 0);
    assert_eq!(scene.world.open_jobs(), 0);
    assert_eq!(scene.actions(), ["queued", "in_progress", "completed"]);
    let view = scene.world.jobs_of(run).next().unwrap();
    assert_eq!((view.conclusion, view.runner_name), (Some("success"), Some("r-1")));
    assert_eq!(view.completed_at.unwrap().since(view.started_at.unwrap()), MINUTE);
}

#[test]
fn a_job_that_comes_after_its_runner_starts_too() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.runner("r-1");
    scene.pass(MINUTE);
    scene.push(1, MINUTE);
    scene.pass(Duration::from_secs(10));
    assert_eq!(scene.started().len(), 1);
}

#[test]
fn whatever_comes_first_nothing_that_fits_is_left_waiting() {
    for seed in 0..50 {
        let mut scene = Scene::of_seed(GithubSettings::default(), seed);
        for index in 0..20 {
            scene.pass(Duration::from_millis(seed * 37 % 900));
            if (seed >> (index % 6)) & 1 == 0 {
                scene.push(1, MINUTE);
                scene.runner(&format!("r-{index}"));
            } else {
                scene.runner(&format!("r-{index}"));
                scene.push(1, MINUTE);
            }
        }
        scene.pass(MINUTE * 2);
        assert_eq!(scene.ended().len(), 20, "seed {seed}");
    }
}

#[test]
fn a_runner_gets_any_job_that_fits_and_mostly_the_oldest() {
    let oldest = |oldest_first| {
        let first = (0..200).filter(|seed| {
            let settings = GithubSettings { oldest_first, ..GithubSettings::default() };
            let mut scene = Scene::of_seed(settings, *seed);
            let run = scene.push(5, MINUTE);
            scene.pass(MINUTE);
            scene.runner("r-1");
            scene.pass(Duration::from_secs(10));
            scene.started()[0].1 == *scene.world.jobs_of(run).next().unwrap().job
        });
        first.count()
    };
    assert_eq!(oldest(1.0), 200);
    assert!((120..200).contains(&oldest(0.8)));
    assert!((10..80).contains(&oldest(0.0)));
}

#[test]
fn a_job_goes_to_a_runner_with_all_of_its_labels_only() {
    let mut scene = Scene::new(GithubSettings::default());
    let job = |texts: &[&str]| NewJob { labels: labels(texts), duration: MINUTE, ..NewJob::default() };
    let run = scene.world.push(START, &repository(), vec![job(&["gpu", "linux"]), job(&["x64"])]);
    scene.runner("r-1");
    scene.runner("r-2");
    scene.pass(MINUTE * 10);
    let statuses: Vec<_> = scene.world.jobs_of(run).map(|it| it.status).collect();
    assert_eq!(statuses, [GithubJobStatus::Queued, GithubJobStatus::Completed]);
}

#[test]
fn an_organizations_runner_takes_jobs_of_any_of_its_repositories() {
    let mut scene = Scene::new(GithubSettings::default());
    let job = |label| NewJob { labels: labels(&[label]), duration: MINUTE, ..NewJob::default() };
    scene.world.push(START, &Repository::new("octo/api").unwrap(), vec![job("linux")]);
    scene.world.push(START, &Repository::new("other/web").unwrap(), vec![job("linux")]);
    for name in ["r-1", "r-2"] {
        let registration = Registration {
            target: RegistrationTarget::Organization("octo".to_owned()),
            ..registration(name)
        };
        let encoded = scene.world.register(scene.now, &registration).unwrap().encoded;
        scene.world.connect(scene.now, &encoded).unwrap();
    }
    scene.pass(MINUTE * 10);
    assert_eq!(scene.started().len(), 1);
    assert_eq!(scene.started()[0].1.repository.as_str(), "octo/api");
}

#[test]
fn a_held_job_waits_for_its_gate() {
    let mut scene = Scene::new(GithubSettings::default());
    let job = NewJob {
        labels: labels(&["linux"]),
        duration: MINUTE,
        held_for: Some(MINUTE * 5),
        ..NewJob::default()
    };
    let run = scene.world.push(START, &repository(), vec![job]);
    scene.runner("r-1");
    scene.pass(MINUTE * 4);
    assert_eq!(scene.actions(), ["waiting"]);
    assert_eq!(scene.world.jobs_of(run).next().unwrap().status, GithubJobStatus::Held);
    scene.pass(MINUTE * 3);
    assert_eq!(scene.actions(), ["waiting", "queued", "in_progress", "completed"]);
    assert_eq!(scene.bodies()[1]["workflow_job"]["status"], "waiting");
}

#[test]
fn a_job_that_is_cancelled_before_it_starts_is_over_at_once_and_has_no_runner() {
    let mut scene = Scene::new(GithubSettings::default());
    let run = scene.push(1, MINUTE);
    scene.pass(MINUTE);
    assert!(scene.world.cancel(scene.now, run));
    assert!(!scene.world.cancel(scene.now, run));
    scene.pass(MINUTE);
    assert_eq!(scene.actions(), ["queued", "completed"]);
    let job = &scene.bodies()[1]["workflow_job"];
    assert_eq!(job["conclusion"], "cancelled");
    assert_eq!(job["started_at"], job["completed_at"]);
    assert!(job["runner_id"].is_null() || job["runner_id"] == 0);
    scene.runner("r-1");
    scene.pass(MINUTE);
    assert!(scene.started().is_empty());
}

#[test]
fn a_running_job_that_is_cancelled_ends_seconds_later() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.push(1, MINUTE * 60);
    let runner = scene.runner("r-1");
    scene.pass(MINUTE);
    let job = scene.started()[0].1.clone();
    assert!(scene.world.cancel_job(scene.now, &job));
    assert!(scene.ended().is_empty());
    scene.pass(Duration::from_secs(10));
    assert_eq!(scene.ended(), [runner]);
    assert_eq!(scene.world.look_at(&job).unwrap().conclusion, Some("cancelled"));
}

#[test]
fn a_job_that_is_cancelled_before_its_runner_picked_it_up_leaves_a_ghost() {
    let settings = GithubSettings { pickup_delay: (MINUTE / 2, MINUTE / 2), ..GithubSettings::default() };
    let mut scene = Scene::new(settings);
    let run = scene.push(1, MINUTE);
    let runner = scene.runner("r-1");
    scene.pass(Duration::from_secs(10));
    scene.world.cancel(scene.now, run);
    scene.pass(MINUTE);
    assert_eq!(scene.ghosts(), [runner]);
    assert_eq!(scene.actions(), ["queued", "completed"]);
    assert_eq!(scene.world.registrations().count(), 0);
}

#[test]
fn only_a_run_that_is_over_can_be_run_again_and_its_jobs_are_new() {
    let mut scene = Scene::new(GithubSettings::default());
    let run = scene.push(2, MINUTE);
    assert!(!scene.world.rerun(scene.now, run));
    let first: Vec<_> = scene.world.jobs_of(run).map(|it| it.job.clone()).collect();
    scene.world.cancel(scene.now, run);
    assert!(scene.world.rerun(scene.now, run));
    let second: Vec<_> = scene.world.jobs_of(run).map(|it| it.job.clone()).collect();
    assert_eq!(second.len(), 2);
    for job in &second {
        assert_eq!(job.run_attempt, 2);
        assert!(first.iter().all(|it| it.job_id < job.job_id));
    }
    assert_eq!(scene.world.open_jobs(), 2);
    assert_eq!(scene.world.all_jobs().count(), 4);
}

#[test]
fn a_job_that_is_queued_for_a_day_fails() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.push(1, MINUTE);
    scene.pass(MINUTE * (24 * 60 - 1));
    assert_eq!(scene.world.open_jobs(), 1);
    scene.pass(MINUTE * 2);
    assert_eq!(scene.world.open_jobs(), 0);
    assert_eq!(scene.bodies()[1]["workflow_job"]["conclusion"], "failure");
}

#[test]
fn nothing_is_left_to_do_when_all_is_over() {
    let mut scene = Scene::new(GithubSettings::default());
    scene.push(3, MINUTE);
    for name in ["r-1", "r-2", "r-3"] {
        scene.runner(name);
    }
    scene.pass(MINUTE * 5);
    assert_eq!(scene.world.next_at(), None);
}

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
    // It reports its own moment, although the job was over when the body was read here.
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
    let target = |job: u64, action: &str| {
        let same = |it: &serde_json::Value| it["workflow_job"]["id"] == job && it["action"] == action;
        scene.bodies().iter().position(same).unwrap()
    };
    let ids: Vec<_> = scene.started().iter().map(|(_, job)| job.job_id).collect();
    assert!(ids.iter().any(|id| target(*id, "completed") < target(*id, "in_progress")));
}
