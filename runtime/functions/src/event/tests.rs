//! Requests and batches as they are read and answered; webhooks as API Gateway sends them, all the way to its answer; and
//! events that nobody would send.

use std::{
    cell::RefCell,
    pin::pin,
    task::{Context, Poll, Waker},
};

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE},
};
use jit_runners_model::contract::{
    environment::Id,
    message::{JobEvent, JobMessage},
};
use jit_runners_runtime::{
    port::{Clock, Observation, Observe, PublishEvents, PublishJobs, SendError},
    time::Time,
    webhook::{WebhookSecret, webhook},
};
use jit_runners_witnesses::json::{ODD, any_change, any_json, changed, nested};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::log::{Line, line};

fn request(value: Value) -> ApiRequest {
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_body_is_the_bytes_that_were_signed() {
    let plain = request(json!({ "body": "{\"a\": 1}", "isBase64Encoded": false }));
    assert_eq!(plain.into_request().body(), b"{\"a\": 1}");
    let encoded = request(json!({ "body": "eyJhIjogMX0=", "isBase64Encoded": true }));
    assert_eq!(encoded.into_request().body(), b"{\"a\": 1}");
    let broken = request(json!({ "body": "no base64!", "isBase64Encoded": true }));
    assert_eq!(broken.into_request().body(), b"no base64!");
    assert_eq!(request(json!({})).into_request().body(), b"");
    assert_eq!(request(json!({ "body": null })).into_request().body(), b"");
}

#[test]
fn headers_are_found_whatever_their_case_and_text() {
    let odd = request(json!({ "headers": { "X-Hub-Signature-256": "sha256=ab", "x-odd": "\u{0}ä\n" } }));
    assert_eq!(odd.into_request().header("x-hub-signature-256"), Some("sha256=ab"));
}

#[test]
fn a_delivery_is_named_unless_its_name_is_none() {
    let named = |id: &str| request(json!({ "headers": { "X-GitHub-Delivery": id } }));
    assert_eq!(named("72d3162e-cc78-11e3").delivery(), Some("72d3162e-cc78-11e3"));
    assert_eq!(named(&"d".repeat(99)).delivery().map(str::len), Some(64));
    assert_eq!(named("a\nlevel=ERROR").delivery(), None);
    assert_eq!(named(&"ä".repeat(40)).delivery(), None);
    assert_eq!(request(json!({})).delivery(), None);
}

#[test]
fn an_answer_is_one_that_the_api_takes() {
    let answer = ApiResponse::from(Response { status: 401, body: "no signature".to_owned() });
    let value = serde_json::to_value(&answer).unwrap();
    assert_eq!((&value["statusCode"], &value["body"]), (&json!(401), &json!("no signature")));
    assert!(value["headers"].is_object());
}

#[test]
fn messages_are_read_with_their_ids() {
    let records = json!({ "Records": [
        { "messageId": "m-1", "body": "one", "attributes": { "ApproximateReceiveCount": "1" } },
        { "messageId": "m-2" },
    ]});
    let messages = serde_json::from_value::<Batch>(records).unwrap().into_messages();
    let told: Vec<_> = messages.iter().map(|it| (it.id.as_str(), it.body.as_str())).collect();
    assert_eq!(told, [("m-1", "one"), ("m-2", "")]);
    assert!(serde_json::from_value::<Batch>(json!({})).unwrap().into_messages().is_empty());
}

#[test]
fn an_answer_names_what_comes_back() {
    let answer = BatchResponse::returning(vec!["m-2".to_owned()]);
    assert_eq!(
        serde_json::to_value(answer).unwrap(),
        json!({ "batchItemFailures": [{ "itemIdentifier": "m-2" }] })
    );
    let none = serde_json::to_value(BatchResponse::returning(Vec::new())).unwrap();
    assert_eq!(none, json!({ "batchItemFailures": [] }), "an empty list is complete success");
}

const SECRET: &str = "between GitHub and us";

/// Counts messages, and keeps the lines of the log.
#[derive(Default)]
struct Ports {
    sent: RefCell<usize>,
    lines: RefCell<Vec<Line>>,
}

impl PublishJobs for Ports {
    async fn publish_jobs(&self, messages: Vec<JobMessage>) -> Result<(), SendError> {
        *self.sent.borrow_mut() += messages.len();
        Ok(())
    }
}

impl PublishEvents for Ports {
    async fn publish_event(&self, _: JobEvent) -> Result<(), SendError> {
        *self.sent.borrow_mut() += 1;
        Ok(())
    }
}

impl Clock for Ports {
    fn now(&self) -> Time {
        Time::from_millis(1_800_000_000_000)
    }

    async fn sleep_until(&self, _: Time) {
        panic!("the webhook function waits")
    }
}

impl Observe for Ports {
    fn observe(&self, observation: Observation) {
        self.lines.borrow_mut().push(line(observation));
    }
}

fn signature(body: &[u8]) -> String {
    WebhookSecret::new(SECRET).unwrap().sign(body)
}

/// An event of API Gateway, as short as it can be.
fn event(signature: &str, body: &str, is_base64: bool) -> Value {
    json!({
        "version": "2.0", "routeKey": "POST /webhook", "rawPath": "/webhook", "rawQueryString": ODD,
        "headers": { "content-type": "application/json", "x-github-event": "workflow_job", "x-hub-signature-256": signature,
            "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958", "user-agent": ODD },
        "requestContext": { "http": { "method": "POST", "sourceIp": "192.0.2.1" } },
        "body": body, "isBase64Encoded": is_base64,
    })
}

/// Answers an event; returns the status, and how many messages were sent. Neither the answer nor the log may quote
/// the event.
#[track_caller]
fn answered(event: &Value) -> (u16, usize) {
    let request: ApiRequest = serde_json::from_slice(event.to_string().as_bytes()).unwrap();
    let (ports, secret) = (Ports::default(), WebhookSecret::new(SECRET).unwrap());
    let request = request.into_request();
    let response = match pin!(webhook(&ports, &secret, Id(42), &request))
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(response) => response,
        Poll::Pending => panic!("these ports answer at once"),
    };
    let (status, lines) = (response.status, ports.lines.take());
    assert_eq!(lines.len(), usize::from(status == 400), "{lines:?}");
    let said = format!("{} {lines:?}", serde_json::to_string(&ApiResponse::from(response)).unwrap());
    for word in [ODD, SECRET, "sha256="] {
        assert!(!said.contains(word), "{said}");
    }
    (status, ports.sent.take())
}

