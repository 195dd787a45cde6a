//! Whatever scale-down is invoked with, it is a tick, a request, or refused; and what is answered is short, and goes to AWS.
#![no_main]

use jit_runners_runtime::deployment::{Event, Request};
use libfuzzer_sys::fuzz_target;

const EMULATOR: &str = "http://127.0.0.1:4566";

fuzz_target!(|body: &str| {
    for emulator in [None, Some(EMULATOR)] {
        let Ok(event) = serde_json::from_str::<Event>(body) else { return };
        match event.request(emulator) {
            Ok(Some(Request::Stack(request))) => {
                let address = request.address.expose();
                let host = address
                    .split('/')
                    .nth(2)
                    .unwrap_or_default()
                    .split(['?', '#'])
                    .next()
                    .unwrap_or_default();
                let is_of_aws = address.starts_with("https://cloudformation-custom-resource-response-")
                    && (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"));
                assert!(is_of_aws || emulator.is_some() && address.starts_with("http://"), "{address}");
                assert!(!format!("{request:?}").contains(address), "the address is told");
                let answer = request.answer("ours", Err(body));
                let known = answer.stack_id.len()
                    + answer.request_id.len()
                    + answer.logical_resource_id.len()
                    + answer.physical_resource_id.len();
                // What is repeated as it came cannot be made shorter.
                assert!(answer.body().len() <= 4_096 || known > 500, "{}", answer.body().len());
            }
            Ok(Some(Request::Terraform(_))) => assert!(body.contains("tf") || body.contains('\\')),
            Ok(None) => {}
            Err(refusal) => assert!(refusal.to_string().len() < 120),
        }
    }
});
