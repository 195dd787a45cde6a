//! Whatever a template holds, the check ends, in a report or in an error with a place.
#![no_main]

use jit_runners_check::{SourceFile, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let module = SourceFile::new("main.tf", "resource \"aws_sqs_queue\" \"a\" {\n}\n");
    match check(&[module], &SourceFile::new("template.yaml", bytes), None) {
        Ok(_) => {}
        Err(unreadable) => assert!(!unreadable.lines().is_empty()),
    }
});
