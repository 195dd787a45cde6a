//! Payloads as they should be.

use serde_json::{Value, json};

use crate::ports::ODD;

/// A payload of `workflow_job` that leads to a message.
pub(crate) fn payload(action: &str) -> Value {
    json!({
        "action": action,
        "workflow_job": {
            "id": 41, "run_id": 5, "run_attempt": 2, "name": ODD, "steps": [{ "name": ODD }],
            "status": "queued", "conclusion": "success", "labels": ["self-hosted", "large"],
            "created_at": "2026-01-02T03:04:05Z", "started_at": "2026-01-02T03:04:05Z",
            "completed_at": "2026-01-02T03:04:05Z", "runner_id": 8, "runner_name": "jit-runners-i-0a-1",
        },
        "repository": { "id": 9, "full_name": "octo/cat", "description": ODD },
        "sender": { "login": ODD, "id": 1 },
    })
}

/// The same, with another value in one place.
pub(crate) fn with(action: &str, pointer: &str, value: impl Into<Value>) -> Value {
    let mut payload = payload(action);
    *payload.pointer_mut(pointer).unwrap() = value.into();
    payload
}
