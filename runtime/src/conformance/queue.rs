//! Cases for the queues: more messages than one call takes, and characters that queues are particular about
//! (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>).

use jit_runners_model::{
    Label,
    contract::message::{JobChange, JobEvent, JobMessage, JobRef, Repository, VERSION},
};

use super::Differences;
use crate::{
    message::{LifecycleEvent, decode_event, decode_job},
    port::{PublishEvents, PublishJobs},
};

/// Messages for scale-up.
pub fn jobs() -> Vec<JobMessage> {
    let odd = ["größe:large", "\"<&>\"", "a\u{1}b", "\u{fffe}", "\u{1f600}"];
    let message = |number: usize| {
        let label = odd.get(number).copied().unwrap_or("linux");
        Some(JobMessage {
            version: VERSION,
            job: reference(u64::try_from(number).ok()?)?,
            labels: [Label::new(label).ok()?].into(),
            queued_at: u64::MAX,
            re_enqueued: 3,
        })
    };
    (0..23).filter_map(message).collect()
}

/// A message for lifecycle.
pub fn event() -> Option<JobEvent> {
    Some(JobEvent {
        version: VERSION,
        job: reference(1)?,
        labels: [Label::new("größe:large").ok()?].into(),
        change: JobChange::Completed { runner_name: None, conclusion: "cancelled".to_owned() },
        at: 1,
    })
}

fn reference(job_id: u64) -> Option<JobRef> {
    Some(JobRef { repository: Repository::new("octo-org/cat.food").ok()?, job_id, run_attempt: 1 })
}

/// Sends all of them. What arrived is for [`received_jobs`] and [`received_events`].
pub async fn publish(ports: &(impl PublishJobs + PublishEvents)) -> Differences {
    let mut differences = Differences::default();
    differences.expect("jobs are sent", &ports.publish_jobs(jobs()).await, &Ok(()));
    if let Some(event) = event() {
        differences.expect("an event is sent", &ports.publish_event(event).await, &Ok(()));
    }
    differences
}

/// Compares what arrived for scale-up, in whatever order.
pub fn received_jobs(bodies: &[String]) -> Differences {
    let mut differences = Differences::default();
    let mut found: Vec<_> = bodies.iter().filter_map(|body| decode_job(body).ok()).collect();
    found.sort_by_key(|message| message.job.job_id);
    differences.expect("the messages for scale-up", &found, &jobs());
    differences
}

/// Compares what arrived for lifecycle.
pub fn received_events(bodies: &[String]) -> Differences {
    let mut differences = Differences::default();
    let found: Vec<_> = bodies.iter().map(|body| decode_event(body)).collect();
    let expected: Vec<_> = event().map(LifecycleEvent::Job).map(Ok).into_iter().collect();
    differences.expect("the messages for lifecycle", &found, &expected);
    differences
}
