//! Both calls and the answer, on a scripted service.

use std::thread;

use jit_runners_runtime::deployment::{Action, StackRequest};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    query::{Endpoint, Xml},
    *,
};
use crate::scripted::{Service as Scripted, run};

const STACK: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/ours/1";

fn account(service: &Scripted) -> AwsAccount {
    AwsAccount::new(&Cloud::from(service.configuration.clone()))
}

fn error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    )
}

#[test]
fn each_service_is_where_its_partition_has_it() {
    let endpoint = |service: Service, region: &str| {
        let Endpoint { address, region } = service.endpoint(region);
        format!("{address} {region}")
    };
    for (region, iam, cloudformation) in [
        (
            "eu-central-1",
            "https://iam.amazonaws.com us-east-1",
            "https://cloudformation.eu-central-1.amazonaws.com eu-central-1",
        ),
        (
            "us-gov-east-1",
            "https://iam.us-gov.amazonaws.com us-gov-west-1",
            "https://cloudformation.us-gov-east-1.amazonaws.com us-gov-east-1",
        ),
        (
            "cn-northwest-1",
            "https://iam.cn-north-1.amazonaws.com.cn cn-north-1",
            "https://cloudformation.cn-northwest-1.amazonaws.com.cn cn-northwest-1",
        ),
    ] {
        assert_eq!(endpoint(Service::Iam, region), iam);
        assert_eq!(endpoint(Service::CloudFormation, region), cloudformation);
    }
}

#[test]
fn spots_own_role_is_made_or_was_there() {
    let made = Scripted::answering(200, "<CreateServiceLinkedRoleResponse/>");
    assert_eq!(run(account(&made).make_sure_of_spot_role()), Ok(()));
    assert_eq!(
        made.only_request(),
        "Action=CreateServiceLinkedRole&Version=2010-05-08&AWSServiceName=spot%2Eamazonaws%2Ecom"
    );
    let taken = "Service role name AWSServiceRoleForEC2Spot has been taken in this account, please try a different suffix.";
    for (status, code, message) in [(400, "InvalidInput", taken), (409, "EntityAlreadyExists", "it exists")] {
        let there = Scripted::answering(status, error(code, message));
        assert_eq!(run(account(&there).make_sure_of_spot_role()), Ok(()), "{code}");
    }
}

#[test]
fn a_refusal_keeps_its_code_and_what_is_no_answer_is_unknown() {
    let refused = |status, body: String| {
        let service = Scripted::answering(status, body);
        run(account(&service).make_sure_of_spot_role()).unwrap_err()
    };
    for (status, code) in [(403, "AccessDenied"), (400, "InvalidInput"), (400, "Throttling")] {
        let expected = AccountError::Refused { code: code.to_owned(), message: "no & no".to_owned() };
        assert_eq!(refused(status, error(code, "no &amp; no")), expected);
    }
    for (status, body) in [(503, "<html/>"), (500, ""), (400, "no XML"), (302, "<a><Error/></a>")] {
        assert!(matches!(refused(status, body.to_owned()), AccountError::Unknown(_)), "{status} {body}");
    }
}

fn described(stack: &str) -> String {
    format!(
        "<DescribeStacksResponse xmlns='http://cloudformation.amazonaws.com/doc/2010-05-15/'><DescribeStacksResult><Stacks>\
         <member><Tags><member><Key>StackStatus</Key><Value>CREATE_COMPLETE</Value></member></Tags>\
         <StackId>{stack}</StackId><StackStatus>DELETE_IN_PROGRESS</StackStatus></member></Stacks>\
         </DescribeStacksResult></DescribeStacksResponse>"
    )
}

#[test]
fn a_stack_says_where_it_stands_and_no_other_does_it_for_it() {
    let service = Scripted::answering(200, described(STACK));
    assert_eq!(run(account(&service).stack_status(STACK)), Ok("DELETE_IN_PROGRESS".to_owned()));
    let asked = service.only_request();
    assert!(
        asked.ends_with(
            "&StackName=arn%3Aaws%3Acloudformation%3Aeu%2Dwest%2D1%3A123456789012%3Astack%2Fours%2F1"
        ),
        "{asked}"
    );
    for body in [
        described("arn:aws:cloudformation:eu-west-1:1:stack/theirs/1"),
        "<DescribeStacksResponse/>".to_owned(),
        String::new(),
    ] {
        let service = Scripted::answering(200, body);
        assert!(matches!(run(account(&service).stack_status(STACK)), Err(AccountError::Unknown(_))));
    }
}

/// A request whose answer `service` waits for.
fn request(service: &Scripted) -> StackRequest {
    let endpoint = service.configuration.endpoint_url().unwrap();
    let url = format!("{endpoint}/bucket/x?X-Amz-Signature=hidden");
    StackRequest {
        action: Some(Action::Delete),
        address: AnswerAddress::parse(&url, Some(endpoint)).unwrap(),
        stack: STACK.to_owned(),
        request: "r-1".to_owned(),
        logical_id: "Runners".to_owned(),
        physical_id: None,
    }
}

#[test]
fn an_answer_lies_where_it_is_waited_for() {
    let service = Scripted::answering(200, "");
    let request = request(&service);
    let answer = request.answer("ours", Err("i-1 still shuts down; delete again"));
    assert_eq!(run(account(&service).answer(&request.address, &answer)), Ok(()));
    let sent: Value = serde_json::from_str(&service.only_request()).unwrap();
    assert_eq!((&sent["Status"], &sent["RequestId"]), (&json!("FAILED"), &json!("r-1")));
}

#[test]
fn who_does_not_take_an_answer_is_told_without_the_address() {
    let service =
        Scripted::answering(403, "<Error><Code>AccessDenied</Code><Resource>hidden</Resource></Error>");
    let request = request(&service);
    let answer = request.answer("ours", Ok::<_, String>(()));
    let refused = run(account(&service).answer(&request.address, &answer)).unwrap_err();
    assert!(matches!(&refused, AccountError::Refused { code, .. } if code == "403"), "{refused:?}");
    let address =
        AnswerAddress::parse("http://localhost:9/x?X-Amz-Signature=hidden", Some("http://localhost"))
            .unwrap();
    let unsent = run(account(&service).answer(&address, &answer)).unwrap_err();
    for told in [format!("{refused:?} {refused}"), format!("{unsent:?} {unsent}")] {
        assert!(!told.contains("hidden") && !told.contains("localhost"), "{told}");
    }
}

#[test]
fn a_function_that_panics_answers_first() {
    let service = Scripted::answering(200, "");
    let request = request(&service);
    answer_when_panicking();
    let panicked = thread::spawn(move || {
        drop(PanicAnswer::prepared(&request, "theirs"));
        let _answer = PanicAnswer::prepared(&request, "ours");
        panic!("in the middle")
    });
    assert!(panicked.join().is_err());
    let sent: Value = serde_json::from_str(&service.only_request()).unwrap();
    assert_eq!((&sent["Status"], &sent["PhysicalResourceId"]), (&json!("FAILED"), &json!("ours")));
    // Nobody waits any more.
    assert!(thread::spawn(|| panic!("afterwards")).join().is_err());
}

proptest! {
    #[test]
    fn no_answer_breaks_the_reader(text in any::<String>(), inner in "[<>/a-z\"= &;!?\\[\\]-]{0,80}") {
        for xml in [text, inner.clone(), format!("<Error><Code>{inner}</Code></Error>"), described(&inner)] {
            let _ = Xml(xml).text(&["DescribeStacksResult", "Stacks", "member", "StackStatus"]);
        }
    }
}
