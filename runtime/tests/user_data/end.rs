//! Whatever happens, the instance ends itself.

use crate::machine::{Machine, VERSION};

const FOREVER: &str = ": >\"$world/worker\"; while :; do sleep 1; done";

#[test]
fn a_signal_ends_it() {
    for (signal, code) in [("TERM", "143"), ("INT", "130"), ("HUP", "129")] {
        let running = Machine::with_runner(VERSION, FOREVER).start();
        running.wait_for("worker").signal(signal);
        let ended = running.end();
        ended.says(&format!("ends (code {code})"));
        assert!(ended.runner_is_gone(), "{signal}");
        assert_eq!(ended.count("shutdown -h now"), 1, "{signal}");
    }
}

#[test]
fn a_signal_while_it_asks_for_an_interruption_is_said() {
    let machine = Machine::with_runner(VERSION, "while :; do sleep 1; done");
    machine.set("notice-hangs", "");
    let running = machine.start();
    running.wait_for("looks").signal("TERM");
    running.machine().set("notice-answers", "");
    let ended = running.end();
    ended.says("ends (code 143)");
    assert!(ended.runner_is_gone());
}

#[test]
fn its_own_death_ends_it() {
    let running = Machine::with_runner(VERSION, FOREVER).start();
    running.wait_for("worker").signal("KILL");
    assert_eq!(running.end_beside_its_runner().count("shutdown -h now"), 1);
}

#[test]
fn an_interruption_ends_it_before_it_has_a_runner() {
    let machine = Machine::with_runner(VERSION, "");
    machine.without_configuration().set("notice", "");
    let ended = machine.boot();
    ended.says("will be interrupted");
    assert_eq!(ended.count("shutdown -h now"), 1);
}

#[test]
fn a_refused_shutdown_is_tried_again_and_then_the_power_goes() {
    let machine = Machine::with_runner(VERSION, "");
    machine.set("shutdown-refused", "");
    let ended = machine.boot();
    assert!(ended.count("shutdown -h now") >= 3);
    assert_eq!(ended.machine().file("proc/sysrq-trigger").as_deref(), Some("o\n"));
}

#[test]
fn its_next_boot_is_its_end() {
    let ended = Machine::with_runner(VERSION, "").boot();
    let script = ended.machine().file("var/lib/cloud/scripts/per-boot/jit-runners").unwrap();
    let condition = "grep -qx i-0abc /var/lib/cloud/data/instance-id";
    assert_eq!(script, format!("#!/bin/sh\nif {condition}; then shutdown -h now; fi\n"));
}
