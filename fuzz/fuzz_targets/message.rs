//! Whatever a message of a queue holds, it is read or refused in few words; and what is read is written and read again.
#![no_main]

use jit_runners_model::contract::message::VERSION;
use jit_runners_runtime::{
    message::{LifecycleEvent, Undecodable, decode_event, decode_job},
    record::InstanceId,
};
use libfuzzer_sys::fuzz_target;

/// Refusals end in a log: their words are ours.
fn is_refused_in_few_words(refusal: &Undecodable) {
    let words = refusal.to_string();
    assert!(words.is_ascii() && words.len() < 120, "{words}");
}

fuzz_target!(|body: &str| {
    match decode_job(body) {
        Ok(message) => {
            assert_eq!(message.version, VERSION);
            let again = serde_json::to_string(&message).expect("a message can be written");
            assert_eq!(decode_job(&again), Ok(message));
        }
        Err(refusal) => is_refused_in_few_words(&refusal),
    }
    match decode_event(body) {
        Ok(LifecycleEvent::Job(event)) => {
            assert_eq!(event.version, VERSION);
            let again = serde_json::to_string(&event).expect("an event can be written");
            assert_eq!(decode_event(&again), Ok(LifecycleEvent::Job(event)));
        }
        Ok(LifecycleEvent::Interrupted { instance } | LifecycleEvent::Ended { instance }) => {
            assert!(InstanceId::parse(instance.as_str()).is_some(), "{instance}");
        }
        Ok(LifecycleEvent::Irrelevant) => {}
        Err(refusal) => is_refused_in_few_words(&refusal),
    }
});
