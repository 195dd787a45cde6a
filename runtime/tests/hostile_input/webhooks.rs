//! Odd bodies with a valid signature lead to one message, to none, or to a refusal, and are never quoted.

use std::thread;

use jit_runners_model::contract::message::JobChange;
use jit_runners_witnesses::json::nested;
use serde_json::{Value, json};

use crate::{
    payload::{payload, with},
    ports::{ODD, Outcome, delivered},
};

/// Status, number of messages, and number of observations.
const QUEUED: (u16, usize, usize) = (200, 1, 0);
const IGNORED: (u16, usize, usize) = (200, 0, 0);
const UNSERVABLE: (u16, usize, usize) = (200, 0, 1);
const REFUSED: (u16, usize, usize) = (400, 0, 1);

/// `event` with `body` is answered with `status` after `sent` messages, and its content is not quoted.
#[track_caller]
fn leads_to(event: &str, body: impl AsRef<[u8]>, (status, sent, told): (u16, usize, usize)) -> Outcome {
    let outcome = delivered(event, &body);
    let about = String::from_utf8_lossy(&body.as_ref()[..body.as_ref().len().min(200)]).into_owned();
    assert_eq!((outcome.response.status, outcome.sent()), (status, sent), "{about}: {:?}", outcome.response);
    outcome.says_nothing(&about);
    assert_eq!(outcome.told.len(), told, "{about}");
    outcome
}

#[track_caller]
fn job(body: &Value, expected: (u16, usize, usize)) -> Outcome {
    leads_to("workflow_job", body.to_string(), expected)
}

#[test]
fn the_payload_that_others_are_made_of_is_a_good_one() {
    for action in ["queued", "in_progress", "completed"] {
        job(&payload(action), QUEUED);
    }
}

#[test]
fn bodies_that_are_no_json_are_refused() {
    let whole = payload("queued").to_string();
    let form = format!("payload={whole}");
    let with_mark = format!("\u{feff}{whole}");
    let bodies: Vec<Vec<u8>> = vec![
        vec![],
        b" \n\t".to_vec(),
        b"\0".to_vec(),
        ODD.into(),
        form.into(),
        with_mark.into(),
        whole[..whole.len() - 1].into(),
        format!("{whole}{whole}").into(),
        vec![0xff; 100],
        // UTF-16, a control character in a name, and a letter of another encoding in one.
        whole.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        whole.replace("octo", "oc\u{1}to").into(),
        whole
            .replace("large", "l~rge")
            .bytes()
            .map(|byte| if byte == b'~' { b'\xe4' } else { byte })
            .collect(),
    ];
    for body in bodies {
        leads_to("workflow_job", body, REFUSED);
    }
    for body in ["", ODD, "payload={}", "{"] {
        leads_to("ping", body, REFUSED);
    }
}

#[test]
fn a_huge_body_is_read_like_any_other() {
    // The most that reaches a function is 6 MB.
    let blanks = " ".repeat(6_000_000);
    leads_to("workflow_job", &blanks, REFUSED);
    leads_to("workflow_job", format!("{blanks}{}", payload("queued")), QUEUED);
    job(&with("queued", "/workflow_job/name", ODD.repeat(700_000)), QUEUED);
    job(&with("queued", "/workflow_job/steps", vec![json!({ "name": ODD }); 100_000]), QUEUED);
    job(&with("queued", "/workflow_job/labels", vec!["self-hosted"; 400_000]), UNSERVABLE);
    job(&with("queued", "/workflow_job/labels", json!(["self-hosted", "x".repeat(6_000_000)])), UNSERVABLE);
    job(&with("queued", "/repository/full_name", ODD.repeat(700_000)), REFUSED);
    job(&with("queued", "/action", ODD.repeat(700_000)), IGNORED);
}

