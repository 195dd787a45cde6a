//! The configuration: taken once, and shown to nobody.

use crate::machine::{Machine, TABLE, VERSION};

#[test]
fn it_is_waited_for() {
    let machine = Machine::with_runner(VERSION, "");
    machine.set("take-failures", "2");
    let ended = machine.boot();
    assert!(ended.has_started() && !ended.machine().has_configuration(), "{}", ended.output);
    assert_eq!(ended.count("aws dynamodb delete-item --return-values ALL_OLD"), 3);
    assert_eq!(ended.count("aws "), 3, "and nothing else is asked");
}

#[test]
fn without_it_the_instance_ends() {
    let machine = Machine::with_runner(VERSION, "").that_gives_up();
    machine.without_configuration();
    let ended = machine.boot();
    ended.says("gives up: no configuration came");
    assert_eq!((ended.has_started(), ended.count("shutdown -h now")), (false, 1));
}

#[test]
fn one_call_takes_it() {
    let ended = Machine::with_runner(VERSION, "").boot();
    assert!(ended.has_started(), "{}", ended.output);
    assert_eq!(ended.count("aws "), 1);
}

#[test]
fn what_is_no_configuration_is_not_used() {
    let machine = Machine::with_runner(VERSION, "").that_gives_up();
    machine.set("configuration", "$(date) is no base64");
    let ended = machine.boot();
    assert_eq!((ended.has_started(), ended.count("setpriv ")), (false, 0));
}

#[test]
fn an_odd_name_of_the_table_stays_one_word() {
    let ended = Machine::with_runner(VERSION, "").boot();
    assert!(ended.has_started(), "{}", ended.output);
    let table = format!(" --table-name={TABLE} ");
    assert!(ended.calls.iter().any(|call| call.contains(&table)), "{:#?}", ended.calls);
}

#[test]
fn a_runner_that_repeats_it_does_not_show_it() {
    // That it is in no file and in no command line is asserted for every instance.
    let ended = Machine::with_runner(VERSION, "printf 'got <%s>\\n' \"$input\"").boot();
    ended.says("got <***>");
}