fn payload() -> Value {
    json!({
        "action": "queued", "workflow_job": { "id": 41, "name": ODD, "labels": ["self-hosted"] },
        "repository": { "full_name": "octo/cat", "description": "ümläut" },
    })
}

#[test]
fn a_webhook_is_answered_however_it_is_handed_over() {
    let body = payload().to_string();
    let right = signature(body.as_bytes());
    assert_eq!(answered(&event(&right, &body, false)), (200, 1));
    assert_eq!(answered(&event(&right, &BASE64_STANDARD.encode(&body), true)), (200, 1));
    for name in ["X-Hub-Signature-256", "X-HUB-SIGNATURE-256", "x-Hub-signature-256"] {
        let mut event = event("", &body, false);
        let headers = event["headers"].as_object_mut().unwrap();
        headers.remove("x-hub-signature-256");
        headers.insert(name.to_owned(), json!(right));
        assert_eq!(answered(&event), (200, 1), "{name}");
    }
}

#[test]
fn what_is_not_the_base64_of_what_was_signed_has_no_effect() {
    let body = payload().to_string();
    let right = signature(body.as_bytes());
    let standard = BASE64_STANDARD.encode(&body);
    for wrong in [
        &format!("{standard}\n"),
        &format!(" {standard}"),
        &standard[1..],
        &standard[..standard.len() - 1],
        "",
        "=",
        ODD,
        "\u{0}",
        &body,
    ] {
        let (status, sent) = answered(&event(&right, wrong, true));
        // Only the body itself, which was signed. A wrong claim that it is base64 changes nothing.
        assert_eq!((status, sent), if wrong == body { (200, 1) } else { (401, 0) }, "{wrong}");
    }
    // A body that every encoding writes differently.
    let mut bodies = (0..9).map(|blanks| format!("{body}{}?>~ÿ", " ".repeat(blanks)));
    let differs = |body: &String| {
        let encoded = BASE64_STANDARD.encode(body);
        encoded.ends_with('=') && encoded.contains(['+', '/'])
    };
    let other = bodies.find(differs).unwrap();
    for encoded in [BASE64_STANDARD_NO_PAD.encode(&other), BASE64_URL_SAFE.encode(&other)] {
        assert_eq!(answered(&event(&signature(other.as_bytes()), &encoded, true)), (401, 0), "{encoded}");
    }
    assert_eq!(answered(&event(&signature(standard.as_bytes()), &standard, true)), (401, 0));
    assert_eq!(answered(&event(&signature(body.as_bytes()), &standard, false)), (401, 0));
}

#[test]
fn bytes_that_are_no_text_come_as_base64_and_are_refused() {
    for bytes in [&[0xff, 0xfe][..], &[0; 1_000], b"\xc3\x28", b""] {
        let encoded = BASE64_STANDARD.encode(bytes);
        assert_eq!(answered(&event(&signature(bytes), &encoded, true)), (400, 0));
        assert_eq!(answered(&event(&signature(b"other"), &encoded, true)), (401, 0));
    }
}

