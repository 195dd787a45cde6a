//! Requests that GitHub did not sign are all refused in the same way, and have no effect.

use jit_runners_runtime::webhook::Request;

use crate::{
    payload::payload,
    ports::{SECRET, handled, signature},
};

/// A request of a queued job with these headers.
fn request(headers: &[(&str, &str)]) -> Request {
    let event = ("x-github-event", "workflow_job");
    Request::new(headers.iter().copied().chain([event]), payload("queued").to_string())
}

#[track_caller]
fn is_refused(request: &Request, about: &str) {
    let outcome = handled(request);
    assert_eq!((outcome.response.status, outcome.sent()), (401, 0), "{about}");
    assert_eq!(outcome.response.body, "no valid signature", "{about}");
    assert_eq!(outcome.told, [], "{about}: anyone could fill the log");
}

#[test]
fn the_right_signature_is_believed() {
    let right = signature(SECRET, payload("queued").to_string().as_bytes());
    for name in ["X-Hub-Signature-256", "x-hub-signature-256", "X-HUB-SIGNATURE-256"] {
        assert_eq!(handled(&request(&[(name, &right)])).sent(), 1, "{name}");
    }
}

#[test]
fn a_signature_that_is_missing_or_malformed_is_refused() {
    let right = signature(SECRET, payload("queued").to_string().as_bytes());
    let digits = right.strip_prefix("sha256=").unwrap();
    let malformed = [
        String::new(),
        "sha256=".to_owned(),
        "sha256".to_owned(),
        digits.to_owned(),
        format!("sha1={digits}"),
        format!("SHA256={digits}"),
        format!("sha256:{digits}"),
        format!("sha256=0x{digits}"),
        format!("sha256={}", &digits[1..]),
        format!("sha256={}", &digits[..32]),
        format!("sha256={digits}{digits}"),
        format!("sha256={}", "0".repeat(64)),
        format!("sha256={}", "g".repeat(64)),
        format!("sha256={}", "é".repeat(32)),
        format!("sha256={}", "0".repeat(5_000_000)),
        format!(" {right}"),
        format!("{right}\n"),
        format!("{right}\0"),
        format!("{right},{right}"),
        format!("\"{right}\""),
    ];
    is_refused(&request(&[]), "none");
    for signature in &malformed {
        let about: String = signature.chars().take(80).collect();
        is_refused(&request(&[("x-hub-signature-256", signature)]), &about);
    }
    for name in ["x-hub-signature", "x-hub-signature-512", "authorization", "x-signature-256"] {
        is_refused(&request(&[(name, &right)]), name);
    }
}

#[test]
fn the_right_signature_of_something_else_is_refused() {
    let body = payload("queued").to_string();
    let others = [
        signature("between GitHub and u", body.as_bytes()),
        signature("between GitHub and us\n", body.as_bytes()),
        signature("Between GitHub and us", body.as_bytes()),
        signature(SECRET, b""),
        signature(SECRET, format!("{body}\n").as_bytes()),
        signature(SECRET, &body.as_bytes()[1..]),
        signature(SECRET, payload("completed").to_string().as_bytes()),
        // As if the event or the header's name were part of what is signed.
        signature(SECRET, format!("workflow_job{body}").as_bytes()),
    ];
    for other in others {
        is_refused(&request(&[("x-hub-signature-256", &other)]), &other);
    }
}

#[test]
fn whatever_is_not_signed_is_not_read() {
    // The answer is the same whatever the body: without a signature, nobody learns what would happen.
    for body in ["", "{", "null", &"[".repeat(1_000_000), "{\"action\":\"queued\"}"] {
        for event in ["workflow_job", "ping", ""] {
            let headers = [("x-github-event", event), ("x-hub-signature-256", "sha256=00")];
            is_refused(&Request::new(headers, body), event);
        }
    }
}
