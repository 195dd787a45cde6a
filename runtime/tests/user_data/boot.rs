//! From boot until the runner is there.

use std::os::unix::fs::PermissionsExt as _;

use jit_runners_model::contract::instance::{RUNNER_DIRECTORY, RUNNER_VERSION_FILE};

use crate::machine::{Machine, VERSION};

const JOB: &str = ": >\"$world/worker\"; sleep 1; sleep 1; rm \"$world/worker\"";

#[test]
fn a_stock_image_gets_everything_and_does_its_job() {
    let ended = Machine::stock(JOB).boot();
    assert!(ended.has_started(), "{}", ended.output);
    assert_eq!(
        (ended.count("dnf "), ended.count("useradd "), ended.count("curl --silent --show-error ")),
        (1, 1, 1)
    );
    let url = format!("/releases/download/v{VERSION}/actions-runner-linux-x64-{VERSION}.tar.gz");
    assert!(ended.calls.iter().any(|call| call.ends_with(&url)), "{:#?}", ended.calls);
    ended.says("the runner has a job").says("the runner ended with code 0").says("ends (code 0)");
    assert_eq!(ended.count("shutdown -h now"), 1);
    assert!(!ended.machine().has_file("var/cache/jit-runners/runner.tar.gz"), "the archive is left behind");
}

#[test]
fn an_image_with_the_runner_fetches_nothing() {
    let ended = Machine::with_runner(VERSION, JOB).boot();
    assert!(ended.has_started(), "{}", ended.output);
    assert_eq!(
        (ended.count("dnf "), ended.count("useradd "), ended.count("curl --silent --show-error ")),
        (0, 0, 0)
    );
    assert!(ended.machine().file(&format!("{RUNNER_DIRECTORY}/bin/of-the-image")).is_some());
}

#[test]
fn an_image_with_another_release_fetches_only_the_runner() {
    let ended = Machine::with_runner("2.337.0", JOB).boot();
    assert!(ended.has_started(), "{}", ended.output);
    assert_eq!(
        (ended.count("dnf "), ended.count("useradd "), ended.count("curl --silent --show-error ")),
        (0, 0, 1)
    );
    ended.says("the image has runner 2.337.0, fetches 2.338.0");
    let machine = ended.machine();
    assert_eq!(machine.file(&format!("{RUNNER_DIRECTORY}/bin/of-the-image")), None, "two releases are mixed");
    assert_eq!(machine.file(&format!("{RUNNER_DIRECTORY}/.env")).as_deref(), Some("of the image"));
    assert_eq!(machine.file(RUNNER_VERSION_FILE).as_deref(), Some("2.337.0\n"));
}

#[test]
fn each_architecture_gets_its_own_runner() {
    let machine = Machine::stock(JOB);
    machine.set("machine", "aarch64");
    let ended = machine.boot();
    assert!(ended.has_started(), "{}", ended.output);
    let name = format!("/actions-runner-linux-arm64-{VERSION}.tar.gz");
    assert!(ended.calls.iter().any(|call| call.ends_with(&name)), "{:#?}", ended.calls);
}

#[test]
fn no_other_architecture_has_a_runner() {
    let machine = Machine::stock(JOB);
    machine.set("machine", "riscv64");
    let ended = machine.boot();
    ended.says("no runner for riscv64");
    assert_eq!((ended.has_started(), ended.count("shutdown -h now")), (false, 1));
}

#[test]
fn an_archive_with_a_wrong_checksum_is_refused_and_the_configuration_stays() {
    let machine = Machine::stock(JOB);
    // The user data is rendered for this archive, and another one is downloaded.
    let running = machine.start_with(|machine| {
        machine.set("archive", "not what was released");
    });
    let ended = running.end();
    ended.says("wrong checksum of actions-runner-linux-x64-2.338.0.tar.gz").says("no runner");
    assert_eq!((ended.count("setpriv "), ended.count("aws "), ended.count("shutdown -h now")), (0, 0, 1));
    assert!(ended.machine().has_configuration());
}

