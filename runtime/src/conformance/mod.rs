//! What handlers rely on in a port, as cases. The simulated world and the real services must answer them alike.
//!
//! ```
//! use jit_runners_runtime::conformance::{job_messages, received_jobs};
//!
//! let bodies = job_messages().iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
//! assert!(received_jobs(&bodies).as_slice().is_empty());
//! // A queue that loses one message does not do what handlers rely on.
//! assert_eq!(received_jobs(&bodies[1..]).as_slice().len(), 1);
//! # Ok::<(), serde_json::Error>(())
//! ```

mod compute;
mod github;
mod table;

use std::fmt::Debug;

use jit_runners_model::{
    Label,
    contract::message::{JobChange, JobEvent, JobMessage, JobRef, Repository, VERSION},
};

pub use self::{
    compute::{NOBODYS_IMAGE, compute},
    github::github,
    table::{items, table},
};
use crate::{
    message::{LifecycleEvent, decode_event, decode_job},
    port::{PublishEvents, PublishJobs, SpotRole, Stacks},
};

/// Where a port does not do what handlers rely on.
#[derive(Debug, Default)]
pub struct Differences(Vec<String>);

impl Differences {
    /// Each, in words.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    fn expect<T: PartialEq + Debug>(&mut self, what: &str, found: &T, expected: &T) {
        if found != expected {
            self.0.push(format!("{what}: expected {expected:?}, found {found:?}"));
        }
    }
}

/// Cases for IAM and CloudFormation: a role that exists is created once more, and a stack has a status. The caller
/// may look at `stack`, whose status is `status`, but not at `other`.
pub async fn account(
    ports: &(impl SpotRole + Stacks),
    stack: &str,
    status: &str,
    other: &str,
) -> Differences {
    let mut differences = Differences::default();
    for what in ["a role is made", "a role that is there is made again"] {
        let made = ports.make_sure_of_spot_role().await.map_err(|error| error.to_string());
        differences.expect(what, &made, &Ok(()));
    }
    let told = ports.stack_status(stack).await.map_err(|error| error.to_string());
    differences.expect("the status of a stack", &told, &Ok(status.to_owned()));
    let told = ports.stack_status(other).await;
    differences.expect("the status of no stack of ours", &told.is_err(), &true);
    differences
}

/// Messages for scale-up.
pub fn job_messages() -> Vec<JobMessage> {
    let odd = ["größe:large", "\"<&>\"", "a\u{1}b", "\u{fffe}", "\u{1f600}"];
    let message = |number: usize| {
        let label = odd.get(number).copied().unwrap_or("linux");
        Some(JobMessage {
            version: VERSION,
            job: reference(u64::try_from(number).ok()?)?,
            labels: [Label::new(label).ok()?].into(),
            queued_at: u64::MAX,
            received_at: 9,
            re_enqueued: 3,
        })
    };
    (0..23).filter_map(message).collect()
}

/// A message for lifecycle.
pub fn event_message() -> Option<JobEvent> {
    Some(JobEvent {
        version: VERSION,
        job: reference(1)?,
        labels: [Label::new("größe:large").ok()?].into(),
        change: JobChange::Completed {
            runner_name: None,
            runner_id: None,
            conclusion: "cancelled".to_owned(),
        },
        at: 1,
    })
}

fn reference(job_id: u64) -> Option<JobRef> {
    Some(JobRef { repository: Repository::new("octo-org/cat.food").ok()?, job_id, run_attempt: 1 })
}

/// Cases for the queues: more messages than one call takes, and characters that queues do not accept everywhere
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>). [`received_jobs`]
/// and [`received_events`] compare what arrived.
pub async fn queues(ports: &(impl PublishJobs + PublishEvents)) -> Differences {
    let mut differences = Differences::default();
    differences.expect("jobs are sent", &ports.publish_jobs(job_messages()).await, &Ok(()));
    if let Some(event) = event_message() {
        differences.expect("an event is sent", &ports.publish_event(event).await, &Ok(()));
    }
    differences
}

/// Compares what arrived for scale-up, in any order.
pub fn received_jobs(bodies: &[String]) -> Differences {
    let mut differences = Differences::default();
    let mut found: Vec<_> = bodies.iter().filter_map(|body| decode_job(body).ok()).collect();
    found.sort_by_key(|message| message.job.job_id);
    differences.expect("the messages for scale-up", &found, &job_messages());
    differences
}

/// Compares what arrived for lifecycle.
pub fn received_events(bodies: &[String]) -> Differences {
    let mut differences = Differences::default();
    let found: Vec<_> = bodies.iter().map(|body| decode_event(body)).collect();
    let expected: Vec<_> = event_message().map(LifecycleEvent::Job).map(Ok).into_iter().collect();
    differences.expect("the messages for lifecycle", &found, &expected);
    differences
}