/// On a small stack, which a parser without a depth limit would overflow.
#[test]
fn deep_json_is_refused_or_passed_over_and_fills_no_stack() {
    let look = || {
        let brackets = [("[", "]"), ("{\"a\":", "}")];
        for (open, close) in brackets {
            for depth in [127, 128, 129, 1_000, 500_000] {
                let deep = nested(depth, open, close);
                let cut = &deep[..deep.len() / 2];
                leads_to("workflow_job", &deep, REFUSED);
                leads_to("ping", cut, REFUSED);
                leads_to("ping", &deep, IGNORED);
                for place in
                    ["/action", "/workflow_job", "/workflow_job/labels", "/workflow_job/id", "/repository"]
                {
                    let body = with("queued", place, "HERE").to_string().replace("\"HERE\"", &deep);
                    leads_to("workflow_job", body, REFUSED);
                }
                // These fields are not read, so their depth does not matter.
                for place in ["/workflow_job/steps", "/sender"] {
                    let body = with("queued", place, "HERE").to_string().replace("\"HERE\"", &deep);
                    leads_to("workflow_job", body, QUEUED);
                }
            }
        }
    };
    thread::Builder::new().stack_size(512 * 1024).spawn(look).unwrap().join().unwrap();
}

#[test]
fn json_of_another_kind_is_refused() {
    let others = [
        json!(null),
        json!(true),
        json!(7),
        json!(ODD),
        json!([]),
        json!({}),
        json!({ ODD: ODD }),
        json!(["queued"]),
        json!([payload("queued")]),
        // A push, and others that have an action as well, but no job.
        json!({ "ref": ODD, "commits": [] }),
        json!({ "action": "completed", "check_run": { "name": ODD }, "repository": { "full_name": "octo/cat" } }),
        json!({ "action": "completed", "workflow_run": { "id": 1 }, "repository": { "full_name": "octo/cat" } }),
        json!({ "action": "queued", "workflow_job": ODD, "repository": ODD }),
    ];
    for other in others {
        job(&other, REFUSED);
    }
    let twice = payload("completed").to_string().replacen('{', "{\"action\":\"queued\",", 1);
    leads_to("workflow_job", twice, REFUSED);
}

#[test]
fn events_that_are_not_ours_are_ignored_whatever_they_hold() {
    for event in ["ping", "push", "workflow_run", "workflow_job\0", " workflow_job", "Workflow_Job", "", ODD]
    {
        for body in [payload("queued"), json!(null), json!([ODD]), json!({ "action": 7 })] {
            leads_to(event, body.to_string(), IGNORED);
        }
    }
}

#[test]
fn actions_that_nobody_knows_are_ignored() {
    for action in ["held", "requeued", "", "QUEUED", "queued ", "queued\0", ODD, "\u{202e}deueuq"] {
        job(&payload(action), IGNORED);
        job(&json!({ "action": action }), IGNORED);
    }
    for action in [json!(null), json!(7), json!(["queued"]), json!({ "queued": null }), json!(true)] {
        job(&with("queued", "/action", action), REFUSED);
    }
}

#[test]
fn labels_of_odd_characters_are_kept_as_they_are_or_the_job_is_not_ours() {
    let kept = [
        "größe=x",
        "🦀",
        "a\"b\\c",
        "${home}",
        "$(reboot)",
        "';--",
        "<b>",
        "a/../b",
        "\u{202e}x",
        "\u{fffe}",
        "#",
        "🦀🦀",
        "a b",
    ];
    for label in kept {
        let outcome = job(&with("queued", "/workflow_job/labels", json!(["self-hosted", label])), QUEUED);
        assert!(outcome.jobs[0].labels.iter().any(|kept| kept.as_str() == label), "{outcome:?}");
    }
    let not_ours = ["", " ", " a", "a,b", "a\nb", "a\0b", "\u{7f}", "\u{a0}", "\u{2028}", &"x".repeat(257)];
    for label in not_ours {
        job(&with("queued", "/workflow_job/labels", json!(["self-hosted", label])), UNSERVABLE);
    }
    let lower = job(&with("queued", "/workflow_job/labels", json!(["Self-Hosted", "GRÖSSE", "İ"])), QUEUED);
    let labels: Vec<_> = lower.jobs[0].labels.iter().map(|label| label.as_str().to_owned()).collect();
    assert_eq!(labels, ["grösse", "i\u{307}", "self-hosted"]);
}