#[test]
fn events_that_lack_something_are_answered() {
    let body = payload().to_string();
    let whole = event(&signature(body.as_bytes()), &body, false);
    for (name, expected) in
        [("headers", (401, 0)), ("body", (401, 0)), ("isBase64Encoded", (200, 1)), ("version", (200, 1))]
    {
        let mut event = whole.clone();
        event.as_object_mut().unwrap().remove(name);
        assert_eq!(answered(&event), expected, "{name}");
    }
    assert_eq!(answered(&json!({})), (401, 0));
    let mut nameless = whole.clone();
    nameless["headers"].as_object_mut().unwrap().remove("x-github-event");
    assert_eq!(answered(&nameless), (400, 0));
    let mut empty = event(&signature(b""), "", false);
    assert_eq!(answered(&empty), (400, 0));
    empty["body"] = Value::Null;
    assert_eq!(answered(&empty), (400, 0));
}

#[test]
fn huge_bodies_and_headers_are_answered() {
    // The largest event of Lambda.
    let huge = " ".repeat(6_000_000);
    assert_eq!(answered(&event(&signature(huge.as_bytes()), &huge, false)), (400, 0));
    assert_eq!(answered(&event(&signature(b"other"), &huge, false)), (401, 0));
    assert_eq!(answered(&event(&huge, "", false)), (401, 0));
    let mut many = event("", "", false);
    for number in 0..10_000 {
        many["headers"][format!("x-{number}")] = json!(ODD);
    }
    assert_eq!(answered(&many), (401, 0));
}

#[test]
fn a_tick_is_one_whatever_it_holds() {
    let deep = nested(100_000, "[", "]");
    for event in
        ["{}", "null", "7", "[[]]", "\"\"", r#"{"detail-type":"Scheduled Event","resources":[{}]}"#, &deep]
    {
        assert_eq!(serde_json::from_str::<Tick>(event).unwrap(), Tick);
    }
}

#[test]
fn messages_are_read_whatever_their_bodies_and_attributes() {
    let bodies = ["", "\u{0}", ODD, &nested(1_000, "[", ""), "\"", "{\"version\":2}"];
    let records: Vec<_> = bodies
        .iter()
        .enumerate()
        .map(|(index, body)| {
            json!({
                "messageId": format!("m-{index}"), "body": body, "receiptHandle": ODD, "eventSource": "aws:sqs",
                "messageAttributes": { ODD: { "binaryValue": null } }, "md5OfBody": 7,
            })
        })
        .collect();
    let batch: Batch = serde_json::from_value(json!({ "Records": records })).unwrap();
    let messages = batch.into_messages();
    let read: Vec<_> = messages.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(read, bodies);
    assert_eq!(messages[5].id, "m-5");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_signed_is_believed_and_nothing_else(body in any::<Vec<u8>>(), place in any::<prop::sample::Index>()) {
        let encoded = event(&signature(&body), &BASE64_STANDARD.encode(&body), true);
        prop_assert_ne!(answered(&encoded).0, 401);
        if let Ok(text) = std::str::from_utf8(&body) {
            prop_assert_ne!(answered(&event(&signature(&body), text, false)).0, 401);
        }
        let mut other = body.clone();
        if other.is_empty() { other.push(0) } else { other[place.index(body.len())] ^= 1 }
        prop_assert_eq!(answered(&event(&signature(&body), &BASE64_STANDARD.encode(&other), true)), (401, 0));
    }

    #[test]
    fn no_event_makes_a_decoder_panic(bytes in any::<Vec<u8>>(), json in any_json()) {
        for event in [bytes, json.to_string().into_bytes()] {
            if let Ok(request) = serde_json::from_slice::<ApiRequest>(&event) {
                let _ = (request.delivery(), format!("{request:?}"));
                let _ = request.into_request();
            }
            if let Ok(batch) = serde_json::from_slice::<Batch>(&event) {
                let _ = batch.into_messages();
            }
            let _ = serde_json::from_slice::<Tick>(&event);
        }
    }

    /// An event without a valid signature has no effect, whatever else it holds.
    #[test]
    fn events_that_are_almost_right(changes in prop::collection::vec(any_change(), 1..4)) {
        let body = payload().to_string();
        let wrong = event(&signature(b"other"), &body, false);
        let wrong = changes.iter().fold(wrong, |event, (place, change)| changed(&event, place, change));
        if serde_json::from_value::<ApiRequest>(wrong.clone()).is_ok() {
            prop_assert_eq!(answered(&wrong), (401, 0));
        }
    }

    #[test]
    fn a_delivery_has_a_name_that_fits_a_log_or_none(name in "[xX]-[gG]ithub-[dD]elivery", id in any::<String>()) {
        let event = json!({ "headers": { name: id } });
        let request: ApiRequest = serde_json::from_value(event).unwrap();
        if let Some(delivery) = request.delivery() {
            prop_assert!(delivery.len() <= 64 && delivery.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
