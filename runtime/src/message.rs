//! Messages of the queues. Their bodies are read one by one: a body that cannot be read fails alone.
//!
//! ```
//! use jit_runners_runtime::{
//!     message::{LifecycleEvent, Undecodable, decode_event, decode_job},
//!     record::InstanceId,
//! };
//!
//! let event = r#"{
//!     "detail-type": "EC2 Instance State-change Notification",
//!     "detail": { "instance-id": "i-0abc", "state": "terminated" }
//! }"#;
//! assert_eq!(decode_event(event), Ok(LifecycleEvent::Ended { instance: InstanceId::new("i-0abc") }));
//! // A message of a newer release goes back to the queue, whatever else it says.
//! assert_eq!(decode_job(r#"{ "version": 2 }"#), Err(Undecodable::NewerVersion { found: 2 }));
//! ```

use jit_runners_model::contract::message::{JobEvent, JobMessage, VERSION};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::error::Category;

use crate::record::InstanceId;

/// A message of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The id that SQS gave it. A batch response names it by that.
    pub id: String,
    /// Its text.
    pub body: String,
}

/// A message of the lifecycle queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LifecycleEvent {
    /// From the webhook function.
    Job(JobEvent),
    /// EC2 warns that it takes the instance back in two minutes; it does so on a best-effort basis
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>).
    Interrupted {
        /// The instance.
        instance: InstanceId,
    },
    /// The instance is shutting down or has ended. Our instances are never stopped to be started again.
    Ended {
        /// The instance.
        instance: InstanceId,
    },
    /// An event of EC2 that changes nothing here.
    Irrelevant,
}

/// Why a body was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// A newer release wrote it. It goes back to the queue, and is read after the update.
    #[error("a message of version {found} is newer than this release, which reads {VERSION}")]
    NewerVersion {
        /// Its version.
        found: u32,
    },
    /// It is no message of ours.
    #[error("not a message: {reason}")]
    NotAMessage {
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads a message of the scale-up queue.
pub fn decode_job(body: &str) -> Result<JobMessage, Undecodable> {
    decode_versioned(body)
}

/// Reads a message of the lifecycle queue.
pub fn decode_event(body: &str) -> Result<LifecycleEvent, Undecodable> {
    let kind: Kind = parse(body)?;
    match kind.detail_type.as_deref() {
        None => decode_versioned(body).map(LifecycleEvent::Job),
        Some("EC2 Spot Instance Interruption Warning") => parse::<Notice<Warning>>(body)?
            .detail
            .instance_id
            .checked()
            .map(|instance| LifecycleEvent::Interrupted { instance }),
        Some("EC2 Instance State-change Notification") => {
            let StateChange { instance_id, state } = parse::<Notice<StateChange>>(body)?.detail;
            let instance = instance_id.checked()?;
            Ok(match state.as_str() {
                "shutting-down" | "terminated" | "stopping" | "stopped" => LifecycleEvent::Ended { instance },
                _ => LifecycleEvent::Irrelevant,
            })
        }
        Some(_) => Ok(LifecycleEvent::Irrelevant),
    }
}

/// Tells events of EC2 from our own messages, which have no such field.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "detail-type")]
    detail_type: Option<String>,
}

/// The version, whatever else there is.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// An event as `EventBridge` writes it
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html>).
#[derive(Deserialize)]
struct Notice<T> {
    detail: T,
}

/// Of a spot interruption.
#[derive(Deserialize)]
struct Warning {
    #[serde(rename = "instance-id")]
    instance_id: UncheckedId,
}

/// Of a change of an instance's state
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html>).
#[derive(Deserialize)]
struct StateChange {
    #[serde(rename = "instance-id")]
    instance_id: UncheckedId,
    state: String,
}

/// What should be the id of an instance.
#[derive(Deserialize)]
#[serde(transparent)]
struct UncheckedId(String);

impl UncheckedId {
    fn checked(self) -> Result<InstanceId, Undecodable> {
        InstanceId::parse(&self.0)
            .ok_or_else(|| Undecodable::NotAMessage { reason: "no id of an instance".to_owned() })
    }
}