#[test]
fn downloads_and_packages_are_tried_again() {
    let machine = Machine::stock(JOB);
    machine.set("download-failures", "2").set("dnf-failures", "1");
    let ended = machine.boot();
    assert!(ended.has_started(), "{}", ended.output);
    assert_eq!((ended.count("curl --silent --show-error "), ended.count("dnf ")), (3, 2));
    ended.says("cannot fetch actions-runner-linux-x64-2.338.0.tar.gz (2 of 5)");
}

#[test]
fn without_a_download_the_configuration_stays() {
    let machine = Machine::with_runner("2.337.0", JOB);
    machine.set("download-failures", "99");
    let ended = machine.boot();
    ended.says("no runner");
    assert_eq!((ended.count("curl --silent --show-error "), ended.count("shutdown -h now")), (5, 1));
    assert!(ended.machine().has_configuration());
}

#[test]
fn without_the_runner_that_its_image_promises_the_configuration_stays() {
    let machine = Machine::with_runner(VERSION, JOB);
    machine.remove_runner();
    let ended = machine.boot();
    ended.says("no runner in ");
    assert_eq!(ended.count("shutdown -h now"), 1);
    assert!(ended.machine().has_configuration());
}

#[test]
fn the_metadata_service_may_be_slow_at_first() {
    let machine = Machine::stock(JOB);
    machine.set("metadata-failures", "3");
    assert!(machine.boot().has_started());
}

#[test]
fn without_the_metadata_service_it_ends() {
    let machine = Machine::stock(JOB).that_gives_up();
    machine.set("metadata-failures", "9999");
    let ended = machine.boot();
    ended.says("gives up: the metadata service does not answer");
    assert_eq!((ended.has_started(), ended.count("shutdown -h now")), (false, 1));
}

#[test]
fn an_installation_that_hangs_is_cut_off() {
    let machine = Machine::stock(JOB).that_gives_up();
    machine.set("dnf-hangs", "");
    let running = machine.start();
    running.wait_for_call("shutdown -h now");
    assert!(running.output().contains("hangs"));
}

/// The memory that the kernel shows on t3.nano, which has 512 MiB.
const SMALL: &str = "466736";
const SWAP: &str = "var/cache/jit-runners/swap";

#[test]
fn with_little_memory_there_is_swap_before_packages_are_installed() {
    let ended = Machine::stock(JOB).with_memory(SMALL, "0").boot();
    assert!(ended.has_started(), "{}", ended.output);
    ended.says("little memory, swaps on the disk");
    let place = |name: &str| ended.calls.iter().position(|call| call.starts_with(name)).unwrap();
    assert!(place("dd ") < place("mkswap ") && place("mkswap ") < place("swapon "), "{:#?}", ended.calls);
    assert!(place("swapon ") < place("dnf "), "{:#?}", ended.calls);
    let mode = std::fs::metadata(ended.machine().path("root").join(SWAP)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "what is in memory may be secret");
}

#[test]
fn swap_is_made_only_where_it_is_missed() {
    for (memory, swap) in [("965200", "0"), (SMALL, "524284"), ("", ""), ("much", "0")] {
        let ended = Machine::stock(JOB).with_memory(memory, swap).boot();
        assert!(ended.has_started(), "{}", ended.output);
        assert_eq!((ended.count("dd "), ended.count("swapon ")), (0, 0), "{memory} and {swap}");
    }
    let ended = Machine::stock(JOB).boot();
    assert!(ended.has_started() && ended.count("dd ") == 0, "{}", ended.output);
    let ended = Machine::with_runner(VERSION, JOB).with_memory(SMALL, "0").boot();
    assert!(ended.has_started() && ended.count("dd ") == 0, "nothing is installed: {}", ended.output);
}

#[test]
fn without_swap_the_boot_goes_on() {
    for tool in ["dd", "mkswap", "swapon"] {
        let machine = Machine::stock(JOB).with_memory(SMALL, "0");
        machine.set(&format!("{tool}-failures"), "9");
        let ended = machine.boot();
        assert!(ended.has_started(), "without {tool}: {}", ended.output);
        ended.says("little memory, and no swap");
        assert!(ended.count("dnf ") == 1 && !ended.machine().has_file(SWAP), "{:#?}", ended.calls);
    }
}