#[test]
fn no_label_a_hundred_labels_and_one_more() {
    let many = |count: usize| -> Vec<String> {
        (1..count).map(|number| format!("label-{number}")).chain(["self-hosted".to_owned()]).collect()
    };
    for action in ["queued", "in_progress", "completed"] {
        job(&with(action, "/workflow_job/labels", json!([])), IGNORED);
        job(&with(action, "/workflow_job/labels", json!(["ubuntu-latest"])), IGNORED);
        job(&with(action, "/workflow_job/labels", many(100)), QUEUED);
        let expected = if action == "queued" { UNSERVABLE } else { IGNORED };
        job(&with(action, "/workflow_job/labels", many(101)), expected);
        for none in [json!(null), json!(ODD), json!({}), json!([null]), json!([7]), json!([["self-hosted"]])]
        {
            job(&with(action, "/workflow_job/labels", none), REFUSED);
        }
    }
}

/// Labels are kept in each message and item about the job, and must not exceed the limits of batches.
#[test]
fn labels_that_are_too_long_together_are_none_of_ours() {
    let many = |label: &str| -> Vec<String> {
        let label = |number| format!("{number:0>2}{label}");
        (1..100).map(label).chain(["self-hosted".to_owned()]).collect()
    };
    for long in ["🦀".repeat(254), "x".repeat(254), "\u{ffff}".repeat(60)] {
        job(&with("queued", "/workflow_job/labels", many(&long)), UNSERVABLE);
    }
    // The longest labels, of characters with the longest encoding.
    for long in ["x".repeat(160), "\"".repeat(160), "\u{ffff}".repeat(53)] {
        let outcome = job(&with("queued", "/workflow_job/labels", many(&long)), QUEUED);
        let written = serde_json::to_string(&outcome.jobs[0]).unwrap().replace('\u{ffff}', "\\uffff");
        assert!(written.len() * 10 < 1_048_576, "{} bytes", written.len());
        let items: usize = outcome.jobs[0].labels.iter().map(|label| label.as_str().len()).sum();
        assert!(items * 100 < 4_000_000 / 2, "{items} bytes");
    }
}

#[test]
fn numbers_that_are_no_ids_are_refused() {
    for (place, wrong) in [
        ("/workflow_job/id", "-1 1.5 1e3 18446744073709551616 1e999 \"41\" null [41] {} true"),
        ("/workflow_job/run_attempt", "-1 4294967296 \"2\" [2] 1.0"),
    ] {
        for number in wrong.split(' ') {
            let body = with("queued", place, "HERE").to_string().replace("\"HERE\"", number);
            leads_to("workflow_job", body, REFUSED);
        }
    }
    let largest = with("queued", "/workflow_job/id", u64::MAX);
    assert_eq!(job(&largest, QUEUED).jobs[0].job.job_id, u64::MAX);
}

#[test]
fn times_that_are_none_cost_no_job() {
    for time in
        ["", ODD, "0000-00-00T00:00:00Z", "-009999-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-02"]
    {
        let mut body = with("queued", "/workflow_job/created_at", time);
        body["workflow_job"]["started_at"] = json!(time);
        let outcome = job(&body, QUEUED);
        assert_eq!(outcome.jobs[0].queued_at, 1_800_000_000_000, "as if it were now: {time}");
    }
}

#[test]
fn runners_are_called_what_people_like() {
    for name in ["", ODD, "jit-runners-i-0a#b-1", "a/../b", "\0", "\u{202e}", &ODD.repeat(10_000)] {
        let outcome = job(&with("in_progress", "/workflow_job/runner_name", name), QUEUED);
        let JobChange::InProgress { runner_name, .. } = &outcome.events[0].change else { panic!() };
        assert_eq!(runner_name, name);
    }
}
