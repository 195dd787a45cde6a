//! Whatever a module's file holds, the check ends, in a report or in an error with a place.
#![no_main]

use jit_runners_check::{SourceFile, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let template = SourceFile::new("template.yaml", "Resources:\n  A:\n    Type: AWS::SQS::Queue\n");
    match check(&[SourceFile::new("main.tf", bytes)], &template, None) {
        Ok(_) => {}
        Err(unreadable) => assert!(!unreadable.lines().is_empty()),
    }
});