/// Looks at the version first: a newer release may write everything else in another way.
fn decode_versioned<T: DeserializeOwned>(body: &str) -> Result<T, Undecodable> {
    match parse::<Versioned>(body)?.version {
        VERSION => parse(body),
        found if found > VERSION => Err(Undecodable::NewerVersion { found }),
        found => Err(Undecodable::NotAMessage { reason: format!("there is no version {found}") }),
    }
}

fn parse<T: DeserializeOwned>(body: &str) -> Result<T, Undecodable> {
    serde_json::from_str(body).map_err(|error| Undecodable::NotAMessage { reason: reason(&error) })
}

/// What is wrong with a JSON text, and where, without quoting it: the text may hold anything, and this ends in a log.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let words = error.to_string();
    // This complaint names only a field of ours. All others quote what they found.
    let missing = words.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
    let what = match (missing, error.classify()) {
        (Some((field, _)), Category::Data) => format!("`{field}` is missing"),
        (None, Category::Data) => "a value does not fit".to_owned(),
        (_, Category::Io | Category::Syntax | Category::Eof) => "it is not JSON".to_owned(),
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jit_runners_model::{
        Label,
        contract::message::{JobChange, JobRef, Repository},
    };
    use serde_json::{Value, json};

    use super::*;

    fn job() -> JobRef {
        JobRef { repository: Repository::new("octo/cat").unwrap(), job_id: 7, run_attempt: 2 }
    }

    fn labels() -> BTreeSet<Label> {
        [Label::new("self-hosted").unwrap()].into()
    }

    fn message() -> JobMessage {
        JobMessage {
            version: VERSION,
            job: job(),
            labels: labels(),
            queued_at: 5,
            received_at: 6,
            re_enqueued: 1,
        }
    }

    fn event() -> JobEvent {
        let change =
            JobChange::Completed { runner_name: None, runner_id: None, conclusion: "cancelled".into() };
        JobEvent { version: VERSION, job: job(), labels: labels(), change, at: 9 }
    }

    fn warning() -> Value {
        json!({
            "version": "0", "detail-type": "EC2 Spot Instance Interruption Warning", "source": "aws.ec2",
            "detail": { "instance-id": "i-0abc", "instance-action": "terminate" },
        })
    }

    fn state_change(state: &str) -> Value {
        json!({
            "version": "0", "detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2",
            "detail": { "instance-id": "i-0abc", "state": state },
        })
    }

    #[track_caller]
    fn reads(body: &Value, expected: &LifecycleEvent) {
        assert_eq!(decode_event(&body.to_string()).as_ref(), Ok(expected), "{body}");
    }

    #[track_caller]
    fn refuses(body: &str) {
        for error in [decode_job(body).map(drop), decode_event(body).map(drop)] {
            assert!(matches!(error, Err(Undecodable::NotAMessage { .. })), "{body} gave {error:?}");
        }
    }

    /// `value` with `change` made to one of its fields.
    fn with(mut value: Value, field: &str, change: impl Into<Value>) -> Value {
        value[field] = change.into();
        value
    }

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(decode_job(&serde_json::to_string(&message()).unwrap()), Ok(message()));
        reads(&serde_json::to_value(event()).unwrap(), &LifecycleEvent::Job(event()));
    }

    #[test]
    fn fields_of_tomorrow_are_passed_over() {
        let body = with(serde_json::to_value(message()).unwrap(), "since_tomorrow", json!([{}]));
        assert_eq!(decode_job(&body.to_string()), Ok(message()));
    }

    #[test]
    fn events_of_ec2_are_told_apart_by_their_detail_type() {
        let instance = InstanceId::new("i-0abc");
        reads(&warning(), &LifecycleEvent::Interrupted { instance: instance.clone() });
        for state in ["shutting-down", "terminated", "stopping", "stopped"] {
            reads(&state_change(state), &LifecycleEvent::Ended { instance: instance.clone() });
        }
        for state in ["pending", "running", "rebooting"] {
            reads(&state_change(state), &LifecycleEvent::Irrelevant);
        }
        let other = with(warning(), "detail-type", "EC2 Instance Rebalance Recommendation");
        reads(&other, &LifecycleEvent::Irrelevant);
        reads(&with(other, "detail", Value::Null), &LifecycleEvent::Irrelevant);
    }

    #[test]
    fn a_newer_version_is_told_from_nonsense_whatever_else_it_says() {
        for body in [r#"{"version":2}"#, r#"{"version":2,"job":[],"labels":"all"}"#] {
            let newer = Undecodable::NewerVersion { found: 2 };
            assert_eq!(decode_job(body), Err(newer.clone()));
            assert_eq!(decode_event(body), Err(newer));
        }
    }

    #[test]
    fn nonsense_is_no_message() {
        let nonsense = [
            "",
            " ",
            "{",
            "null",
            "7",
            "[]",
            "{}",
            r#"{"version":0}"#,
            r#"{"version":1}"#,
            r#"{"version":"1"}"#,
            r#"{"version":-1}"#,
            r#"{"version":4294967296}"#,
            "\u{feff}{}",
            r#"{"version":1,"version":1}"#,
        ];
        for body in nonsense {
            refuses(body);
        }
        let wrong = [
            ("job", json!(null)),
            ("labels", json!(["UPPER"])),
            ("labels", json!("x")),
            ("labels", json!([1])),
        ];
        for (field, value) in wrong {
            refuses(&with(serde_json::to_value(message()).unwrap(), field, value.clone()).to_string());
            refuses(&with(serde_json::to_value(event()).unwrap(), field, value).to_string());
        }
        let mut job = serde_json::to_value(message()).unwrap();
        job["job"]["repository"] = json!("https://example.com/x");
        refuses(&job.to_string());
    }

    #[test]
    fn an_event_without_an_instance_is_no_message() {
        for id in [
            json!(null),
            json!(""),
            json!("i-"),
            json!("0abc"),
            json!("i-0a#b"),
            json!("i-".repeat(2_000)),
            json!(7),
        ] {
            for event in [warning(), state_change("terminated"), state_change("running")] {
                refuses(&with(event, "detail", json!({ "instance-id": id, "state": "stopped" })).to_string());
            }
        }
        refuses(&with(state_change("stopped"), "detail", json!({ "instance-id": "i-0abc" })).to_string());
        refuses(&with(warning(), "detail", Value::Null).to_string());
    }

    #[test]
    fn a_message_for_one_queue_is_none_for_the_other() {
        assert!(decode_event(&serde_json::to_string(&message()).unwrap()).is_err());
        assert!(decode_job(&serde_json::to_string(&event()).unwrap()).is_err());
        assert!(decode_job(&warning().to_string()).is_err());
    }

    #[test]
    fn depth_and_length_do_no_harm() {
        let deep = "[".repeat(100_000);
        refuses(&deep);
        refuses(&format!("{{\"version\":1,\"x\":{deep}"));
        refuses(&format!("{{\"version\":1,\"change\":{{\"action\":\"completed\",\"x\":{deep}"));
        let long = json!({ "version": 1, "labels": ["X".repeat(100_000)] }).to_string();
        assert!(decode_job(&long).unwrap_err().to_string().len() < 300);
    }

    #[test]
    fn a_refusal_says_where_and_repeats_nothing() {
        let told = |body: &str| decode_job(body).unwrap_err().to_string();
        assert_eq!(told("{"), "not a message: it is not JSON (line 1, column 1)");
        assert_eq!(told("{\n}"), "not a message: `version` is missing (line 2, column 1)");
        let whole = serde_json::to_value(message()).unwrap();
        for odd in [json!("missing field `odd-text`"), json!({ "odd-text": 1 }), json!([1, "odd-text"])] {
            for field in ["version", "job", "labels", "queued_at"] {
                let told = told(&with(whole.clone(), field, odd.clone()).to_string());
                assert!(!told.contains("odd-text") && told.contains("line 1"), "{field}: {told}");
            }
        }
    }
}
